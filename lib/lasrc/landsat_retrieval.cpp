// SPDX-License-Identifier: Apache-2.0
#include "lasrc/landsat_retrieval.hpp"

#include <algorithm>

#include "lasrc/aerosol_field.hpp"
#include "lasrc/encoding.hpp"
#include "lasrc/eps_search.hpp"

namespace hls::lasrc {
namespace {

// Places in the arrays over kRetrievalBands.
enum : std::size_t { kCoastal, kBlue, kRed, kNir, kSwir2 };

}  // namespace

LandsatRetrieval::LandsatRetrieval(const std::array<BandAtmosphere, 5>& first_pass,
                                   const std::array<PolynomialModel, 5>& models, float cos_sun,
                                   const Quirks& quirks) noexcept
    : first_pass_(first_pass),
      models_(models),
      cos_sun_(cos_sun),
      eps_coupling_(eps_coupling(quirks.truncated_eps_parabola)),
      land_({&models_[kCoastal], &models_[kBlue], &models_[kRed], &models_[kSwir2]}),
      water_({&models_[kCoastal], &models_[kRed], &models_[kNir], &models_[kSwir2]}),
      low_(land_, kLowEps),
      middle_(land_, kMiddleEps),
      high_(land_, kHighEps),
      water_table_(water_, kWaterEps) {}

float LandsatRetrieval::water_index_of(const RetrievalPixel& toa) const noexcept {
    const auto surface = [this](std::size_t band, float value) {
        return limit_reflectance(first_pass_[band].surface(value));
    };
    return water_index(surface(kNir, toa.nir), surface(kSwir2, toa.swir2));
}

LandsatRetrieval::LandFit LandsatRetrieval::fit_land(const RetrievalPixel& toa,
                                                     const LandTarget& target) const noexcept {
    const FourBands bands{toa.coastal, toa.blue, toa.red, toa.swir2};
    int first_node = 0;
    std::array<AotEstimate, 3> found;
    found[0] = search_aot(land_, low_, bands, target, first_node);
    found[1] = search_aot(land_, middle_, bands, target, first_node);
    found[2] = search_aot(land_, high_, bands, target, first_node);

    const float eps = extreme_eps(found, eps_coupling_);
    if (eps >= kLowEps && eps <= kHighEps) {
        const FourBands spectral = land_.spectral(eps);
        return {search_aot(land_, spectral, bands, target, first_node), eps, spectral[2]};
    }
    if (eps < kLowEps) return {found[0], kLowEps, low_.spectral()[2]};
    // Also when the three misfits are equal and eps is not a number.
    return {found[2], kHighEps, high_.spectral()[2]};
}

bool LandsatRetrieval::is_land(const RetrievalPixel& toa, const LandFit& fit) const noexcept {
    const float aot = fit.estimate.aot550;
    if (!(fit.estimate.residual < .015 + .005 * (aot / cos_sun_) + .10 * toa.swir2)) return false;
    const float nir = models_[kNir].surface(toa.nir, aot, models_[kNir].scale.spectral(fit.eps));
    const float red = models_[kRed].surface(toa.red, aot, fit.red_spectral);
    return nir > .1 && (nir - red) / (nir + red) > 0.f;
}

WindowAerosol LandsatRetrieval::on_water(const RetrievalPixel& toa) const noexcept {
    const FourBands bands{toa.coastal, toa.red, toa.nir, toa.swir2};
    int first_node = 0;
    const AotEstimate found = search_aot(water_, water_table_, bands, WaterTarget{}, first_node);
    const float haze = found.aot550 / cos_sun_;
    const PolynomialModel& model = models_[kCoastal];
    const float coastal = model.surface(toa.coastal, found.aot550, water_table_.spectral()[0]);
    const bool failed = found.residual > .010 + .005 * haze || coastal < 0.f;
    return {found.aot550, kWaterEps,
            failed ? std::uint8_t{0} : static_cast<std::uint8_t>(kFlagValid | kFlagWater)};
}

WindowAerosol LandsatRetrieval::retrieve(const RetrievalPixel& toa,
                                         const ExpectedRatios& ratios) const noexcept {
    const LandFit land = fit_land(toa, {ratios.coastal, ratios.blue, ratios.swir2});
    if (is_land(toa, land)) return {land.estimate.aot550, land.eps, kFlagValid};
    return on_water(toa);
}

}  // namespace hls::lasrc
