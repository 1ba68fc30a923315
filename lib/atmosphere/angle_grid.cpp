// SPDX-License-Identifier: Apache-2.0
#include "atmosphere/angle_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace hls::atmosphere {
namespace {

constexpr int kGaussPoints = 48;
constexpr double kSunStepDeg = 4.0;

// Value and derivative of the Legendre polynomial of degree n at x, by recurrence.
struct Legendre {
    double value, derivative;
};
Legendre legendre(int n, double x) {
    double previous = 1.0;
    double current = x;
    for (int k = 2; k <= n; ++k) {
        const double next = ((2 * k - 1) * x * current - (k - 1) * previous) / k;
        previous = current;
        current = next;
    }
    return {current, n * (x * current - previous) / (x * x - 1.0)};
}

// Entries of one (sun, view): every 4 deg over the range 2*min(sun, view) of scattering angles, and
// its end. The tolerance keeps rounding of a range that is a multiple of 4 from adding an entry.
int scattering_count(double sun_deg, double view_deg) {
    const double range = 2.0 * std::min(sun_deg, view_deg);
    if (range <= 0.0) return 1;
    return static_cast<int>(std::ceil(range / kScatteringStepDeg - 1e-6)) + 1;
}

}  // namespace

std::vector<double> gauss_zenith_deg(int points) {
    std::vector<double> zenith;
    for (int i = 1; i <= points / 2; ++i) {
        double x = std::cos(std::numbers::pi * (i - 0.25) / (points + 0.5));
        for (int iteration = 0; iteration < 8; ++iteration) {
            const Legendre p = legendre(points, x);
            x -= p.value / p.derivative;
        }
        zenith.push_back(std::acos(x) * 180.0 / std::numbers::pi);
    }
    return zenith;
}

AngleGrid make_angle_grid(int view_nodes, int entries) {
    const std::vector<double> gauss = gauss_zenith_deg(kGaussPoints);
    if (view_nodes < 1 || view_nodes > static_cast<int>(gauss.size()) + 1)
        throw Error{Exit::internal, fmt::format("angle grid with {} view nodes", view_nodes)};
    AngleGrid grid;
    for (int sun = 0; sun < kSuns; ++sun)
        grid.sun_zenith_deg.push_back(static_cast<float>(sun * kSunStepDeg));
    std::vector<double> views{0.0};
    views.insert(views.end(), gauss.begin(), gauss.begin() + (view_nodes - 1));
    grid.view_zenith_deg.assign(views.begin(), views.end());
    grid.ts_max_deg = grid.ts_min_deg = Plane<float>(view_nodes, kSuns);
    grid.count = grid.cumulative = Plane<int>(view_nodes, kSuns);
    int used = 0;
    for (int sun = 0; sun < kSuns; ++sun) {
        grid.sun_start.push_back(used);
        int in_block = 0;
        for (int view = 0; view < view_nodes; ++view) {
            const double ts = sun * kSunStepDeg;
            const double tv = views[static_cast<std::size_t>(view)];
            grid.ts_max_deg(view, sun) = static_cast<float>(180.0 - std::abs(ts - tv));
            grid.ts_min_deg(view, sun) = static_cast<float>(180.0 - (ts + tv));
            in_block += grid.count(view, sun) = scattering_count(ts, tv);
            grid.cumulative(view, sun) = in_block;
        }
        used += in_block;
    }
    if (entries != 0 && entries < used)
        throw Error{Exit::internal,
                    fmt::format("angle grid of {} entries, {} are needed", entries, used)};
    grid.entries = entries == 0 ? used : entries;
    return grid;
}

}  // namespace hls::atmosphere
