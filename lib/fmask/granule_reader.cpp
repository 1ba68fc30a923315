// SPDX-License-Identifier: Apache-2.0
#include "fmask/granule_reader.hpp"

#include "fmask/landsat_reader.hpp"
#include "fmask/sentinel2_reader.hpp"
#include "scene/sentinel2_l1.hpp"

namespace hls::fmask {

std::unique_ptr<GranuleReader> open_granule(const std::string& path,
                                            const GranuleOptions& options) {
    if (scene::is_sentinel2_l1(path)) return std::make_unique<Sentinel2Reader>(path, options);
    return std::make_unique<LandsatReader>(path, options);
}

}  // namespace hls::fmask
