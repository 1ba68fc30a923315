// SPDX-License-Identifier: Apache-2.0
// The retrieval step: the aerosol load at which four bands agree best with what the surface is
// expected to look like (lasrc.md 6, "subaeroret"). Shared by Landsat and Sentinel-2.
#pragma once

#include <array>

#include "atmosphere/tables.hpp"
#include "lasrc/polynomial_model.hpp"

namespace hls::lasrc {

// One value per band of a step. Land looks at coastal, blue, red and SWIR2, water at coastal, red,
// NIR and SWIR2; the comments below call them lanes 0..3.
using FourBands = std::array<float, 4>;

// Four polynomial models side by side, so that one instruction serves all four.
class FourBandModel {
 public:
    explicit FourBandModel(const std::array<const PolynomialModel*, 4>& models) noexcept;

    FourBands spectral(float eps) const noexcept;
    // Surface reflectance at an AOT; `spectral_factors` as spectral() gives for the eps.
    FourBands surface(const FourBands& toa, float aot550,
                      const FourBands& spectral_factors) const noexcept;

 private:
    friend class NodeTable;
    struct Air {
        FourBands gas_path, gas_transmittance, albedo;
        FourBands surface(const FourBands& toa) const noexcept;
    };
    Air air(float aot550, const FourBands& spectral_factors) const noexcept;

    using Coefficients = std::array<FourBands, 4>;
    Coefficients path_{}, transmittance_{}, albedo_{};
    FourBands gas_{}, largest_load_{}, extinction_{};
    std::array<AngstromScale, 4> scales_;
};

// The model at the 22 AOT nodes for one eps, so that a scan needs no cubic and no power. Gives the
// same bits as the model itself.
class NodeTable {
 public:
    NodeTable(const FourBandModel& model, float eps) noexcept;
    const FourBands& spectral() const noexcept { return spectral_; }
    FourBands surface(const FourBands& toa, int node) const noexcept {
        return air_[static_cast<std::size_t>(node)].surface(toa);
    }

 private:
    FourBands spectral_;
    std::array<FourBandModel::Air, atmosphere::kAots> air_;
};

struct AotEstimate {
    float aot550;
    float residual;
};

// What is compared: over land lanes 0, 1 and 3 with these multiples of red (lane 2), leaving out
// bands whose ratio is not positive; over water all four with zero.
struct LandTarget {
    float coastal, blue, swir2;
};
struct WaterTarget {};

// Ascends the AOT nodes from `first_node` until the misfit rises or a band gets too dark, then
// refines with a parabola. On return `first_node` is where the search at a higher eps may start.
AotEstimate search_aot(const FourBandModel& model, const NodeTable& table, const FourBands& toa,
                       const LandTarget& target, int& first_node) noexcept;
AotEstimate search_aot(const FourBandModel& model, const NodeTable& table, const FourBands& toa,
                       WaterTarget target, int& first_node) noexcept;
// The same at an eps without a table.
AotEstimate search_aot(const FourBandModel& model, const FourBands& spectral_factors,
                       const FourBands& toa, const LandTarget& target, int& first_node) noexcept;

}  // namespace hls::lasrc
