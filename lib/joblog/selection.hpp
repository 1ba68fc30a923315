// SPDX-License-Identifier: Apache-2.0
// Which units a command is about.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "joblog/unit.hpp"

namespace hls::joblog {

// Conditions that all must hold; empty ones hold always.
struct Selection {
    std::vector<std::string> stages, states, reasons, tracks;
    std::string date;  // 2024-03-07, 2024-03, 2024, or FIRST..LAST
    std::string tile;  // 13TFN
    int path = 0, row = 0;
    std::string exit_class;
    std::string tool_before;  // last attempt made by a tool version before this one
    std::vector<std::string> keys;
    int limit = 0;  // 0: all

    bool empty() const;
};

// Throws Error{usage} for stages, states, tracks, tiles, dates and versions that do not exist.
void check_selection(const Selection& selection);

// Calls `body` for each unit, ordered by date, stage and key.
void for_each_unit(store::Connection& connection, const Selection& selection,
                   const std::function<void(const Unit&)>& body);
std::vector<Unit> select_units(store::Connection& connection, const Selection& selection);
// Those of `units` that fulfil the conditions, in their order.
std::vector<Unit> units_that_fit(store::Connection& connection, const Selection& selection,
                                 std::vector<Unit> units);

// The units that a name stands for: a unit's key, a Level-1 product id, an HLS id, TILE/DATE or
// PATH/ROW/DATE. Throws Error{missing_input} if the log knows none.
std::vector<Unit> units_named(store::Connection& connection, const std::string& name);

}  // namespace hls::joblog
