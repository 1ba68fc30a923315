// SPDX-License-Identifier: Apache-2.0
#include "simulate/brdf.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "geo/mgrs.hpp"
#include "tile/target_sun_zenith.hpp"

namespace hls::simulate {
namespace {

constexpr double kPi = std::numbers::pi;

constexpr BrdfShape kBlue{.0774, .0372, .0079}, kGreen{.1306, .0580, .0178},
    kRed{.1690, .0574, .0227}, kNir{.3093, .1535, .0330}, kSwir1{.3430, .1154, .0453},
    kSwir2{.2658, .0639, .0387}, kNone{1, 0, 0};

}  // namespace

std::span<const BrdfShape> oli_shapes() noexcept {
    static constexpr std::array kShapes{kBlue, kBlue, kGreen, kRed, kNir, kSwir1, kSwir2};
    return kShapes;
}

std::span<const BrdfShape> msi_shapes() noexcept {
    static constexpr std::array kShapes{kBlue,
                                        kBlue,
                                        kGreen,
                                        kRed,
                                        BrdfShape{.2085, .0845, .0256},
                                        BrdfShape{.2316, .1003, .0273},
                                        BrdfShape{.2599, .1197, .0294},
                                        kNir,
                                        kNir,
                                        kNone,
                                        kNone,
                                        kSwir1,
                                        kSwir2};
    return kShapes;
}

BrdfKernels brdf_kernels(double sun_zenith, double view_zenith, double relative_azimuth) noexcept {
    const double s = sun_zenith * kPi / 180;
    const double v = view_zenith * kPi / 180;
    const double phi = relative_azimuth * kPi / 180;
    const double cos_phase = std::cos(s) * std::cos(v) + std::sin(s) * std::sin(v) * std::cos(phi);
    const double phase = std::acos(std::clamp(cos_phase, -1.0, 1.0));
    const double volume =
        ((kPi / 2 - phase) * cos_phase + std::sin(phase)) / (std::cos(s) + std::cos(v)) - kPi / 4;

    const double ts = std::tan(s), tv = std::tan(v);
    const double secants = 1 / std::cos(s) + 1 / std::cos(v);
    const double distance2 = ts * ts + tv * tv - 2 * ts * tv * std::cos(phi);
    const double side = ts * tv * std::sin(phi);
    const double cos_t =
        std::clamp(2 * std::sqrt(std::max(0.0, distance2) + side * side) / secants, -1.0, 1.0);
    const double t = std::acos(cos_t);
    const double overlap = (t - std::sin(t) * cos_t) * secants / kPi;
    const double surface = overlap - secants + (1 + cos_phase) / (2 * std::cos(s) * std::cos(v));
    return {volume, surface};
}

double brdf_ratio(const BrdfShape& shape, const BrdfKernels& seen,
                  const BrdfKernels& nadir) noexcept {
    return (shape.isotropic + shape.volume * seen.volume + shape.surface * seen.surface) /
           (shape.isotropic + shape.volume * nadir.volume + shape.surface * nadir.surface);
}

double hls_sun_zenith_deg(const std::string& id, UtcTime day) {
    const auto tile = geo::parse_mgrs_tile(id);
    if (!tile) throw Error{Exit::usage, id + ": no tile of the Sentinel-2 grid"};
    const geo::EastNorth corner = tile->upper_left();
    const geo::LonLat center =
        geo::Utm({tile->zone, false})
            .inverse({corner.x_m + geo::kTileSizeM / 2, corner.y_m - geo::kTileSizeM / 2});
    const CivilDate date = civil_date(day);
    const auto zenith = tile::target_sun_zenith_deg(center, date.year, date.day_of_year);
    if (!zenith)
        throw Error{Exit::usage, "no sun zenith to normalise to so close to a pole",
                    "make the surface Lambertian"};
    return *zenith;
}

}  // namespace hls::simulate
