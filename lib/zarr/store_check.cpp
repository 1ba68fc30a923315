// SPDX-License-Identifier: Apache-2.0
#include "zarr/store_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/parallel.hpp"
#include "fs/digest.hpp"
#include "zarr/axis_coordinates.hpp"
#include "zarr/publish_lock.hpp"
#include "zarr/row_remaker.hpp"
#include "zarr/row_writer.hpp"
#include "zarr/slot_plan.hpp"

namespace hls::zarr {
namespace {

struct KnownObject {
    std::string key;
    std::string sha256;
    std::uint64_t bytes;
};

std::vector<KnownObject> known_objects(StateFolder& state) {
    std::vector<KnownObject> objects;
    auto query = state.db().prepare("SELECT key, sha256, bytes FROM object ORDER BY key");
    while (query.step())
        objects.push_back(
            {query.text(0), query.text(1), static_cast<std::uint64_t>(query.integer(2))});
    return objects;
}

std::string sha256_of(const ObjectStore& store, const std::string& key) {
    Bytes content;
    if (!store.get(key, content)) return {};
    fs::Digest digest(fs::DigestKind::sha256);
    digest.update(content.data(), content.size());
    return digest.hex();
}

bool faults_of_metadata(const StoreFault& fault) {
    return fault.key.ends_with("zarr.json") || fault.key.find("/.z") != std::string::npos ||
           fault.key.starts_with(".z");
}

std::vector<SlotTable::AxisRow> rows_of(CollectionStore& store, const ChunkRowPlace& place) {
    const auto rows = store.layout().hierarchy.array(place.variable)->chunk_shape[0];
    return SlotTable(store.state()).rows(place.chunk_row * rows, (place.chunk_row + 1) * rows);
}

// Forgets what the store holds in rows of chunks, so that they are written again.
void forget_rows(CollectionStore& store, Writer& writer, PublishLock& publish,
                 const std::set<ChunkRowPlace>& places) {
    SlotTable table(store.state());
    std::vector<std::string> keys;
    for (const ChunkRowPlace& place : places) {
        const Array array(place.variable,
                          store.layout().array(store.collection(), place.variable, table.length()));
        const auto row_keys = chunk_row_keys(array, place.chunk_row);
        keys.insert(keys.end(), row_keys.begin(), row_keys.end());
    }
    StoreTransaction transaction(writer, store.access(), StoreTransaction::Known::ignored);
    for (const std::string& key : keys)
        if (store.store().head(key)) transaction.remove(Phase::data, key);
    auto& db = store.state().db();
    transaction.commit(
        {&publish.owner()}, 0,
        [&] {
            auto forget = db.prepare("DELETE FROM object WHERE key = ?");
            for (const std::string& key : keys) forget.bind(key).run();
            for (const ChunkRowPlace& place : places)
                for (const auto& row : rows_of(store, place)) table.clear(row.slot, place.variable);
        },
        [&] { db.execute("DELETE FROM damage"); });
}

// Metadata and times follow from the tables.
void restore_axis(CollectionStore& store, Writer& writer) {
    SlotTable table(store.state());
    StoreTransaction transaction(writer, store.access(), StoreTransaction::Known::ignored);
    for (const Document& document : store.layout().documents(store.collection(), table.length()))
        transaction.put(phase_of_document(document.key), document.key,
                        std::as_bytes(std::span(document.text)));
    RowPlan all;
    all.new_length = table.length();
    all.axis = table.rows(0, all.new_length);
    for (const auto& row : all.axis) all.rows[row.slot] = row.row;
    const SlotPlan nothing(store, {});
    for (const AxisObject& object : axis_objects(store, table, nothing, all))
        transaction.put(Phase::coordinates, object.key, object.content);
    transaction.commit({}, 0, [] {});
}

}  // namespace

std::vector<StoreFault> check_store(CollectionStore& store, bool deep, int threads) {
    VerifyOptions options;
    options.deep = deep;
    options.threads = threads;
    const AppendAxis& axis = store.collection().axis;
    if (axis.kind == AxisKind::daily || axis.late != LatePolicy::append)
        options.increasing.push_back(axis.dimension);
    // Floats that surface together, or times that round to one: the slot tells such rows apart.
    options.repeats =
        axis.kind == AxisKind::irregular && (axis.slot.size() > 1 || axis.round_times);
    std::vector<StoreFault> faults = verify_store(store.store(), options).faults;

    const auto known = known_objects(store.state());
    std::vector<std::string> digests(known.size());
    std::vector<std::optional<ObjectInfo>> infos(known.size());
    parallel_for(known.size(), threads, [&](std::size_t i) {
        infos[i] = store.store().head(known[i].key);
        if (deep && infos[i]) digests[i] = sha256_of(store.store(), known[i].key);
    });
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto& present = infos[i];
        if (!present)
            faults.push_back({"missing", known[i].key, "is gone"});
        else if (present->bytes != known[i].bytes || (deep && digests[i] != known[i].sha256))
            faults.push_back({"changed", known[i].key, "is not what was written"});
    }
    for (const ObjectInfo& object : store.store().list("")) {
        const bool ours = std::ranges::binary_search(known, object.key, {}, &KnownObject::key);
        if (!ours && place_of(store, object.key))
            faults.push_back({"unknown", object.key, "was not written by this state"});
    }
    auto damage = store.state().db().prepare("SELECT key, problem FROM damage ORDER BY key");
    while (damage.step()) faults.push_back({"damaged", damage.text(0), damage.text(1)});
    if (store.state().db().query_int("SELECT count(*) FROM txn WHERE state = 'committed'") != 0)
        faults.push_back({"journal", "", "a transaction is not finished; run replay"});
    std::ranges::stable_sort(faults, {}, &StoreFault::key);
    return faults;
}

std::uint64_t repair_store(CollectionStore& store, Writer& writer,
                           const std::vector<StoreFault>& faults) {
    PublishLock publish(writer, store.access());
    std::set<ChunkRowPlace> places;
    std::set<std::string> keys;  // of the files concerned
    SlotTable table(store.state());
    for (const StoreFault& fault : faults) {
        const auto place = place_of(store, fault.key);
        if (!place || !places.insert(*place).second) continue;
        for (const auto& row : rows_of(store, *place))
            for (const Candidate& candidate : table.candidates_of_slot(row.slot, place->variable))
                keys.insert(candidate.key);
    }
    if (!places.empty())
        forget_rows(store, writer, publish, places);
    else
        store.state().db().execute("DELETE FROM damage");
    const bool axis = std::ranges::any_of(faults, [&](const StoreFault& fault) {
        return faults_of_metadata(fault) ||
               fault.key.starts_with(store.collection().axis.dimension + "/") ||
               (!store.collection().axis.acquisition.empty() &&
                fault.key.starts_with(store.collection().axis.acquisition + "/"));
    });
    if (axis) restore_axis(store, writer);
    std::vector<ObjectEvent> events;
    for (const std::string& key : keys) {
        ObjectEvent event;
        event.kind = EventKind::changed;
        event.key = key;
        events.push_back(std::move(event));
    }
    EventQueue(store.state()).add(events);
    return keys.size();
}

std::uint64_t reconcile(CollectionStore& store, bool dry_run, RunLog& log) {
    const Collection& collection = store.collection();
    SlotTable table(store.state());
    std::vector<ObjectEvent> events;
    const auto note = [&](const std::string& key, EventKind kind, const char* what) {
        ObjectEvent event;
        event.kind = kind;
        event.key = key;
        log.print({{"key", key}, {"difference", what}});
        events.push_back(std::move(event));
    };
    std::set<std::string> listed;
    for (const std::string& key : store.source().list(collection.prefix)) {
        if (!match_key(collection, key)) continue;
        listed.insert(key);
        try {
            require_key(key);
        } catch (const Error& error) {
            ObjectEvent bad;
            bad.key = key;
            bad.problem = error.message;
            log.add_event(bad, "rejected");
            continue;
        }
        const auto known = table.candidates_of_key(key);
        const auto state = store.source().head(store.source().location_of(key));
        if (!state) continue;
        if (known.empty())
            note(key, EventKind::changed, "new");
        else if (known.front().etag != state->etag)
            note(key, EventKind::changed, "changed");
        else if (!table.held(known.front().slot, known.front().variable))
            note(key, EventKind::changed, "not shown");
    }
    for (const std::string& key : table.keys()) {
        const auto known = table.candidates_of_key(key);
        const bool below = known.front().location == store.source().location_of(key);
        if (below && !listed.contains(key) && !store.source().head(known.front().location))
            note(key, EventKind::removed, "gone");
    }
    if (!dry_run) EventQueue(store.state()).add(events);
    return events.size();
}

}  // namespace hls::zarr
