// SPDX-License-Identifier: Apache-2.0
// Digital numbers of a Landsat 8/9 Level-1 product as quantised reflectance and temperature.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fmask/granule_reader.hpp"

namespace hls::fmask {

// Fill is a digital number of 0 in any of the bands used.
class LandsatReader final : public GranuleReader {
 public:
    LandsatReader(const std::string& granule, const GranuleOptions& options);
    ~LandsatReader() override;
    LandsatReader(const LandsatReader&) = delete;
    LandsatReader& operator=(const LandsatReader&) = delete;

    const std::string& product_id() const override;
    SceneTraits traits() const override;
    std::vector<std::string> files() const override;
    std::string sun_source() const override;
    std::string view_source() const override;
    int preferred_strip_rows() const override;
    StripReader strips(int threads) override;
    ViewField view() const override;
    bool saw_temperature() const override;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hls::fmask
