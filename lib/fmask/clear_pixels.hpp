// SPDX-License-Identifier: Apache-2.0
// From the tests of single pixels to what clear land and clear water look like in this scene.
#pragma once

#include "core/view2d.hpp"
#include "fmask/bit_plane.hpp"
#include "fmask/profile.hpp"
#include "fmask/scene_statistics.hpp"
#include "fmask/surface.hpp"

namespace hls::fmask {

// What may be known of the ground from elsewhere; planes are empty where nothing is.
struct Ground {
    Plane<std::int16_t> elevation_m;
    Plane<std::uint8_t> water_occurrence;  // percent
};

// Snow that no cloud is taken for: spectrally snow, and of even brightness within 5 km. Removes it
// from surface.potential_cloud (Qiu et al. 2019, eq. 3).
void remove_absolute_snow(Surface& surface, double pixel_m, int threads);

// The cirrus reflectance of clear pixels, 1e-4 (2nd percentile), by 100 m of elevation if that is
// known: sets statistics.cirrus_base and cirrus_base_from_m.
void find_cirrus_base(const Surface& surface, const Ground& ground, SceneStatistics& statistics,
                      int threads);

// Takes the base off surface.cirrus and adds what is above 0.01 to surface.potential_cloud.
void apply_cirrus(Surface& surface, const Ground& ground, const SceneStatistics& statistics,
                  int threads);

// Water that is known to be there adds to surface.water where there is no snow. Returns water with
// snow on it too. Sets statistics.water_occurrence_above unless `known`.
BitPlane add_known_water(Surface& surface, const Ground& ground, SceneStatistics& statistics,
                         bool known, int threads);

// Clear pixels by surface, as the profile counts them.
struct ClearPixels {
    BitPlane land, water;
};
ClearPixels clear_pixels(const Surface& surface, const Profile& profile);

// Percentiles of temperature or HOT over clear land and water, and the backgrounds.
void find_clear_percentiles(const Surface& surface, const ClearPixels& clear,
                            SceneStatistics& statistics, int threads);

// What stands for dark ground in the light: the 17.5th percentile of NIR and SWIR1 over `land`;
// where there is none, the darkest valid pixels.
void find_background(const Surface& surface, const BitPlane& land, SceneStatistics& statistics,
                     int threads);

// Lapse of temperature over elevation on clear land between the percentiles, which must be known.
void find_lapse_rate(const Surface& surface, const Ground& ground, const ClearPixels& clear,
                     SceneStatistics& statistics);

// Takes the lapse of temperature with elevation off surface.heat.
void normalise_temperature(Surface& surface, const Ground& ground,
                           const SceneStatistics& statistics, int threads);

// The thresholds of cloud probability over land and water.
void find_thresholds(const Surface& surface, const ClearPixels& clear, const Profile& profile,
                     SceneStatistics& statistics, int threads);

}  // namespace hls::fmask
