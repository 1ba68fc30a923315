// SPDX-License-Identifier: Apache-2.0
#include "lasrc/landsat_model.hpp"

#include <string>

namespace hls::lasrc {
namespace {

constexpr float kFirstPassAot = .05f;
constexpr float kFirstPassEps = 2.5f;

}  // namespace

LandsatModel make_landsat_model(const atmosphere::Tables& tables,
                                const granule::LandsatMetadata& metadata,
                                std::span<const int> bands, const SceneAir& air,
                                const Quirks& quirks) {
    LandsatModel model{};
    model.geometry = SunViewGeometry::of(static_cast<float>(metadata.sun_zenith_deg()), 0.f, 0.f);
    for (const int number : bands) {
        const AtmosphereFunction atmosphere(tables, std::to_string(number), model.geometry, air,
                                            quirks);
        const granule::Rescaling rescaling = metadata.reflectance(number);
        model.bands[static_cast<std::size_t>(number - 1)] = {
            {static_cast<float>(rescaling.mult), static_cast<float>(rescaling.add)},
            atmosphere.at(kFirstPassAot, kFirstPassEps),
            fit_polynomial_model(atmosphere, quirks.double_angstrom ? kFirstPassEps : kModelEps,
                                 quirks)};
    }
    return model;
}

LandsatRetrieval make_landsat_retrieval(const LandsatModel& model, const Quirks& quirks) noexcept {
    std::array<BandAtmosphere, kRetrievalBands.size()> first_pass;
    std::array<PolynomialModel, kRetrievalBands.size()> models;
    for (std::size_t i = 0; i < kRetrievalBands.size(); ++i) {
        first_pass[i] = model.band(kRetrievalBands[i]).first_pass;
        models[i] = model.band(kRetrievalBands[i]).model;
    }
    return {first_pass, models, model.geometry.cos_sun, quirks};
}

}  // namespace hls::lasrc
