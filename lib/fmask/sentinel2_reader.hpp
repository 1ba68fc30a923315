// SPDX-License-Identifier: Apache-2.0
// Digital numbers of a Sentinel-2 Level-1C product as quantised reflectance at 20 m.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fmask/granule_reader.hpp"

namespace hls::fmask {

// Bands of 10 m are means of their valid pixels, B10 is repeated. Valid is what has a value in B02,
// B03 and B04: the others hold true zeros in deep shadow before baseline 04.00. Without B07 or B08
// the parallax of clouds is not known, and the traits say so.
class Sentinel2Reader final : public GranuleReader {
 public:
    Sentinel2Reader(const std::string& granule, const GranuleOptions& options);
    ~Sentinel2Reader() override;
    Sentinel2Reader(const Sentinel2Reader&) = delete;
    Sentinel2Reader& operator=(const Sentinel2Reader&) = delete;

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
