// SPDX-License-Identifier: Apache-2.0
// Rows of the append axis turned into objects. All rows that share objects are written together, so
// that none is lost between reading an object and replacing it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "zarr/array.hpp"
#include "zarr/transaction.hpp"

namespace hls::zarr {

struct RowPlane {
    std::uint64_t row = 0;
    const Bytes* elements = nullptr;  // dense, of shape[1..]; nullptr: the fill value
};

// Stages the objects of one row of chunks after `planes` (ascending rows, all in that row of
// chunks) got new elements; other rows below `old_length` keep theirs. Chunks of nothing but fill
// are removed if `empty` says so. Throws Error{bad_input} if an object that must be read is
// damaged.
void write_chunk_row(StoreTransaction& transaction, const ObjectStore& store, const Array& array,
                     std::uint64_t old_length, std::uint64_t chunk_row,
                     std::span<const RowPlane> planes, EmptyChunks empty, int threads);

// Keys of all objects of a row of chunks, in order.
std::vector<std::string> chunk_row_keys(const Array& array, std::uint64_t chunk_row);

}  // namespace hls::zarr
