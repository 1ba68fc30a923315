// SPDX-License-Identifier: Apache-2.0
// A granule of either sensor, opened and checked, ready to be read strip by strip.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fmask/granule_options.hpp"
#include "fmask/surface.hpp"
#include "fmask/view_field.hpp"

namespace hls::fmask {

class GranuleReader {
 public:
    virtual ~GranuleReader() = default;

    virtual const std::string& product_id() const = 0;
    virtual SceneTraits traits() const = 0;
    virtual std::vector<std::string> files() const = 0;
    // "per pixel", "scene centre" or "given"; of the view also "mean" or "nadir".
    virtual std::string sun_source() const = 0;
    virtual std::string view_source() const = 0;
    virtual int preferred_strip_rows() const = 0;  // as the files are cut

    // Reads rows on several threads: from north to south, once. The reader must outlive it.
    virtual StripReader strips(int threads) = 0;
    // Once all rows were read.
    virtual ViewField view() const = 0;
    // Whether any pixel had a temperature: false where the thermal sensor was off.
    virtual bool saw_temperature() const = 0;
};

// Landsat: throws as scene::open_landsat_l1. Sentinel-2: as scene::open_sentinel2_l1. Both throw
// Error{low_sun} for a sun zenith above 76 degrees.
std::unique_ptr<GranuleReader> open_granule(const std::string& path, const GranuleOptions& options);

}  // namespace hls::fmask
