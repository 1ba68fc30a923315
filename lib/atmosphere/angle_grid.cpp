// SPDX-License-Identifier: Apache-2.0
#include "atmosphere/angle_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "atmosphere/quadrature.hpp"
#include "core/error.hpp"

namespace hls::atmosphere {
namespace {

constexpr int kGaussPoints = 48;
constexpr double kSunStepDeg = 4.0;

// Nadir, then the zenith angles (ascending) of the positive nodes of the Gauss rule.
std::vector<double> view_axis() {
    const std::vector<double> cosines = gauss_legendre(kGaussPoints, -1.0, 1.0).node;
    std::vector<double> zenith{0.0};
    for (int i = 0; i < kGaussPoints / 2; ++i)
        zenith.push_back(std::acos(cosines[cosines.size() - 1 - static_cast<std::size_t>(i)]) *
                         180.0 / std::numbers::pi);
    return zenith;
}

// Entries of one (sun, view): every 4 deg over the range 2*min(sun, view) of scattering angles, and
// its end. The tolerance keeps rounding of a range that is a multiple of 4 from adding an entry.
int scattering_count(double sun_deg, double view_deg) {
    const double range = 2.0 * std::min(sun_deg, view_deg);
    if (range <= 0.0) return 1;
    return static_cast<int>(std::ceil(range / kScatteringStepDeg - 1e-6)) + 1;
}

}  // namespace

AngleGrid make_angle_grid(int view_nodes, int entries) {
    const std::vector<double> views = view_axis();
    if (view_nodes < 1 || view_nodes > static_cast<int>(views.size()))
        throw Error{Exit::internal, fmt::format("angle grid with {} view nodes", view_nodes)};
    AngleGrid grid;
    for (int sun = 0; sun < kSuns; ++sun)
        grid.sun_zenith_deg.push_back(static_cast<float>(sun * kSunStepDeg));
    grid.view_zenith_deg.assign(views.begin(), views.begin() + view_nodes);
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
