// SPDX-License-Identifier: Apache-2.0
#include "chip/split.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "chip/draw.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::chip {
namespace {

constexpr double kRadPerDeg = std::numbers::pi / 180;
// GRS 80 and the origin of EPSG:3035.
constexpr double kSemiMajorM = 6378137, kFlattening = 1 / 298.257222101;
constexpr double kOriginLat = 52 * kRadPerDeg, kOriginLonDeg = 10;
constexpr double kFalseEastingM = 4321000, kFalseNorthingM = 3210000;
const double kEccentricity = std::sqrt(kFlattening * (2 - kFlattening));

// Snyder's q, to which the area up to a latitude is proportional.
double authalic(double lat) noexcept {
    const double e = kEccentricity, s = std::sin(lat);
    return (1 - e * e) * (s / (1 - e * e * s * s) + std::atanh(e * s) / e);
}

[[noreturn]] void refuse(std::string_view text) {
    throw Error(
        Exit::usage, fmt::format("'{}' is no split", text),
        "write block:<metres> and three shares that add up to 1: block:10000 0.7,0.15,0.15");
}

}  // namespace

geo::EastNorth europe_laea(geo::LonLat place) noexcept {
    const double q_pole = authalic(std::numbers::pi / 2);
    const double beta0 = std::asin(authalic(kOriginLat) / q_pole);
    const double beta = std::asin(authalic(place.lat_deg * kRadPerDeg) / q_pole);
    const double lon = (place.lon_deg - kOriginLonDeg) * kRadPerDeg;
    const double radius = kSemiMajorM * std::sqrt(q_pole / 2);
    const double e = kEccentricity, s = std::sin(kOriginLat);
    const double m0 = std::cos(kOriginLat) / std::sqrt(1 - e * e * s * s);
    const double d = kSemiMajorM * m0 / (radius * std::cos(beta0));
    const double b = radius * std::sqrt(2 / (1 + std::sin(beta0) * std::sin(beta) +
                                             std::cos(beta0) * std::cos(beta) * std::cos(lon)));
    return {kFalseEastingM + b * d * std::cos(beta) * std::sin(lon),
            kFalseNorthingM + b / d *
                                  (std::cos(beta0) * std::sin(beta) -
                                   std::sin(beta0) * std::cos(beta) * std::cos(lon))};
}

SplitRule parse_split(std::string_view text) {
    const auto words = split_words(text);
    if (words.empty() || words.size() > 2 || !words[0].starts_with("block:")) refuse(text);
    SplitRule rule;
    const auto block = to_double(words[0].substr(6));
    if (!block || *block < 1) refuse(text);
    rule.block_m = *block;
    if (words.size() == 1) return rule;
    const auto shares = split(words[1], ',');
    if (shares.size() != rule.shares.size()) refuse(text);
    double sum = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const auto share = to_double(shares[i]);
        if (!share || *share < 0) refuse(text);
        sum += rule.shares[i] = *share;
    }
    if (std::abs(sum - 1) > 1e-9) refuse(text);
    return rule;
}

std::string format_split(const SplitRule& rule) {
    return fmt::format("block:{} {},{},{}", rule.block_m, rule.shares[0], rule.shares[1],
                       rule.shares[2]);
}

std::string_view split_of(geo::LonLat place, const SplitRule& rule, std::uint64_t seed) {
    const geo::EastNorth point = europe_laea(place);
    const auto block = [&](double metres) {
        return static_cast<std::int64_t>(std::floor(metres / rule.block_m));
    };
    const double u =
        draw(seed, fmt::format("split\x1f{}\x1f{}", block(point.x_m), block(point.y_m)));
    if (u < rule.shares[0]) return "train";
    return u < rule.shares[0] + rule.shares[1] ? "val" : "test";
}

}  // namespace hls::chip
