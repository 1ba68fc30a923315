// SPDX-License-Identifier: Apache-2.0
// Multiple scattering of polarised sunlight (I, Q, U) in a column of air and aerosol over a black
// ground, by successive orders with delta-M and TMS (rt.md 4). One solve serves all suns, views and
// azimuths.
#pragma once

#include <string_view>
#include <vector>

#include "atmosphere/column_fluxes.hpp"
#include "atmosphere/scattering_kernels.hpp"
#include "atmosphere/urban_clean.hpp"

namespace hls::atmosphere {

// The error of layering falls with the square of the layer thickness: the path reflectance is
// solved with N and 2 N layers and extrapolated to none (Richardson). Transmittance and spherical
// albedo are those of column_fluxes.hpp; polarisation would change T by up to 5e-4.
struct SolverSettings {
    int gauss_nodes = 12;             // per hemisphere, a multiple of 4 up to 64
    double layer_thickness = 0.04;    // largest optical thickness of the N layers
    int min_layers = 10;              // smallest N
    float order_tolerance = 1e-6F;    // last order of scattering, radiance for a flux of pi
    double fourier_tolerance = 2e-6;  // last Fourier term, reflectance
};

enum class Accuracy { fast, accurate };
std::string_view accuracy_name(Accuracy accuracy);  // "fast", "accurate"
SolverSettings solver_settings(Accuracy accuracy);

// Direction of one answer: indices into the suns and views, and the relative azimuth, 0 when sun
// and sensor are on the same side. It does not matter at nadir.
struct Direction {
    int sun, view;
    double raa_deg;
};

struct SolverGeometry {
    std::vector<double> sun_zenith_deg;   // [0, 90)
    std::vector<double> view_zenith_deg;  // [0, 90)
    std::vector<double> flux_zenith_deg;  // [0, 90): only the transmittance is wanted
    std::vector<Direction> directions;
};

double cos_scattering(double sun_zenith_deg, double view_zenith_deg, double raa_deg) noexcept;

// Kernels of one aerosol, to be shared by solves of any optical depth.
struct AerosolKernels {
    double albedo = 0;                 // after truncation
    double depth_scale = 1;            // truncated optical depth per optical depth
    std::vector<OrderKernels> orders;  // Fourier terms of the path reflectance
    FluxKernel flux;
    std::vector<double> phase_correction;  // per direction: true - truncated P11 (TMS)
};

struct ColumnDepths {
    double rayleigh;
    double aerosol;  // at the wavelength of the solve
};

struct Reflection {
    double i, q, u;  // pi L / (mu0 F0); the sign of U depends on the sense of azimuth
};

struct ColumnSolution {
    std::vector<Reflection> path;            // per direction
    std::vector<double> sun_transmittance;   // per sun: direct + diffuse
    std::vector<double> flux_transmittance;  // per flux angle
    double spherical_albedo = 0;             // from below
};

class BeamTable;

class SuccessiveOrders {
 public:
    SuccessiveOrders(const SolverSettings& settings, SolverGeometry geometry,
                     double depolarisation);

    AerosolKernels aerosol_kernels(const AerosolOptics& optics) const;

    // `aerosol` must come from this solver. Reentrant; checks for cancellation.
    ColumnSolution solve(const ColumnDepths& depths, const AerosolKernels& aerosol) const;
    // Molecules alone.
    ColumnSolution solve(double tau_rayleigh) const;

 private:
    std::vector<Reflection> path(const ColumnDepths& depths, const AerosolKernels& aerosol,
                                 int layers) const;
    void add_fluxes(const ColumnDepths& depths, const AerosolKernels& aerosol,
                    ColumnSolution& solution) const;
    void add_phase_correction(const AerosolKernels& aerosol, const BeamTable& beams,
                              std::vector<Reflection>& path) const;

    SolverSettings settings_;
    SolverGeometry geometry_;
    DirectionBasis basis_;
    std::vector<std::vector<RankOneTerm>> molecules_;  // [order]
    FluxSolver fluxes_;                                // suns, then the flux angles
};

}  // namespace hls::atmosphere
