// SPDX-License-Identifier: Apache-2.0
// Groups query rows so that each column of air is solved once.
#include "atmosphere/exact.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <tuple>
#include <utility>

#include "atmosphere/molecules.hpp"
#include "atmosphere/successive_orders.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"

namespace hls::atmosphere {
namespace {

struct Range {
    const char* name;
    double ExactQuery::*value;
    double low, high;
};
constexpr std::array<Range, 6> kRanges{{{"wavelength_um", &ExactQuery::wavelength_um, 0.3, 4},
                                        {"aot550", &ExactQuery::aot550, 0, 10},
                                        {"pressure_hpa", &ExactQuery::pressure_hpa, 100, 1100},
                                        {"sza_deg", &ExactQuery::sza_deg, 0, 88},
                                        {"vza_deg", &ExactQuery::vza_deg, 0, 88},
                                        {"raa_deg", &ExactQuery::raa_deg, -360, 360}}};

void check(std::span<const ExactQuery> rows) {
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (const Range& range : kRanges) {
            const double value = rows[i].*range.value;
            if (value >= range.low && value <= range.high) continue;
            throw Error{Exit::bad_input, fmt::format("row {}: {} is {}", i + 1, range.name, value),
                        fmt::format("it must be {} to {}", range.low, range.high)};
        }
}

using AerosolKey = std::pair<double, double>;          // wavelength, AOT
using ColumnKey = std::tuple<double, double, double>;  // and pressure

struct ColumnGroup {
    ColumnKey key;
    std::vector<std::size_t> rows;
};

std::vector<ColumnGroup> group(std::span<const ExactQuery> rows) {
    std::map<ColumnKey, std::vector<std::size_t>> columns;
    for (std::size_t i = 0; i < rows.size(); ++i)
        columns[{rows[i].wavelength_um, rows[i].aot550, rows[i].pressure_hpa}].push_back(i);
    std::vector<ColumnGroup> groups;
    for (auto& [key, members] : columns) groups.push_back({key, std::move(members)});
    // The thickest columns take longest and go first.
    const auto depth = [](const ColumnGroup& g) { return std::get<1>(g.key) / std::get<0>(g.key); };
    std::stable_sort(groups.begin(), groups.end(),
                     [&](const auto& a, const auto& b) { return depth(a) > depth(b); });
    return groups;
}

int index_of(std::vector<double>& angles, double angle) {
    const auto found = std::find(angles.begin(), angles.end(), angle);
    const auto index = found - angles.begin();
    if (found == angles.end()) angles.push_back(angle);
    return static_cast<int>(index);
}

void solve_group(const ColumnGroup& group, std::span<const ExactQuery> rows,
                 const AerosolOptics& optics, std::span<ExactAnswer> answers) {
    SolverGeometry geometry;
    for (const std::size_t i : group.rows) {
        const ExactQuery& row = rows[i];
        geometry.directions.push_back({index_of(geometry.sun_zenith_deg, row.sza_deg),
                                       index_of(geometry.view_zenith_deg, row.vza_deg),
                                       row.raa_deg});
    }
    geometry.flux_zenith_deg = geometry.view_zenith_deg;
    const SuccessiveOrders solver(solver_settings(Accuracy::accurate), geometry,
                                  kAirDepolarisation);
    const auto& [wavelength, aot, pressure] = group.key;
    const double tau_rayleigh = rayleigh_optical_depth(wavelength, pressure);
    const ColumnSolution solution = aot > 0 ? solver.solve({tau_rayleigh, aot * optics.extinction},
                                                           solver.aerosol_kernels(optics))
                                            : solver.solve(tau_rayleigh);
    for (std::size_t d = 0; d < group.rows.size(); ++d) {
        const auto sun = static_cast<std::size_t>(geometry.directions[d].sun);
        const auto view = static_cast<std::size_t>(geometry.directions[d].view);
        answers[group.rows[d]] = {solution.path[d].i, solution.sun_transmittance[sun],
                                  solution.flux_transmittance[view], solution.spherical_albedo};
    }
}

}  // namespace

std::vector<ExactAnswer> solve_exactly(std::span<const ExactQuery> rows, int threads,
                                       Microphysics microphysics) {
    check(rows);
    const std::vector<ColumnGroup> groups = group(rows);
    std::map<AerosolKey, AerosolOptics> optics;
    for (const ColumnGroup& g : groups)
        if (std::get<1>(g.key) > 0) optics[{std::get<0>(g.key), std::get<1>(g.key)}];
    std::vector<std::pair<const AerosolKey, AerosolOptics>*> wanted;
    for (auto& entry : optics) wanted.push_back(&entry);
    parallel_for(wanted.size(), threads, [&](std::size_t i) {
        const auto& [wavelength, aot] = wanted[i]->first;
        wanted[i]->second = urban_clean_optics(urban_clean_tau440(aot, microphysics), wavelength);
    });
    const AerosolOptics none;
    std::vector<ExactAnswer> answers(rows.size());
    parallel_for(groups.size(), threads, [&](std::size_t i) {
        const auto found = optics.find({std::get<0>(groups[i].key), std::get<1>(groups[i].key)});
        solve_group(groups[i], rows, found == optics.end() ? none : found->second, answers);
    });
    return answers;
}

}  // namespace hls::atmosphere
