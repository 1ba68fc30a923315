// SPDX-License-Identifier: Apache-2.0
// The atmosphere over one Landsat scene, ready for every pixel: first pass and polynomial model of
// bands 1-7 (lasrc.md 5).
#pragma once

#include <array>

#include "atmosphere/tables.hpp"
#include "granule/landsat.hpp"
#include "lasrc/final_correction.hpp"
#include "lasrc/landsat_retrieval.hpp"

namespace hls::lasrc {

inline constexpr int kLandsatBands = 7;

struct LandsatModel {
    SunViewGeometry geometry;  // of the scene: sun at the centre, nadir view
    std::array<BandCorrection, kLandsatBands> bands;

    const BandCorrection& band(int number) const noexcept {
        return bands[static_cast<std::size_t>(number - 1)];
    }
};

// `bands` says which of 1-7 are wanted; the calibration of others need not be in the metadata.
// Throws Error{bad_input} when tables or metadata lack something, Error{low_sun}.
LandsatModel make_landsat_model(const atmosphere::Tables& tables,
                                const granule::LandsatMetadata& metadata,
                                std::span<const int> bands, const SceneAir& air,
                                const Quirks& quirks);

// Needs all kRetrievalBands in the model.
LandsatRetrieval make_landsat_retrieval(const LandsatModel& model, const Quirks& quirks) noexcept;

}  // namespace hls::lasrc
