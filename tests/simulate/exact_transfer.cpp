// SPDX-License-Identifier: Apache-2.0
#include "simulate/exact_transfer.hpp"

#include <map>
#include <tuple>

#include "atmosphere/molecules.hpp"
#include "atmosphere/successive_orders.hpp"
#include "atmosphere/urban_clean.hpp"
#include "core/parallel.hpp"

namespace hls::simulate {
namespace {

namespace atm = atmosphere;

// One column serves all the directions that are asked of it.
struct Column {
    double wavelength_um, aot550, pressure_hpa;
    std::vector<std::size_t> queries;
};

std::vector<Column> columns_of(std::span<const TransferQuery> queries) {
    std::map<std::tuple<double, double, double>, std::size_t> known;
    std::vector<Column> columns;
    for (std::size_t i = 0; i < queries.size(); ++i) {
        const TransferQuery& q = queries[i];
        const auto [at, fresh] =
            known.try_emplace({q.wavelength_um, q.aot550, q.pressure_hpa}, columns.size());
        if (fresh) columns.push_back({q.wavelength_um, q.aot550, q.pressure_hpa, {}});
        columns[at->second].queries.push_back(i);
    }
    return columns;
}

int index_in(std::vector<double>& values, double value) {
    for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i] == value) return static_cast<int>(i);
    values.push_back(value);
    return static_cast<int>(values.size()) - 1;
}

void solve_column(const Column& column, std::span<const TransferQuery> queries,
                  std::span<Transfer> answers) {
    atm::SolverGeometry geometry;
    std::vector<int> up;  // per query, index of its view among the flux angles
    for (std::size_t i : column.queries) {
        const TransferQuery& q = queries[i];
        geometry.directions.push_back({index_in(geometry.sun_zenith_deg, q.sun_zenith_deg),
                                       index_in(geometry.view_zenith_deg, q.view_zenith_deg),
                                       q.relative_azimuth_deg});
        up.push_back(index_in(geometry.flux_zenith_deg, q.view_zenith_deg));
    }
    const atm::SuccessiveOrders solver(atm::solver_settings(atm::Accuracy::accurate), geometry,
                                       atm::kAirDepolarisation);
    const double tau = atm::rayleigh_optical_depth(column.wavelength_um, column.pressure_hpa);
    atm::ColumnSolution solution;
    if (column.aot550 > 0) {
        const atm::AerosolOptics optics =
            atm::urban_clean_optics(atm::urban_clean_tau440(column.aot550), column.wavelength_um);
        solution =
            solver.solve({tau, column.aot550 * optics.extinction}, solver.aerosol_kernels(optics));
    } else {
        solution = solver.solve(tau);
    }
    for (std::size_t k = 0; k < column.queries.size(); ++k) {
        const auto sun = static_cast<std::size_t>(geometry.directions[k].sun);
        answers[column.queries[k]] = {solution.path[k].i, solution.sun_transmittance[sun],
                                      solution.flux_transmittance[static_cast<std::size_t>(up[k])],
                                      solution.spherical_albedo};
    }
}

}  // namespace

TransferSolver exact_transfer(int threads) {
    return [threads](std::span<const TransferQuery> queries) {
        std::vector<Transfer> answers(queries.size());
        const std::vector<Column> columns = columns_of(queries);
        parallel_for(columns.size(), threads,
                     [&](std::size_t i) { solve_column(columns[i], queries, answers); });
        return answers;
    };
}

}  // namespace hls::simulate
