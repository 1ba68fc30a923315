// SPDX-License-Identifier: Apache-2.0
#include "zarr/row_remaker.hpp"

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "core/log.hpp"
#include "zarr/row_writer.hpp"
#include "zarr/winner_reader.hpp"

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
    const Collection& collection = store.collection();
    SlotTable table(store.state());
    const std::uint64_t length = table.length();
    const Array array(place.variable, store.layout().array(collection, place.variable, length));
    const std::uint64_t rows = array.metadata().chunk_shape[0];
    SourceFiles files(store.source());
    std::map<std::uint64_t, Bytes> elements;
    for (const auto& row : rows_of(store, place)) {
        const auto held = table.held(row.slot, place.variable);
        if (!held) continue;
        for (const Candidate& candidate : table.candidates_of_slot(row.slot, place.variable))
            if (candidate.key == held->key)
                elements[row.row] = read_winner(collection, array, candidate, files);
    }
    // All rows are given, those without a file as fill, so that nothing old is read.
    std::vector<RowPlane> planes;
    const std::uint64_t first = place.chunk_row * rows;
    for (std::uint64_t row = first; row < std::min(first + rows, length); ++row) {
        const auto found = elements.find(row);
        planes.push_back({row, found == elements.end() ? nullptr : &found->second});
    }
    write_chunk_row(transaction, store.store(), array, length, place.chunk_row, planes,
                    store.empty_chunks(), 1);
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
