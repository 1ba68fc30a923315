// SPDX-License-Identifier: Apache-2.0
// One task per band and AOT; pressures share the task's kernels.
#include "atmosphere/table_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <mutex>
#include <numbers>
#include <span>
#include <utility>

#include "atmosphere/angle_grid.hpp"
#include "atmosphere/molecules.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"

namespace hls::atmosphere {
namespace {

constexpr double kRadPerDeg = std::numbers::pi / 180;

std::size_t index(int i) noexcept {
    return static_cast<std::size_t>(i);
}

// The azimuth at which sun and view see `scattering_deg`; any where one of them is vertical.
double relative_azimuth_deg(double sun_deg, double view_deg, double scattering_deg) noexcept {
    const double sun = sun_deg * kRadPerDeg, view = view_deg * kRadPerDeg;
    const double sines = std::sin(sun) * std::sin(view);
    if (sines == 0) return 0;
    const double cosine =
        -(std::cos(scattering_deg * kRadPerDeg) + std::cos(sun) * std::cos(view)) / sines;
    return std::acos(std::clamp(cosine, -1.0, 1.0)) / kRadPerDeg;
}

// All entries of the grid as directions, and where each belongs on the packed axis.
struct GridDirections {
    SolverGeometry geometry;
    std::vector<std::size_t> entry;
};

GridDirections grid_directions(const AngleGrid& grid) {
    GridDirections result;
    SolverGeometry& geometry = result.geometry;
    geometry.sun_zenith_deg.assign(grid.sun_zenith_deg.begin(), grid.sun_zenith_deg.end());
    geometry.view_zenith_deg.assign(grid.view_zenith_deg.begin(), grid.view_zenith_deg.end());
    for (int sun = 0; sun < static_cast<int>(geometry.sun_zenith_deg.size()); ++sun)
        for (int view = 0; view < static_cast<int>(geometry.view_zenith_deg.size()); ++view)
            for (int k = 0; k < grid.count(view, sun); ++k) {
                const bool last = k == grid.count(view, sun) - 1;
                const double scattering = last
                                              ? grid.ts_min_deg(view, sun)
                                              : grid.ts_max_deg(view, sun) - k * kScatteringStepDeg;
                geometry.directions.push_back(
                    {sun, view,
                     relative_azimuth_deg(geometry.sun_zenith_deg[index(sun)],
                                          geometry.view_zenith_deg[index(view)], scattering)});
                result.entry.push_back(index(grid.first(view, sun) + k));
            }
    return result;
}

using OpticsKey = std::pair<double, double>;  // wavelength, load at 440 nm

struct Task {
    std::size_t table;  // of Tables::bands
    std::size_t aot;
    double cost;
};

class Builder {
 public:
    Builder(const TableSettings& settings, int threads, const std::function<void(double)>& progress)
        : settings_(settings), threads_(threads), progress_(progress) {
        tables_.sensor = settings.sensor;
        tables_.angles = make_angle_grid(settings.view_nodes, 0);
        tables_.source = describe(settings);
        directions_ = grid_directions(tables_.angles);
        choose_bands();
    }

    Tables build() {
        prepare_optics();
        const SuccessiveOrders solver(solver_settings(settings_.accuracy), directions_.geometry,
                                      kAirDepolarisation);
        const std::vector<Task> tasks = ordered_tasks();
        double total = 0;
        for (const Task& task : tasks) total += task.cost;
        parallel_for(tasks.size(), threads_, [&](std::size_t i) {
            solve_task(solver, tasks[i]);
            report(tasks[i].cost / total);
        });
        return std::move(tables_);
    }

 private:
    void choose_bands() {
        const auto constants = band_constants(settings_.sensor);
        for (const std::string& name : settings_.bands)
            if (std::none_of(constants.begin(), constants.end(),
                             [&](const BandConstants& band) { return band.name == name; }))
                throw Error{Exit::usage, fmt::format("{} has no band \"{}\" to make tables for",
                                                     sensor_name(settings_.sensor), name)};
        for (std::size_t b = 0; b < constants.size(); ++b) {
            const std::string name(constants[b].name);
            const auto& wanted = settings_.bands;
            if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end())
                continue;
            const std::size_t columns = index(kPressures) * index(kAots);
            tables_.bands.push_back({name,
                                     std::vector<float>(columns * index(tables_.angles.entries)),
                                     std::vector<float>(columns * index(kSuns)),
                                     std::vector<float>(columns), std::vector<float>(columns)});
            nodes_.push_back(spectral_nodes(settings_.sensor, b, settings_.wavelengths));
        }
    }

    void prepare_optics() {
        load_.resize(index(kAots));
        parallel_for(load_.size(), threads_, [&](std::size_t a) {
            load_[a] = urban_clean_tau440(kAot550[a], settings_.microphysics);
        });
        for (const auto& nodes : nodes_)
            for (const SpectralNode& node : nodes)
                for (const double load : load_) optics_[{node.wavelength_um, load}];
        std::vector<std::pair<const OpticsKey, AerosolOptics>*> wanted;
        for (auto& entry : optics_) wanted.push_back(&entry);
        parallel_for(wanted.size(), threads_, [&](std::size_t i) {
            const auto& [wavelength, load] = wanted[i]->first;
            wanted[i]->second = urban_clean_optics(load, wavelength);
        });
    }

    const AerosolOptics& optics(const SpectralNode& node, std::size_t aot) const {
        return optics_.at({node.wavelength_um, load_[aot]});
    }

    // The most expensive first, so that threads end together.
    std::vector<Task> ordered_tasks() const {
        std::vector<Task> tasks;
        for (std::size_t t = 0; t < nodes_.size(); ++t)
            for (std::size_t a = 0; a < index(kAots); ++a) {
                double cost = 0;
                for (const SpectralNode& node : nodes_[t]) {
                    const double tau = node.tau_rayleigh + kAot550[a] * optics(node, a).extinction;
                    cost += (0.1 + tau) * (0.1 + tau);  // layers times orders of scattering
                }
                tasks.push_back({t, a, cost});
            }
        std::stable_sort(tasks.begin(), tasks.end(),
                         [](const Task& a, const Task& b) { return a.cost > b.cost; });
        return tasks;
    }

    void solve_task(const SuccessiveOrders& solver, const Task& task) {
        for (const SpectralNode& node : nodes_[task.table]) {
            const AerosolOptics& aerosol = optics(node, task.aot);
            const AerosolKernels kernels = solver.aerosol_kernels(aerosol);
            const double tau_aerosol = kAot550[task.aot] * aerosol.extinction;
            for (std::size_t p = 0; p < index(kPressures); ++p) {
                const double tau_rayleigh =
                    node.tau_rayleigh * kPressureHpa[p] / kStandardPressureHpa;
                const ColumnSolution solution = solver.solve({tau_rayleigh, tau_aerosol}, kernels);
                add(solution, node.weight, p * index(kAots) + task.aot, tables_.bands[task.table]);
                tables_.bands[task.table].extinction[p * index(kAots) + task.aot] +=
                    static_cast<float>(node.weight * aerosol.extinction);
            }
        }
    }

    // Adds a spectral node to column `at` of the [pressure][aot] arrays.
    void add(const ColumnSolution& solution, double weight, std::size_t at, BandTable& band) const {
        float* const path = &band.path_reflectance[at * index(tables_.angles.entries)];
        for (std::size_t d = 0; d < solution.path.size(); ++d)
            path[directions_.entry[d]] += static_cast<float>(weight * solution.path[d].i);
        for (std::size_t s = 0; s < solution.sun_transmittance.size(); ++s)
            band.transmittance[at * index(kSuns) + s] +=
                static_cast<float>(weight * solution.sun_transmittance[s]);
        band.spherical_albedo[at] += static_cast<float>(weight * solution.spherical_albedo);
    }

    void report(double share) {
        if (!progress_) return;
        const std::lock_guard lock(progress_mutex_);
        progress_(done_ = std::min(1.0, done_ + share));
    }

    const TableSettings& settings_;
    int threads_;
    const std::function<void(double)>& progress_;
    std::mutex progress_mutex_;
    double done_ = 0;
    Tables tables_;
    GridDirections directions_;
    std::vector<std::vector<SpectralNode>> nodes_;  // [table]
    std::vector<double> load_;                      // [aot]
    std::map<OpticsKey, AerosolOptics> optics_;
};

}  // namespace

std::string describe(const TableSettings& settings) {
    const SolverSettings solver = solver_settings(settings.accuracy);
    return fmt::format(
        "hls-tools: urban clean aerosol, microphysics {}, wavelengths {}, {} views, {} ({} Gauss "
        "nodes, layers of {} extrapolated)",
        microphysics_name(settings.microphysics), wavelength_set_name(settings.wavelengths),
        settings.view_nodes, accuracy_name(settings.accuracy), solver.gauss_nodes,
        solver.layer_thickness);
}

Tables build_tables(const TableSettings& settings, int threads,
                    const std::function<void(double fraction)>& progress) {
    return Builder(settings, threads, progress).build();
}

}  // namespace hls::atmosphere
