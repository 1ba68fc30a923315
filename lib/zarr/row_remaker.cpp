// SPDX-License-Identifier: Apache-2.0
#include "zarr/row_remaker.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/error.hpp"
#include "core/log.hpp"
#include "zarr/event_queue.hpp"
#include "zarr/row_plan.hpp"
#include "zarr/row_stage.hpp"

namespace hls::zarr {
namespace {

std::set<ChunkRowPlace> places_of(CollectionStore& store, const std::vector<std::string>& keys) {
    std::set<ChunkRowPlace> places;
    for (const std::string& key : keys)
        if (auto place = place_of(store, key)) places.insert(std::move(*place));
    return places;
}

std::vector<SlotTable::AxisRow> rows_of(CollectionStore& store, const ChunkRowPlace& place) {
    const auto rows = store.layout().hierarchy.array(place.variable)->chunk_shape[0];
    return SlotTable(store.state()).rows(place.chunk_row * rows, (place.chunk_row + 1) * rows);
}

void restage_row(CollectionStore& store, StoreTransaction& transaction,
                 const ChunkRowPlace& place) {
    SlotTable table(store.state());
    RowPlan plan;
    plan.old_length = plan.new_length = table.length();
    std::map<std::uint64_t, Candidate> winners;
    for (const auto& row : rows_of(store, place)) {
        const auto held = table.held(row.slot, place.variable);
        if (!held) continue;
        for (const Candidate& candidate : table.candidates_of_slot(row.slot, place.variable))
            if (candidate.key == held->key) winners.emplace(row.row, candidate);
    }
    // All rows are given, those without a file as fill, so that nothing old is read.
    ChunkRowTask task{place.variable, place.chunk_row, {}};
    const auto rows = store.layout().hierarchy.array(place.variable)->chunk_shape[0];
    const std::uint64_t first = place.chunk_row * rows;
    for (std::uint64_t row = first; row < std::min(first + rows, plan.new_length); ++row) {
        const auto found = winners.find(row);
        task.rows.push_back({row, found == winners.end() ? nullptr : &found->second, false, 0});
    }
    stage_chunk_row(transaction, store, plan, task, {});
}

}  // namespace

std::optional<ChunkRowPlace> place_of(CollectionStore& store, const std::string& key) {
    for (const auto& variable : store.collection().variables) {
        if (!key.starts_with(variable.name + "/")) continue;
        const ArrayMetadata* array = store.layout().hierarchy.array(variable.name);
        const auto chunk = parse_chunk_key(array->keys, array->shape.size(),
                                           std::string_view(key).substr(variable.name.size() + 1));
        if (chunk) return ChunkRowPlace{variable.name, (*chunk)[0]};
    }
    return std::nullopt;
}

void RowRemaker::restage(Writer& writer, StoreTransaction& transaction,
                         const std::vector<std::string>& keys) {
    for (const ChunkRowPlace& place : places_of(store_, keys)) {
        writer.renew_if_due();
        store_.access().shared->require_held();
        try {
            restage_row(store_, transaction, place);
        } catch (const Error& error) {
            if (error.code == Exit::temporary) throw;
            log_warning("{}: {}", place.variable, error.message);
        }
    }
}

void RowRemaker::requeue(const std::vector<std::string>& keys) {
    SlotTable table(store_.state());
    std::set<std::string> files;
    for (const ChunkRowPlace& place : places_of(store_, keys))
        for (const auto& row : rows_of(store_, place))
            for (const Candidate& candidate : table.candidates_of_slot(row.slot, place.variable))
                files.insert(candidate.key);
    std::vector<ObjectEvent> events;
    for (const std::string& key : files) {
        ObjectEvent event;
        event.kind = EventKind::changed;
        event.key = key;
        events.push_back(std::move(event));
    }
    EventQueue(store_.state()).add(events);
}

}  // namespace hls::zarr
