// SPDX-License-Identifier: Apache-2.0
// How the reflectance of all land depends on sun and view: the one shape per band that HLS assumes
// (Roy et al. 2016, Remote Sens. Environ. 176; 2017, 199).
#pragma once

#include <span>
#include <string>

#include "core/time.hpp"

namespace hls::simulate {

// Weights of the isotropic, volume (Ross-thick) and surface (Li-sparse-reciprocal) terms.
struct BrdfShape {
    double isotropic, volume, surface;
};
std::span<const BrdfShape> oli_shapes() noexcept;  // B1..B7
std::span<const BrdfShape> msi_shapes() noexcept;  // the 13 bands; {1, 0, 0} for B09 and B10

struct BrdfKernels {
    double volume, surface;
};
// Angles in degrees; Wanner et al. 1995, J. Geophys. Res. 100, with h/b = 2 and b/r = 1.
BrdfKernels brdf_kernels(double sun_zenith, double view_zenith, double relative_azimuth) noexcept;

// Reflectance under `seen` over that under `nadir`.
double brdf_ratio(const BrdfShape& shape, const BrdfKernels& seen,
                  const BrdfKernels& nadir) noexcept;

// The sun zenith that HLS normalises a tile ("14SPJ") of this day to, in degrees. Throws
// Error{usage} if there is no such tile, or no such number for it.
double hls_sun_zenith_deg(const std::string& tile, UtcTime day);

}  // namespace hls::simulate
