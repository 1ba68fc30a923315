// SPDX-License-Identifier: Apache-2.0
#include "lasrc/atmosphere_function.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.hpp"
#include "lasrc/molecular_reflectance.hpp"

namespace hls::lasrc {
namespace {

using atmosphere::AngleGrid;
using atmosphere::BandTable;
using atmosphere::kAots;
using atmosphere::kPressures;
using atmosphere::kSuns;

constexpr float kInverseStandardPressure = .000987166f;
constexpr float kFirstViewNode = 2.84090f;
constexpr float kViewStep = 6.52107f - 2.84090f;
constexpr float kTransmittanceViewStep = 3.68017f;
constexpr float kSunStep = 4.f;
constexpr float kGreenFixedUm = .560f;

std::size_t cell(int pressure, int aot) {
    return static_cast<std::size_t>(pressure) * kAots + static_cast<std::size_t>(aot);
}

// Last of the first `count` nodes that `value` lies beyond, else 0: lookups extrapolate, never
// clamp.
template <typename Beyond>
int last_node(int count, Beyond beyond) {
    int found = 0;
    for (int i = 0; i < count; ++i)
        if (beyond(static_cast<std::size_t>(i))) found = i;
    return found;
}

// Bilinear weights in sun and view zenith, and where in the packed scattering angles of each of the
// four surrounding directions the scene's scattering angle lies.
struct AngularLookup {
    struct Corner {
        int entry;
        float weight;  // of the entry after it
    };
    std::array<Corner, 4> corners;  // (view, sun), (view, sun+1), (view+1, sun), (view+1, sun+1)
    float sun_weight;               // of the lower sun node
    float view_weight;              // of the lower view node

    float operator()(const float* row) const {
        std::array<float, 4> r;
        for (std::size_t k = 0; k < 4; ++k) {
            const float* value = row + corners[k].entry;
            r[k] = corners[k].weight == 0.f ? value[0]
                                            : value[0] + (value[1] - value[0]) * corners[k].weight;
        }
        return r[3] + view_weight * (r[1] - r[3]) + sun_weight * (r[2] - r[3]) +
               view_weight * sun_weight * (r[0] - r[1] - r[2] + r[3]);
    }
};

AngularLookup::Corner corner_of(const AngleGrid& grid, int view, int sun, float scattering_deg) {
    const int first = grid.first(view, sun);
    const int count = grid.count(view, sun);
    // At nadir or with the sun overhead azimuth does not matter: one entry.
    if (view == 0 || sun == 0 || count < 2) return {first, 0.f};
    const float top = grid.ts_max_deg(view, sun);
    int step = std::max(1, static_cast<int>((top - scattering_deg) * .25f + 1.f));
    float next_deg;
    if (step + 1 < count) {
        next_deg = top - 4.f * static_cast<float>(step);
    } else {
        step = count - 1;
        next_deg = grid.ts_min_deg(view, sun);  // the last interval is shorter than 4 deg
    }
    const float this_deg = top - 4.f * static_cast<float>(step - 1);
    return {first + step - 1, (scattering_deg - this_deg) / (next_deg - this_deg)};
}

AngularLookup angular_lookup(const AngleGrid& grid, const SunViewGeometry& g) {
    const int sun = g.sun_zenith_deg <= 0.f ? 0 : static_cast<int>(g.sun_zenith_deg / kSunStep);
    const int view = g.view_zenith_deg <= kFirstViewNode
                         ? 0
                         : static_cast<int>((g.view_zenith_deg - kFirstViewNode) / kViewStep + 1.f);
    const float cos_scattering =
        -g.cos_sun * g.cos_view - g.cos_azimuth * std::sqrt(1.f - g.cos_sun * g.cos_sun) *
                                      std::sqrt(1.f - g.cos_view * g.cos_view);
    const auto scattering_deg = static_cast<float>(
        std::acos(std::clamp(static_cast<double>(cos_scattering), -1., 1.)) * kRadToDeg);

    const auto s = static_cast<std::size_t>(sun);
    const auto v = static_cast<std::size_t>(view);
    const float sun0 = grid.sun_zenith_deg[s], sun1 = grid.sun_zenith_deg[s + 1];
    const float view0 = grid.view_zenith_deg[v], view1 = grid.view_zenith_deg[v + 1];
    return {
        {corner_of(grid, view, sun, scattering_deg), corner_of(grid, view, sun + 1, scattering_deg),
         corner_of(grid, view + 1, sun, scattering_deg),
         corner_of(grid, view + 1, sun + 1, scattering_deg)},
        (sun1 - g.sun_zenith_deg) / (sun1 - sun0),
        (view1 - g.view_zenith_deg) / (view1 - view0)};
}

// Zenith interpolation of one (pressure, aot) row of the transmittance table.
struct ZenithLookup {
    std::size_t node;
    float weight;

    float operator()(const float* row) const {
        return row[node] + (row[node + 1] - row[node]) * weight;
    }
};

ZenithLookup zenith_lookup(const AngleGrid& grid, float zenith_deg, float first, float step) {
    const int index = zenith_deg <= first ? 0 : static_cast<int>((zenith_deg - first) / step);
    const auto node = static_cast<std::size_t>(std::min(index, kSuns - 2));
    return {node, (zenith_deg - grid.sun_zenith_deg[node]) * .25f};
}

void require_covered(const AngleGrid& grid, const SunViewGeometry& g) {
    if (g.sun_zenith_deg >= 80.f)
        throw Error{Exit::low_sun,
                    fmt::format("sun zenith {:.2f} deg is beyond the tables", g.sun_zenith_deg)};
    const auto views = grid.view_zenith_deg.size();
    if (views < 2 || g.view_zenith_deg >= grid.view_zenith_deg.back())
        throw Error{Exit::bad_input,
                    fmt::format("view zenith {:.2f} deg is beyond the tables", g.view_zenith_deg),
                    "build tables with --views 20"};
}

const atmosphere::BandConstants& constants_of(atmosphere::Sensor sensor, std::string_view band) {
    const auto all = atmosphere::band_constants(sensor);
    const auto found = std::find_if(
        all.begin(), all.end(), [band](const auto& constants) { return constants.name == band; });
    if (found == all.end())
        throw Error{Exit::internal,
                    fmt::format("sensor {} has no band {}", atmosphere::sensor_name(sensor), band)};
    return *found;
}

}  // namespace

AngstromScale AngstromScale::of(float wavelength_um, float extinction) noexcept {
    const float ratio = wavelength_um * (1.f / .55f);
    return {wavelength_um, extinction, std::log2(static_cast<double>(ratio))};
}

float AngstromScale::sampled_model_aot(float aot550, float eps) const noexcept {
    const double ratio = static_cast<double>(wavelength_um) / .55;
    return static_cast<float>(static_cast<double>(aot550 / extinction) *
                              std::pow(ratio, static_cast<double>(-eps)));
}

AtmosphereFunction::Gases AtmosphereFunction::gases(const atmosphere::BandConstants& band,
                                                    const SunViewGeometry& geometry,
                                                    const SceneAir& air) noexcept {
    const double air_mass = static_cast<double>(1.f / geometry.cos_sun + 1.f / geometry.cos_view);
    const double pressure = static_cast<double>(air.pressure_hpa * kInverseStandardPressure);
    const auto water = [&](double column) {
        return column > 1e-6
                   ? static_cast<float>(std::exp(-band.wv_a * std::pow(column, band.wv_b)))
                   : 1.f;
    };
    const auto ozone =
        static_cast<float>(std::exp(band.oz * air_mass * static_cast<double>(air.ozone_cm_atm)));
    const auto other = static_cast<float>(
        std::exp(-(band.og_a1 * pressure) *
                 std::pow(air_mass, std::exp(-(band.og_b0 + band.og_b1 * pressure)))));
    const double water_column = air_mass * static_cast<double>(air.water_vapour_g_cm2);
    return {other * ozone, water(water_column), water(water_column / 2.)};
}

AtmosphereFunction::AtmosphereFunction(const atmosphere::Tables& tables, std::string_view band,
                                       const SunViewGeometry& geometry, const SceneAir& air,
                                       const Quirks& quirks) {
    require_covered(tables.angles, geometry);
    const BandTable& table = tables.band(band);
    const auto& constants = constants_of(tables.sensor, band);

    // Only the extinction at 1050 hPa and AOT .15 is ever used, by the definition of the tables.
    const bool corrected_green =
        !quirks.green_585_nm && tables.sensor == atmosphere::Sensor::oli && band == "3";
    scale_ = AngstromScale::of(corrected_green ? kGreenFixedUm : constants.angstrom_um,
                               table.extinction[cell(0, 3)]);

    const auto& pressures = atmosphere::kPressureHpa;
    const int low =
        last_node(kPressures - 1, [&](std::size_t i) { return air.pressure_hpa < pressures[i]; });
    const float p1 = pressures[static_cast<std::size_t>(low)];
    const float p2 = pressures[static_cast<std::size_t>(low) + 1];
    pressure_weight_ = (air.pressure_hpa - p1) / (p2 - p1);

    const AngularLookup path = angular_lookup(tables.angles, geometry);
    const ZenithLookup down = zenith_lookup(tables.angles, geometry.sun_zenith_deg, 0.f, kSunStep);
    const ZenithLookup up =
        quirks.view_nodes_in_sun_table
            ? zenith_lookup(tables.angles, geometry.view_zenith_deg, kFirstViewNode,
                            kTransmittanceViewStep)
            : zenith_lookup(tables.angles, geometry.view_zenith_deg, 0.f, kSunStep);
    const auto entries = static_cast<std::size_t>(tables.angles.entries);
    for (int p = 0; p < 2; ++p) {
        for (int a = 0; a < kAots; ++a) {
            const auto pi = static_cast<std::size_t>(p);
            const auto ai = static_cast<std::size_t>(a);
            const std::size_t row = cell(low + p, a);
            path_[pi][ai] = path(table.path_reflectance.data() + row * entries);
            const float* transmittance = table.transmittance.data() + row * kSuns;
            sun_transmittance_[pi][ai] = down(transmittance);
            view_transmittance_[pi][ai] = up(transmittance);
            albedo_[pi][ai] = table.spherical_albedo[row];
        }
    }
    molecular_ = molecular_reflectance(
        geometry, constants.tau_rayleigh * (air.pressure_hpa * kInverseStandardPressure));
    gases_ = gases(constants, geometry, air);
}

BandAtmosphere AtmosphereFunction::at(float aot550, float eps) const noexcept {
    const float load = eps < 0.f ? aot550 : scale_.sampled_model_aot(aot550, eps);
    const auto& aots = atmosphere::kAot550;
    const auto& logs = atmosphere::kLogAot550;
    const auto low = static_cast<std::size_t>(
        last_node(kAots - 1, [&](std::size_t i) { return load > aots[i]; }));
    const float weight = (load - aots[low]) / (aots[low + 1] - aots[low]);
    const float log_weight = (std::log(load) - logs[low]) / (logs[low + 1] - logs[low]);

    const auto lookup = [&](const std::array<AotRow, 2>& rows, float aot_weight) {
        const auto in_aot = [&](const AotRow& row) {
            return row[low] + (row[low + 1] - row[low]) * aot_weight;
        };
        const float first = in_aot(rows[0]);
        return first + (in_aot(rows[1]) - first) * pressure_weight_;
    };
    const float path = lookup(path_, log_weight);
    return {(path - molecular_) * gases_.half_water + molecular_,
            lookup(sun_transmittance_, weight) * lookup(view_transmittance_, weight) * gases_.water,
            lookup(albedo_, weight), gases_.ozone_and_other};
}

}  // namespace hls::lasrc
