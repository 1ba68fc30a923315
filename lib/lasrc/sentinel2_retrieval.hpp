// SPDX-License-Identifier: Apache-2.0
// Aerosol of one Sentinel-2 window: land against the expected band ratios, else water (lasrc.md 7).
#pragma once

#include <array>
#include <cstdint>

#include "lasrc/eps_search.hpp"
#include "lasrc/expected_ratios.hpp"
#include "lasrc/sentinel2_model.hpp"

namespace hls::lasrc {

// Mean TOA reflectance of a window of 6 x 6 pixels.
struct Sentinel2Window {
    float coastal, blue, red, nir, swir2;  // of its valid pixels
    float all_red, all_nir;                // of all its pixels, fill included
};

struct Sentinel2WindowAerosol {
    float aot550 = 0.f;
    float eps = 0.f;
    std::uint8_t flags = 0;  // valid; valid and water; or failed
};

class Sentinel2Retrieval {
 public:
    Sentinel2Retrieval(const Sentinel2Model& model, const Quirks& quirks) noexcept;

    // Of one pixel's TOA reflectance in B8A and B12; gives the index for expected_ratios().
    float water_index_of(float nir, float swir2) const noexcept;
    Sentinel2WindowAerosol retrieve(const Sentinel2Window& toa,
                                    const ExpectedRatios& ratios) const noexcept;

 private:
    struct LandFit {
        AotEstimate estimate;
        float eps;
    };
    LandFit fit_land(const Sentinel2Window& toa, const LandTarget& target) const noexcept;
    bool is_land(const Sentinel2Window& toa, const LandFit& fit) const noexcept;
    Sentinel2WindowAerosol on_water(const Sentinel2Window& toa) const noexcept;
    bool is_beyond(float eps, const std::array<AotEstimate, 3>& found) const noexcept;

    BandAtmosphere first_nir_, first_swir2_;
    PolynomialModel coastal_, red_, nir_;
    float cos_sun_;
    float eps_coupling_;
    bool unscaled_misfit_;
    FourBandModel land_;
    FourBandModel water_;
    NodeTable low_, middle_, high_, water_table_;
};

}  // namespace hls::lasrc
