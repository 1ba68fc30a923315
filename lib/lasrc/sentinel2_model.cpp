// SPDX-License-Identifier: Apache-2.0
#include "lasrc/sentinel2_model.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "atmosphere/bands.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::lasrc {
namespace {

constexpr float kFirstPassAot = .05f;

float through_text(double degrees) {
    return static_cast<float>(to_double(fmt::format("{:.6f}", degrees)).value_or(0));
}

}  // namespace

SunViewGeometry sentinel2_geometry(const granule::Sentinel2Tile& tile) {
    if (tile.mean_views.empty())
        throw Error{Exit::bad_input, fmt::format("{}: no mean viewing angle", tile.source)};
    const auto& view = tile.mean_views.front();
    const float sun_azimuth = through_text(tile.sun_azimuth_deg);
    const float view_azimuth = through_text(view.azimuth_deg);
    const double cosine = std::cos(static_cast<double>(sun_azimuth - view_azimuth) * kDegToRad);
    const auto relative = static_cast<float>(std::acos(cosine) * kRadToDeg);
    return SunViewGeometry::of(through_text(tile.sun_zenith_deg), through_text(view.zenith_deg),
                               relative);
}

Sentinel2Model make_sentinel2_model(const atmosphere::Tables& tables,
                                    const granule::Sentinel2Product& product,
                                    const SunViewGeometry& geometry, const SceneAir& air,
                                    const Quirks& quirks) {
    const auto constants = atmosphere::band_constants(atmosphere::Sensor::msi);
    Sentinel2Model model{geometry, {}};
    const auto scale = static_cast<float>(1. / product.quantification);
    for (std::size_t i = 0; i < model.bands.size(); ++i) {
        auto& band = model.bands[i];
        band.calibration = {static_cast<float>(product.offset[i]), scale};
        if (i == kB10) continue;  // stays what the top of the atmosphere shows
        const AtmosphereFunction atmosphere(tables, constants[i].name, geometry, air, quirks);
        if (i != kB09) band.first_pass = atmosphere.at(kFirstPassAot, kModelEps);
        band.model = fit_polynomial_model(atmosphere, kModelEps, quirks);
    }
    return model;
}

}  // namespace hls::lasrc
