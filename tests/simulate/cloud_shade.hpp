// SPDX-License-Identifier: Apache-2.0
// What light is left in the shadow of a cloud, and whether its cloud is in the picture.
#pragma once

#include "simulate/clouds.hpp"
#include "simulate/sky.hpp"

namespace hls::simulate {

// The sky above a place, as a level surface weighs it.
struct SkyDome {
    float hidden = 0;  // part of it that clouds of water take up
    float glow = 0;    // visible light that comes down out of them, relative to sun and clear sky
};

// A cloud that takes the sun away is lit from above itself: what it does not throw back comes out
// of its base in all directions (conservative two-stream transmission less what shadow_of() counts
// as still direct), and the base takes up much of the sky of its shadow. Hence a fifth to a third
// of the light of an open sky, as under real cumulus, where molecules and aerosol alone would leave
// 5 % in the near infrared and make any field look like a lake. Ice is left out: it throws most
// light forward and dims little.
SkyDome sky_dome(const Clouds& clouds, double x, double y, float elevation_m,
                 double cos_sun) noexcept;

// What of a band's light falls where, and what clouds leave of it.
struct BandLight {
    float direct = 1;  // part of a clear sky's that comes from the sun, as direct_fraction()
    float slope = 1;   // direct sunlight on the slope relative to level ground
    float colour = 1;  // of clouds relative to visible light
};

// Light on the ground relative to a clear sky over level ground. Clouds add to what sunlit ground
// gets, too; that is left out, so that clear land obeys the transfer model its truth stands for.
float ground_light(const BandLight& light, const SkyDome& dome, float shadow) noexcept;

// What a sensor takes for the reflectance of shaded ground, part of whose light reaches it by
// scattering from the brighter ground around. `straight` is the part that comes straight up.
float with_surroundings(float ground, float around, float straight, float shadow) noexcept;

// Whether what casts the shadow on a place is seen outside of `extent`. `column` lies towards the
// sun; places as for Clouds.
bool cast_from_outside(const CloudColumn& column, double x, double y, float elevation_m,
                       const Slant& sun, const Slant& view, const MapBox& extent) noexcept;

}  // namespace hls::simulate
