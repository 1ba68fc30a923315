// SPDX-License-Identifier: Apache-2.0
#include "lasrc/sentinel2_retrieval.hpp"

#include "lasrc/sentinel2_aerosol.hpp"

namespace hls::lasrc {

Sentinel2Retrieval::Sentinel2Retrieval(const Sentinel2Model& model, const Quirks& quirks) noexcept
    : first_nir_(model.bands[kB8A].first_pass),
      first_swir2_(model.bands[kB12].first_pass),
      coastal_(model.bands[kB01].model),
      red_(model.bands[kB04].model),
      nir_(model.bands[kB8A].model),
      cos_sun_(model.geometry.cos_sun),
      eps_coupling_(eps_coupling(quirks.truncated_eps_parabola)),
      unscaled_misfit_(quirks.unscaled_eps_misfit),
      land_({&model.bands[kB01].model, &model.bands[kB02].model, &model.bands[kB04].model,
             &model.bands[kB12].model}),
      water_({&model.bands[kB01].model, &model.bands[kB04].model, &model.bands[kB8A].model,
              &model.bands[kB12].model}),
      low_(land_, kLowEps),
      middle_(land_, kMiddleEps),
      high_(land_, kHighEps),
      water_table_(water_, kWaterEps) {}

float Sentinel2Retrieval::water_index_of(float nir, float swir2) const noexcept {
    return water_index(first_nir_.surface(nir), first_swir2_.surface(swir2));
}

// Whether the extreme of the parabola is no better than the ends of the range. What the reference
// takes for the misfit there lacks the parabola's own coefficients.
bool Sentinel2Retrieval::is_beyond(float eps,
                                   const std::array<AotEstimate, 3>& found) const noexcept {
    if (!(eps >= kLowEps && eps <= kHighEps)) return true;
    if (!unscaled_misfit_) return false;
    constexpr float xa = kLowEps * kLowEps - kHighEps * kHighEps;
    constexpr float xb = kLowEps - kHighEps;
    const float misfit = xa * eps * eps + xb * eps + (found[0].residual - found[2].residual);
    return misfit > found[0].residual || misfit > found[2].residual;
}

Sentinel2Retrieval::LandFit Sentinel2Retrieval::fit_land(const Sentinel2Window& toa,
                                                         const LandTarget& target) const noexcept {
    const FourBands bands{toa.coastal, toa.blue, toa.red, toa.swir2};
    int first_node = 0;
    std::array<AotEstimate, 3> found;
    found[0] = search_aot(land_, low_, bands, target, first_node);
    found[1] = search_aot(land_, middle_, bands, target, first_node);
    found[2] = search_aot(land_, high_, bands, target, first_node);
    const float eps = extreme_eps(found, eps_coupling_);
    if (!is_beyond(eps, found))
        return {search_aot(land_, land_.spectral(eps), bands, target, first_node), eps};
    // The search runs once more: it now starts where the last one left off.
    const bool low = found[0].residual < found[2].residual;
    return {search_aot(land_, low ? low_ : high_, bands, target, first_node),
            low ? kLowEps : kHighEps};
}

bool Sentinel2Retrieval::is_land(const Sentinel2Window& toa, const LandFit& fit) const noexcept {
    const float aot = fit.estimate.aot550;
    if (!(fit.estimate.residual < .015 + .005 * (aot / cos_sun_) + .10 * toa.swir2)) return false;
    const float nir = nir_.surface(toa.all_nir, aot, nir_.scale.spectral(fit.eps));
    const float red = red_.surface(toa.all_red, aot, red_.scale.spectral(fit.eps));
    return nir > .1 && (nir - red) / (nir + red) > 0.f;
}

Sentinel2WindowAerosol Sentinel2Retrieval::on_water(const Sentinel2Window& toa) const noexcept {
    const FourBands bands{toa.coastal, toa.red, toa.nir, toa.swir2};
    int first_node = 0;
    const AotEstimate found = search_aot(water_, water_table_, bands, WaterTarget{}, first_node);
    const float haze = found.aot550 / cos_sun_;
    const float coastal =
        coastal_.surface(toa.coastal, found.aot550, coastal_.scale.spectral(kWaterEps));
    const bool failed = found.residual > .010 + .005 * haze || coastal < 0.f;
    return {found.aot550, kWaterEps,
            failed ? kFlagFailed : static_cast<std::uint8_t>(kFlagValid | kFlagWater)};
}

Sentinel2WindowAerosol Sentinel2Retrieval::retrieve(const Sentinel2Window& toa,
                                                    const ExpectedRatios& ratios) const noexcept {
    const LandFit land = fit_land(toa, {ratios.coastal, ratios.blue, ratios.swir2});
    if (is_land(toa, land)) return {land.estimate.aot550, land.eps, kFlagValid};
    return on_water(toa);
}

}  // namespace hls::lasrc
