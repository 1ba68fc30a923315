// SPDX-License-Identifier: Apache-2.0
#include "zarr/row_plan.hpp"

#include <algorithm>
#include <set>

namespace hls::zarr {
namespace {

RowPlan plan_daily(const SlotPlan& plan, RowPlan rows) {
    for (const auto& [place, change] : plan.changes()) {
        const std::uint64_t row = daily_row_of(place.first);
        rows.rows[place.first] = row;
        rows.new_length = std::max(rows.new_length, row + 1);
        if (!change.known && (rows.axis.empty() || rows.axis.back().slot != place.first))
            rows.axis.push_back({place.first, row, change.winner.time});
    }
    return rows;
}

// New slots, merged into the rows behind the first of them.
RowPlan plan_irregular(const Collection& collection, SlotTable& table, const SlotPlan& plan,
                       RowPlan rows) {
    std::map<std::string, UtcTime> added;
    for (const auto& [place, change] : plan.changes()) {
        if (change.known)
            rows.rows[place.first] = table.row_of(place.first)->row;
        else
            added.emplace(place.first, change.winner.time);
    }
    if (added.empty()) return rows;
    const bool sorted = collection.axis.late != LatePolicy::append;
    std::uint64_t next = sorted ? table.first_row_behind(added.begin()->first) : rows.old_length;
    std::vector<SlotTable::AxisRow> tail = table.rows(next, rows.old_length);
    auto old_row = tail.begin();
    auto new_slot = added.begin();
    for (; old_row != tail.end() || new_slot != added.end(); ++next) {
        const bool take_old =
            new_slot == added.end() || (old_row != tail.end() && old_row->slot < new_slot->first);
        if (take_old) {
            if (old_row->row != next) {
                rows.moved[next] = old_row->row;
                rows.axis.push_back({old_row->slot, next, old_row->time});
            }
            // A slot that changes and moves is written where it comes to lie.
            if (const auto changed = rows.rows.find(old_row->slot); changed != rows.rows.end())
                changed->second = next;
            ++old_row;
        } else {
            rows.rows[new_slot->first] = next;
            rows.axis.push_back({new_slot->first, next, new_slot->second});
            ++new_slot;
        }
    }
    rows.new_length = next;
    return rows;
}

}  // namespace

RowPlan plan_rows(const Collection& collection, SlotTable& table, const SlotPlan& plan) {
    RowPlan rows;
    rows.old_length = rows.new_length = table.length();
    return collection.axis.kind == AxisKind::daily
               ? plan_daily(plan, std::move(rows))
               : plan_irregular(collection, table, plan, std::move(rows));
}

std::vector<ChunkRowTask> chunk_row_tasks(
    const Collection& collection, const SlotPlan& plan, const RowPlan& rows,
    const std::map<std::string, std::uint64_t>& rows_per_object) {
    std::set<std::uint64_t> disturbed;  // rows whose content is not what lay there before
    for (const auto& [new_row, old_row] : rows.moved) disturbed.insert(new_row);
    std::map<std::uint64_t, std::string> slots;
    for (const auto& [slot, row] : rows.rows) {
        slots[row] = slot;
        if (row < rows.old_length && !rows.moved.empty()) disturbed.insert(row);
    }
    std::vector<ChunkRowTask> tasks;
    for (const CollectionVariable& variable : collection.variables) {
        std::map<std::uint64_t, RowTask> by_row;
        for (const std::uint64_t row : disturbed) {
            const auto moved = rows.moved.find(row);
            by_row[row] = {row, nullptr, moved != rows.moved.end(),
                           moved != rows.moved.end() ? moved->second : 0};
        }
        for (const auto& [row, slot] : slots) {
            const SlotPlan::Change* change = plan.change_of(slot, variable.name);
            if (change == nullptr) continue;
            const bool blank = change->winner.key.empty();
            by_row[row] = {row, blank ? nullptr : &change->winner, false, 0};
        }
        const std::uint64_t per_object = rows_per_object.at(variable.name);
        for (const auto& [row, task] : by_row) {
            const std::uint64_t chunk_row = row / per_object;
            if (tasks.empty() || tasks.back().variable != variable.name ||
                tasks.back().chunk_row != chunk_row)
                tasks.push_back({variable.name, chunk_row, {}});
            tasks.back().rows.push_back(task);
        }
    }
    return tasks;
}

}  // namespace hls::zarr
