// SPDX-License-Identifier: Apache-2.0
#include "geo/utm.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace hls::geo {
namespace {

constexpr double kSemiMajor = 6378137.0;
constexpr double kFlattening = 1 / 298.257223563;
constexpr double kScale = 0.9996;
constexpr double kFalseEasting = 500000;
constexpr double kSouthFalseNorthing = 1e7;
constexpr double kDegree = std::numbers::pi / 180;

constexpr double n1 = kFlattening / (2 - kFlattening);
constexpr double n2 = n1 * n1;
constexpr double n3 = n2 * n1;
constexpr double n4 = n2 * n2;
constexpr double n5 = n4 * n1;
constexpr double n6 = n3 * n3;

// Radius of the rectifying sphere times the scale of the central meridian.
constexpr double kRadius = kScale * kSemiMajor / (1 + n1) * (1 + n2 / 4 + n4 / 64 + n6 / 256);

using Series = std::array<double, 6>;

constexpr Series kAlpha{
    n1 / 2 - 2 * n2 / 3 + 5 * n3 / 16 + 41 * n4 / 180 - 127 * n5 / 288 + 7891 * n6 / 37800,
    13 * n2 / 48 - 3 * n3 / 5 + 557 * n4 / 1440 + 281 * n5 / 630 - 1983433 * n6 / 1935360,
    61 * n3 / 240 - 103 * n4 / 140 + 15061 * n5 / 26880 + 167603 * n6 / 181440,
    49561 * n4 / 161280 - 179 * n5 / 168 + 6601661 * n6 / 7257600,
    34729 * n5 / 80640 - 3418889 * n6 / 1995840,
    212378941 * n6 / 319334400,
};

constexpr Series kBeta{
    n1 / 2 - 2 * n2 / 3 + 37 * n3 / 96 - n4 / 360 - 81 * n5 / 512 + 96199 * n6 / 604800,
    n2 / 48 + n3 / 15 - 437 * n4 / 1440 + 46 * n5 / 105 - 1118711 * n6 / 3870720,
    17 * n3 / 480 - 37 * n4 / 840 - 209 * n5 / 4480 + 5569 * n6 / 90720,
    4397 * n4 / 161280 - 11 * n5 / 504 - 830251 * n6 / 7257600,
    4583 * n5 / 161280 - 108847 * n6 / 3991680,
    20648693 * n6 / 638668800,
};

struct Complex {
    double re;
    double im;
};

// Sum of c_j sin(2 j z) for z = xi + i eta, by Clenshaw's recurrence in complex numbers.
Complex sine_series(const Series& c, double xi, double eta) noexcept {
    const double s = std::sin(2 * xi);
    const double co = std::cos(2 * xi);
    const double sh = std::sinh(2 * eta);
    const double ch = std::cosh(2 * eta);
    const Complex a{2 * co * ch, -2 * s * sh};  // 2 cos 2z
    Complex y0{0, 0};
    Complex y1{0, 0};
    for (std::size_t j = c.size(); j-- > 0;) {
        const Complex next{a.re * y0.re - a.im * y0.im - y1.re + c[j],
                           a.re * y0.im + a.im * y0.re - y1.im};
        y1 = y0;
        y0 = next;
    }
    return {s * ch * y0.re - co * sh * y0.im, s * ch * y0.im + co * sh * y0.re};
}

constexpr double kE2 = kFlattening * (2 - kFlattening);
const double kE = std::sqrt(kE2);

// Tangent of the conformal latitude from that of the geodetic one (Karney 2011, eq. 7-9).
double conformal_tangent(double tau) noexcept {
    const double root = std::hypot(1.0, tau);
    const double sigma = std::sinh(kE * std::atanh(kE * tau / root));
    return tau * std::hypot(1.0, sigma) - sigma * root;
}

// Its inverse by Newton steps; two reach full precision, a third costs little (eq. 19-21).
double geodetic_tangent(double tau_conformal) noexcept {
    double tau = tau_conformal / (1 - kE2);
    for (int step = 0; step < 3; ++step) {
        const double guess = conformal_tangent(tau);
        tau += (tau_conformal - guess) / std::hypot(1.0, guess) * (1 + (1 - kE2) * tau * tau) /
               ((1 - kE2) * std::hypot(1.0, tau));
    }
    return tau;
}

double wrap_longitude(double lon_deg) noexcept {
    const double wrapped = std::remainder(lon_deg, 360.0);
    return wrapped == -180.0 ? 180.0 : wrapped;
}

}  // namespace

int utm_epsg(UtmZone zone) noexcept {
    return (zone.south ? 32700 : 32600) + zone.zone;
}

std::optional<UtmZone> utm_zone_of_epsg(int epsg) noexcept {
    const int zone = epsg % 100;
    const int family = epsg - zone;
    if ((family != 32600 && family != 32700) || zone < 1 || zone > 60) return std::nullopt;
    return UtmZone{zone, family == 32700};
}

Utm::Utm(UtmZone zone) noexcept
    : central_meridian_deg_(6.0 * zone.zone - 183),
      false_northing_m_(zone.south ? kSouthFalseNorthing : 0) {}

EastNorth Utm::forward(LonLat place) const noexcept {
    const double lambda = wrap_longitude(place.lon_deg - central_meridian_deg_) * kDegree;
    const double tau = conformal_tangent(std::tan(place.lat_deg * kDegree));
    const double xi = std::atan2(tau, std::cos(lambda));
    const double eta = std::asinh(std::sin(lambda) / std::hypot(tau, std::cos(lambda)));
    const Complex shift = sine_series(kAlpha, xi, eta);
    return {kFalseEasting + kRadius * (eta + shift.im),
            false_northing_m_ + kRadius * (xi + shift.re)};
}

LonLat Utm::inverse(EastNorth point) const noexcept {
    const double xi_map = (point.y_m - false_northing_m_) / kRadius;
    const double eta_map = (point.x_m - kFalseEasting) / kRadius;
    const Complex shift = sine_series(kBeta, xi_map, eta_map);
    const double xi = xi_map - shift.re;
    const double eta = eta_map - shift.im;
    const double sh = std::sinh(eta);
    const double tau_conformal = std::sin(xi) / std::hypot(sh, std::cos(xi));
    const double lambda = std::atan2(sh, std::cos(xi));
    return {wrap_longitude(central_meridian_deg_ + lambda / kDegree),
            std::atan(geodetic_tangent(tau_conformal)) / kDegree};
}

}  // namespace hls::geo
