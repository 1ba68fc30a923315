// SPDX-License-Identifier: Apache-2.0
// Digital numbers of a Landsat 8/9 Level-1 product as quantised reflectance and temperature.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fmask/surface.hpp"
#include "fmask/view_field.hpp"
#include "scene/landsat_l1.hpp"

namespace hls::fmask {

// Angles that replace those of the granule, degrees.
struct AngleOverrides {
    std::optional<double> sun_zenith, sun_azimuth, view_zenith, view_azimuth;
};

// What to do without.
struct Without {
    bool thermal = false;
    bool cirrus = false;
    bool angles = false;    // sun zenith of the scene centre, view from nadir
    bool parallax = false;  // Sentinel-2: bands B07, B08 for the displacement of clouds
};

// A Landsat granule ready to be read, strip by strip.
class LandsatReader {
 public:
    // Throws as scene::open_landsat_l1 and Error{low_sun} for a sun zenith above 76 degrees.
    LandsatReader(const std::string& granule, const std::vector<std::string>& accept,
                  const AngleOverrides& angles, const Without& without);
    ~LandsatReader();
    LandsatReader(LandsatReader&&) noexcept;
    LandsatReader& operator=(LandsatReader&&) noexcept;

    const std::string& product_id() const;
    SceneTraits traits() const;
    std::vector<std::string> files() const;
    // "per pixel", "scene centre" or "given"; and for the view also "nadir".
    std::string sun_source() const;
    std::string view_source() const;
    int preferred_strip_rows() const;  // whole blocks of the files

    // Reads rows on several threads; from north to south, once. Collects the viewing directions
    // too.
    StripReader strips(int threads);
    // Once all rows were read.
    ViewField view() const;
    // Whether any pixel had a temperature: false for a granule whose thermal sensor was off.
    bool saw_temperature() const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hls::fmask
