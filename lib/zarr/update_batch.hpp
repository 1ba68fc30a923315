// SPDX-License-Identifier: Apache-2.0
// A set of files applied to a store in one transaction: which slots they fill or leave, who wins
// each slot, and which objects change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "zarr/collection_store.hpp"
#include "zarr/event_queue.hpp"

namespace hls::zarr {

// What is asked for. An event asks for nothing: the object decides.
enum class Intent {
    event,
    append,  // the slots must be free
    update,  // replaces what is there
    clear,   // takes the file out, whether or not it still exists
};

struct WorkItem {
    std::string key;
    std::string location;  // empty: where keys of the source lie
    Intent intent = Intent::event;
    std::optional<QueuedEvent> queued;  // removed from the queue when the work is committed
};

enum class Outcome {
    written,
    unchanged,  // the store has it already
    outranked,  // kept as a candidate: another file of the slot is preferred
    cleared,    // the file is gone and nothing is left for its slots
    replaced,   // the file is gone and others took its slots
    ignored,    // no pattern of the collection matches, or there never was anything
    rejected,   // cannot be used; the store is as it was
};
std::string_view outcome_word(Outcome outcome);

struct ItemResult {
    std::string key;
    Outcome outcome = Outcome::ignored;
    std::optional<Error> problem;  // if rejected
    std::vector<std::string> slots;
};

struct BatchReport {
    std::vector<ItemResult> items;
    TransactionReport transaction;
    std::uint64_t slots = 0;   // written or cleared
    std::uint64_t length = 0;  // of the append axis afterwards
    double ms = 0;
    std::vector<std::string> keys;  // of a dry run: objects that may change
};

struct BatchOptions {
    int threads = 1;
    // Where several hosts write: keeps the others from committing meanwhile. For a batch that
    // others have overtaken before.
    bool exclusive = false;
};

// Throws Error{temporary} if the whole batch should be tried again: another writer was faster, or a
// file changed while it was read. Problems of single files are in the report.
BatchReport apply_batch(CollectionStore& store, Writer& writer, std::vector<WorkItem> items,
                        const BatchOptions& options);

// The same, without a writer, for dry runs.
BatchReport plan_batch(CollectionStore& store, std::vector<WorkItem> items);

}  // namespace hls::zarr
