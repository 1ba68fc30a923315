// SPDX-License-Identifier: Apache-2.0
#include "ancillary/climatology.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace hls::ancillary {
namespace {

constexpr double kRadians = std::numbers::pi / 180.0;
constexpr double kYearDays = 365.25;
constexpr double kWaterScaleHeight = 2000.0;  // m
constexpr double kMidJuly = 197.0;

// Coefficients of Van Heuklon's formula, for the northern and southern hemisphere (milli-atm-cm).
struct OzoneHemisphere {
    double amplitude, latitude_factor, season, season_shift, wave, wave_number;
};
constexpr OzoneHemisphere kNorth{150.0, 1.28, 40.0, -30.0, 20.0, 3.0};
constexpr OzoneHemisphere kSouth{100.0, 1.5, 30.0, 152.625, 20.0, 2.0};
constexpr double kEquatorOzone = 235.0;
constexpr double kDegreesPerDay = 0.9865;

// Columns of the standard atmospheres at |latitude|, in summer and in winter (g/cm2).
struct WaterNode {
    double latitude_deg, summer, winter;
};
constexpr std::array<WaterNode, 4> kWaterNodes{
    {{0.0, 4.12, 4.12}, {15.0, 4.12, 4.12}, {45.0, 2.93, 0.853}, {60.0, 2.10, 0.419}}};

struct Highland {
    double south, north, west, east;  // deg
    double elevation_m;
};
// Of boxes that overlap the first counts.
constexpr std::array<Highland, 22> kHighlands{{
    {28.5, 36, 79, 100, 4700},     // Tibet
    {34, 40, 67, 79, 3300},        // Hindu Kush, Pamir, Karakoram
    {23, 28.5, 98, 106, 1900},     // Yunnan
    {36, 40, 92, 102, 3200},       // Qaidam, Qilian
    {34, 41, 102, 112, 1400},      // Loess plateau, Ordos
    {43, 51, 88, 112, 1500},       // Mongolia, Altai
    {28, 37, 48, 62, 1200},        // Iran
    {37.5, 41, 31, 47, 1300},      // Anatolia, Armenia
    {15, 27, 40, 46, 1000},        // western Arabia
    {12, 21, 74.5, 79, 600},       // Deccan
    {6, 14, 36, 41, 1900},         // Ethiopia
    {-11, 4, 29, 38, 1200},        // East African plateau
    {-32, -12, 16, 31, 1100},      // southern Africa
    {38, 43, -6, -1, 800},         // Iberia
    {45.5, 47.5, 6.5, 14, 1400},   // Alps
    {34, 46, -119, -104, 1800},    // Great Basin, Rocky Mountains
    {46, 60, -126, -114, 1200},    // Canadian Cordillera
    {19, 31, -107, -98, 1600},     // Mexican plateau
    {-24, -13, -71, -65.5, 3900},  // Altiplano
    {-36, -24, -70.5, -67, 3000},  // southern Andes
    {65, 80, -52, -28, 2200},      // Greenland ice
    {-90, -72, -180, 180, 2300},   // Antarctic ice
}};

int day_of_year(std::chrono::year_month_day date) {
    const std::chrono::sys_days day = date;
    const std::chrono::sys_days new_year = date.year() / std::chrono::January / 1;
    return static_cast<int>((day - new_year).count()) + 1;
}

GeoPoint centre_of(const CmgRectangle& area, int row, int col) {
    const int global_col = (area.col0 + col) % kCmgCols;
    return {89.975 - 0.05 * (area.row0 + row), -179.975 + 0.05 * global_col};
}

}  // namespace

double ozone_climatology(GeoPoint point, int day) {
    const bool north = point.latitude_deg >= 0.0;
    const OzoneHemisphere& h = north ? kNorth : kSouth;
    // The longitude wave of the north is shifted by 20 deg east of Greenwich, of the south by -75.
    const double shift = north ? (point.longitude_deg > 0.0 ? 20.0 : 0.0) : -75.0;
    const double season = h.season * std::sin(kDegreesPerDay * (day + h.season_shift) * kRadians);
    const double wave = h.wave * std::sin(h.wave_number * (point.longitude_deg + shift) * kRadians);
    const double latitude = std::sin(h.latitude_factor * point.latitude_deg * kRadians);
    return (kEquatorOzone + (h.amplitude + season + wave) * latitude * latitude) / 1000.0;
}

double elevation_climatology(GeoPoint point) {
    const auto inside = [&](const Highland& box) {
        return point.latitude_deg >= box.south && point.latitude_deg < box.north &&
               point.longitude_deg >= box.west && point.longitude_deg < box.east;
    };
    const auto found = std::find_if(kHighlands.begin(), kHighlands.end(), inside);
    return found == kHighlands.end() ? 0.0 : found->elevation_m;
}

double water_vapour_climatology(GeoPoint point, int day) {
    const double latitude = std::abs(point.latitude_deg);
    const double phase = (day - kMidJuly) / kYearDays * 2.0 * std::numbers::pi;
    const double northern_summer = 0.5 * (1.0 + std::cos(phase));
    const double summer = point.latitude_deg >= 0.0 ? northern_summer : 1.0 - northern_summer;
    const auto column = [&](const WaterNode& node) {
        return summer * node.summer + (1.0 - summer) * node.winter;
    };
    double water = column(kWaterNodes.back());
    for (std::size_t i = 1; i < kWaterNodes.size(); ++i) {
        const WaterNode& low = kWaterNodes[i - 1];
        const WaterNode& high = kWaterNodes[i];
        if (latitude >= high.latitude_deg) continue;
        const double weight =
            (latitude - low.latitude_deg) / (high.latitude_deg - low.latitude_deg);
        water = (1.0 - weight) * column(low) + weight * column(high);
        break;
    }
    return water * std::exp(-elevation_climatology(point) / kWaterScaleHeight);
}

float pressure_at(double elevation_m) {
    return static_cast<float>(1013.0 * std::exp(-elevation_m * 0.000117647));
}

Ancillary climatology_ancillary(const AncillaryRequest& request) {
    const CmgRectangle& area = request.area;
    const int day = day_of_year(request.date);
    // The files, too, are halved for LaSRC: lasrc.md 3.
    const double water_scale = request.water == WaterVapour::as_lasrc ? 0.5 : 1.0;
    Ancillary result{area,
                     Plane<AtmosphereCell>(area.rows, area.cols),
                     Plane<RatioCell>(area.rows, area.cols, kDefaultRatios),
                     {{"embedded climatology", ""}}};
    for (int row = 0; row < area.rows; ++row)
        for (int col = 0; col < area.cols; ++col) {
            const GeoPoint point = centre_of(area, row, col);
            result.atmosphere(row, col) = {
                static_cast<float>(ozone_climatology(point, day)),
                static_cast<float>(water_vapour_climatology(point, day) * water_scale),
                pressure_at(elevation_climatology(point))};
        }
    return result;
}

}  // namespace hls::ancillary
