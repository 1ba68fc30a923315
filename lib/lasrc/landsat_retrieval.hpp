// SPDX-License-Identifier: Apache-2.0
// Aerosol of one Landsat window: land against the expected band ratios, else water (lasrc.md 7).
#pragma once

#include <array>
#include <cstdint>

#include "lasrc/aot_search.hpp"
#include "lasrc/expected_ratios.hpp"
#include "lasrc/polynomial_model.hpp"
#include "lasrc/quirks.hpp"

namespace hls::lasrc {

// The bands that tell the aerosol: OLI 1, 2, 4, 5, 7.
inline constexpr std::array<int, 5> kRetrievalBands{1, 2, 4, 5, 7};

// One value for each of them.
struct RetrievalPixel {
    float coastal, blue, red, nir, swir2;
};

struct WindowAerosol {
    float aot550 = 0.f;
    float eps = 0.f;
    std::uint8_t flags = 0;  // valid; valid and water; or 0: neither fitted
};

class LandsatRetrieval {
 public:
    // First-pass atmosphere and model of kRetrievalBands; mean cosine of the sun zenith.
    LandsatRetrieval(const std::array<BandAtmosphere, 5>& first_pass,
                     const std::array<PolynomialModel, 5>& models, float cos_sun,
                     const Quirks& quirks) noexcept;

    // First-pass surface reflectance, limited to the valid range, gives the index for
    // expected_ratios().
    float water_index_of(const RetrievalPixel& toa) const noexcept;
    WindowAerosol retrieve(const RetrievalPixel& toa, const ExpectedRatios& ratios) const noexcept;

 private:
    struct LandFit {
        AotEstimate estimate;
        float eps;
        float red_spectral;  // of the red band's scale at eps
    };
    LandFit fit_land(const RetrievalPixel& toa, const LandTarget& target) const noexcept;
    bool is_land(const RetrievalPixel& toa, const LandFit& fit) const noexcept;
    WindowAerosol on_water(const RetrievalPixel& toa) const noexcept;

    std::array<BandAtmosphere, 5> first_pass_;
    std::array<PolynomialModel, 5> models_;
    float cos_sun_;
    float eps_coupling_;
    FourBandModel land_;
    FourBandModel water_;
    NodeTable low_, middle_, high_, water_table_;
};

}  // namespace hls::lasrc
