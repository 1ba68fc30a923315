// SPDX-License-Identifier: Apache-2.0
// From files to staged objects: a row of chunks of one variable.
#pragma once

#include "zarr/collection_store.hpp"
#include "zarr/row_plan.hpp"
#include "zarr/transaction.hpp"

namespace hls::zarr {

struct StageThreads {
    int own = 1;      // for the chunks of this row
    int sharing = 1;  // rows that are staged at the same time, and share the memory
};

// Reads what the rows of `task` are to hold, and stages the objects that change. Holds at most a
// set number of bytes of elements: higher planes are read in bands. Safe to call from several
// threads. Errors as open_source(), Source::read() and ChunkRowWriter::write().
void stage_chunk_row(StoreTransaction& transaction, CollectionStore& store, const RowPlan& rows,
                     const ChunkRowTask& task, const StageThreads& threads);

}  // namespace hls::zarr
