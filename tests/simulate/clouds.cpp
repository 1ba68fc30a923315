// SPDX-License-Identifier: Apache-2.0
#include "simulate/clouds.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "core/parallel.hpp"
#include "simulate/noise.hpp"
#include "simulate/quantile.hpp"

namespace hls::simulate {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr float kTauSteps = 500;     // stored steps of optical thickness per 1
constexpr double kSteepest = 3.732;  // tan 75 deg: lines flatter than this are not followed
constexpr double kViewReach = 0.27;  // tan 15 deg
constexpr int kFewestSteps = 4, kMostSteps = 48;  // of a line through a layer
constexpr float kHeightStepM = 1;                 // heights are stored in metres
constexpr std::uint32_t kStream = 0x20000;

float ramp(float low, float high, float value) noexcept {
    const float t = std::clamp((value - low) / (high - low), 0.f, 1.f);
    return t * t * (3 - 2 * t);
}

}  // namespace

// The field of a kind is noise whose features are `width` x `length` pixels, `octaves` deep; a
// cloud is where it exceeds a level, and the excess makes it thick and high.
struct Clouds::Kind {
    int index;
    double width, length;
    int octaves;
    float base_m, depth_m;     // nominal; a seed has its own base within -20 and +30 %
    float edge_tau, core_tau;  // just inside the border, and where the excess is `span`
    float border, span, halo;  // in units of the field
    float weather;             // how much clouds gather where the weather lets them

    float field(double x, double y, std::uint32_t seed) const noexcept {
        const std::uint32_t stream = seed + kStream + 0x1000U * static_cast<std::uint32_t>(index);
        // Streaks run to the north-east.
        const float noise =
            fractal_noise((x + 0.5 * y) / width, (y - 0.5 * x) / length, stream, octaves);
        return noise + weather * gradient_noise(x / 1300, y / 1300, stream + 55);
    }
};

Slant slant_towards(double zenith_deg, double azimuth_deg) noexcept {
    const double reach = std::tan(zenith_deg * kDegree) / kPixelM;
    return {reach * std::sin(azimuth_deg * kDegree), -reach * std::cos(azimuth_deg * kDegree)};
}

Clouds::Clouds(const WorldRequest& world, const MapBox& extent, const Slant& sun, int threads) {
    static constexpr Kind kKinds[kCloudLayers] = {
        {kIce, 170, 600, 5, 8200, 900, 1.2f, 6, 0.03f, 0.35f, 0.03f, 0.2f},
        {kCells, 28, 28, 5, 2900, 500, 3, 22, 0.04f, 0.4f, 0.05f, 0.35f},
        {kCumulus, 150, 150, 7, 1300, 2200, 5, 45, 0.02f, 0.4f, 0.03f, 0.3f}};
    if (world.cloud_fraction <= 0) return;
    empty_ = false;
    const bool mixed = world.cloud_kind == CloudKind::mixed;
    const double share = mixed ? 1 - std::cbrt(1 - world.cloud_fraction) : world.cloud_fraction;
    constexpr CloudKind kSingle[kCloudLayers] = {CloudKind::thin, CloudKind::broken,
                                                 CloudKind::thick};
    for (const Kind& kind : kKinds)
        if (mixed || world.cloud_kind == kSingle[kind.index])
            sheets_[static_cast<std::size_t>(kind.index)] =
                make_sheet(kind, world, extent, sun, share, threads);
}

Clouds::Sheet Clouds::make_sheet(const Kind& kind, const WorldRequest& world, const MapBox& extent,
                                 const Slant& sun, double fraction, int threads) {
    const std::uint32_t seed = scramble(world.seed + 0x5bd1e995U);
    const float base =
        kind.base_m *
            (0.8f + 0.5f * unit(scramble(seed + 91U + static_cast<std::uint32_t>(kind.index)))) +
        static_cast<float>(world.air.elevation_m);
    const double highest = double(base + kind.depth_m) + 3 * world.relief_m;

    const double steepness = std::hypot(sun.east, sun.south) * kPixelM;
    const double limit = steepness > kSteepest ? kSteepest / steepness : 1;
    const double view = highest * kViewReach / kPixelM + 2;
    const double east = limit * sun.east * highest;
    const double south = limit * sun.south * highest;
    Sheet sheet;
    sheet.base_m = std::round(base);
    sheet.highest_m = std::round(base + kind.depth_m);
    sheet.x0 = static_cast<int>(std::floor(extent.west / kPixelM - view + std::min(0., east)));
    sheet.y0 = static_cast<int>(std::floor(-extent.north / kPixelM - view + std::min(0., south)));
    const int cols =
        static_cast<int>(std::ceil(extent.east / kPixelM + view + std::max(0., east))) - sheet.x0 +
        2;
    const int rows =
        static_cast<int>(std::ceil(-extent.south / kPixelM + view + std::max(0., south))) -
        sheet.y0 + 2;
    sheet.tau = Plane<std::uint16_t>(rows, cols);
    sheet.top = Plane<std::uint16_t>(rows, cols);

    const MapBox region = world.region.value_or(extent);
    const auto level = static_cast<float>(upper_quantile(
        static_cast<int>((region.north - region.south) / kPixelM),
        static_cast<int>((region.east - region.west) / kPixelM), fraction, [&](int row, int col) {
            return kind.field(region.west / kPixelM + col, -region.north / kPixelM + row, seed);
        }));
    parallel_for(static_cast<std::size_t>(rows), threads, [&](std::size_t r) {
        const int row = static_cast<int>(r);
        for (int col = 0; col < cols; ++col) {
            const int x = sheet.x0 + col, y = sheet.y0 + row;
            const float excess = kind.field(x, y, seed) - level;
            const float core = std::clamp(excess / kind.span, 0.f, 1.f);
            float tau = 0;
            if (excess > 0) {
                const float lumps = 1 + 0.3f * gradient_noise(x / 2.6, y / 2.6, seed + kStream + 7);
                tau = ramp(0, kind.border, excess) * lumps *
                      (kind.edge_tau + (kind.core_tau - kind.edge_tau) * core);
            }
            if (excess > -kind.halo) tau = std::max(tau, kHaloTau / 2);
            sheet.tau(row, col) =
                static_cast<std::uint16_t>(std::lround(std::min(100.f, tau) * kTauSteps));
            sheet.top(row, col) =
                static_cast<std::uint16_t>(std::lround(base + kind.depth_m * std::sqrt(core)));
        }
    });
    return sheet;
}

CloudSample Clouds::Sheet::at(double x, double y) const noexcept {
    const double u = std::clamp(x - x0, 0., double(tau.cols() - 2));
    const double v = std::clamp(y - y0, 0., double(tau.rows() - 2));
    const int col = static_cast<int>(u), row = static_cast<int>(v);
    const auto fx = static_cast<float>(u - col), fy = static_cast<float>(v - row);
    const auto bilinear = [&](const Plane<std::uint16_t>& plane) {
        const auto value = [&](int r, int c) { return static_cast<float>(plane(r, c)); };
        const float upper = value(row, col) + fx * (value(row, col + 1) - value(row, col));
        const float lower =
            value(row + 1, col) + fx * (value(row + 1, col + 1) - value(row + 1, col));
        return upper + fy * (lower - upper);
    };
    return {bilinear(tau) / kTauSteps, bilinear(top)};
}

// Clouds fill the space from their base to their top. Goes down the line in steps of about a pixel
// and takes the thickest part it passes; what is visible first says how high.
CloudSample Clouds::Sheet::meet(double x, double y, float elevation_m,
                                const Slant& line) const noexcept {
    const double depth = double(highest_m - base_m);
    const double across = depth * std::hypot(line.east, line.south);
    const int steps = std::clamp(static_cast<int>(std::ceil(across)), kFewestSteps, kMostSteps);
    CloudSample met;
    float above = highest_m;  // height of the step before
    for (int step = 0; step <= steps; ++step) {
        const float height = highest_m - static_cast<float>(depth) * float(step) / float(steps);
        const double up = double(height - elevation_m);
        const CloudSample here = at(x + up * line.east, y + up * line.south);
        const float reach = std::exchange(above, height);
        if (here.top_m + kHeightStepM < height || here.tau <= 0) continue;
        // Through the roof, or else through the wall.
        if (met.top_m == 0 && here.tau >= kVisibleTau)
            met.top_m = here.top_m < reach ? here.top_m : height;
        met.tau = std::max(met.tau, here.tau);
    }
    if (met.tau > 0 && met.top_m == 0) met.top_m = base_m;
    return met;
}

CloudColumn Clouds::along(double x, double y, float elevation_m, const Slant& line) const noexcept {
    CloudColumn column;
    for (std::size_t i = 0; i < kCloudLayers; ++i)
        if (sheets_[i].tau.size() > 0) column[i] = sheets_[i].meet(x, y, elevation_m, line);
    return column;
}

}  // namespace hls::simulate
