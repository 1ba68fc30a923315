// SPDX-License-Identifier: Apache-2.0
// Who works on a store and what it holds where, as JSON for people and programs. Nothing is
// changed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "zarr/collection_store.hpp"

namespace hls::zarr {

// Length, watermark, writers with the age of their leases, queue, dead letters, and the journal.
JsonObject status_document(CollectionStore& store);

// One object per slot, in the order of the axis: row, time, and for each variable the file that
// fills it and those that could. Only slots of that time (as in "2024-10-11", a prefix of ISO 8601)
// or to which that key is a candidate, if given.
void print_slots(CollectionStore& store, const std::string& time, const std::string& key,
                 const std::function<void(const JsonObject&)>& print);

}  // namespace hls::zarr
