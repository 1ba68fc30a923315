// SPDX-License-Identifier: Apache-2.0
// The AC scenes of one Landsat pass: same path, same overflight, ordered from north to south.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "scene/ac_scene.hpp"

namespace hls::tile {

inline constexpr double kHighestSunZenith = 76;  // deg, of the scene centre

// What the caller knows beyond the scenes at hand. The granule is named after the first row that
// was meant to be there, so that the product of a later, complete run replaces that of a partial
// one (orchestration.md 5.1, 6).
struct IntendedRows {
    std::vector<int> rows;              // WRS-2 rows; empty: those of the scenes
    std::optional<int> path;            // WRS-2 path, if known
    std::optional<UtcTime> first_time;  // sensing time of the first row, if known
};

// "067,068" or "003067,003068", in any order, and the sensing time of the first row; both may be
// empty. Throws Error{usage}.
IntendedRows parse_intended_rows(std::string_view rows, std::string_view first_time);

struct LandsatPass {
    std::vector<scene::AcScene> scenes;  // by row; never empty
    UtcTime granule_time{};              // sensing time of the first intended row
    bool time_estimated = false;         // from another row, since that scene is not there
};

// Orders the scenes and leaves out those with the sun too low. Throws Error: bad_input for scenes
// of another path or overflight and for two scenes of one row, low_sun if none is left, usage if a
// row is not among the intended ones.
LandsatPass make_landsat_pass(std::vector<scene::AcScene> scenes, const IntendedRows& intended);

}  // namespace hls::tile
