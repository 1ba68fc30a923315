// SPDX-License-Identifier: Apache-2.0
// Is a store what its writers left, and does it hold what the source has? And the way back.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "zarr/inspect.hpp"
#include "zarr/update_run.hpp"

namespace hls::zarr {

// verify_store(), and what only the state knows: objects that are missing, foreign or other than
// they were written (by size; deep: by SHA-256), transactions that are not finished.
std::vector<StoreFault> check_store(CollectionStore& store, bool deep, int threads);

// Writes the objects of those faults again from their files, and restores metadata. Returns how
// many slots were queued; drain() then does the work. Faults of fixed coordinates need `create`.
std::uint64_t repair_store(CollectionStore& store, Writer& writer,
                           const std::vector<StoreFault>& faults);

// Queues every object of the source that is new, changed or gone since it was last looked at, as if
// its event had come. With `dry_run` only reports. Returns how many.
std::uint64_t reconcile(CollectionStore& store, bool dry_run, RunLog& log);

}  // namespace hls::zarr
