// SPDX-License-Identifier: Apache-2.0
// Where slots lie along the append axis, before and after a batch.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "zarr/slot_plan.hpp"

namespace hls::zarr {

struct RowPlan {
    std::uint64_t old_length = 0;
    std::uint64_t new_length = 0;
    std::map<std::string, std::uint64_t> rows;     // of the slots that change
    std::vector<SlotTable::AxisRow> axis;          // rows that are new or have moved
    std::map<std::uint64_t, std::uint64_t> moved;  // new row -> old row
};

// Rows of the slots in `plan`. On an irregular axis new slots go where they belong, and those
// behind move; which needs the lock of the axis.
RowPlan plan_rows(const Collection& collection, SlotTable& table, const SlotPlan& plan);

// What one row of a variable becomes.
struct RowTask {
    std::uint64_t row = 0;
    const Candidate* winner = nullptr;  // its file's elements, or
    bool moved = false;                 // those of old_row, or the fill value
    std::uint64_t old_row = 0;
};

// Rows that share objects.
struct ChunkRowTask {
    std::string variable;
    std::uint64_t chunk_row = 0;
    std::vector<RowTask> rows;  // ascending
};

// `rows_per_object` says for each variable how many rows one object holds.
std::vector<ChunkRowTask> chunk_row_tasks(
    const Collection& collection, const SlotPlan& plan, const RowPlan& rows,
    const std::map<std::string, std::uint64_t>& rows_per_object);

}  // namespace hls::zarr
