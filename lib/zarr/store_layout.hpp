// SPDX-License-Identifier: Apache-2.0
// The arrays of a collection's store: made from a configuration and a first file, and compared with
// every file that comes later.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/collection.hpp"
#include "zarr/hierarchy.hpp"
#include "zarr/source.hpp"

namespace hls::zarr {

inline constexpr const char* kGridMapping = "spatial_ref";

// Everything about a store but the rows of its append axis.
struct StoreLayout {
    Hierarchy hierarchy;                     // append axis of length 0
    std::map<std::string, Bytes> constants;  // array -> all its elements: fixed coordinates, grid
                                             // mapping; dense, native byte order

    // The metadata of an array when the append axis has `length` rows.
    ArrayMetadata array(const Collection& collection, const std::string& name,
                        std::uint64_t length) const;
    // All metadata documents for that length, in the order of their publication.
    std::vector<Document> documents(const Collection& collection, std::uint64_t length) const;
};

// What `create` writes. Throws Error{bad_input} if the file cannot be the first of the collection:
// no such variable, another rank, no grid; Error{usage} if the configuration contradicts it.
StoreLayout make_layout(const Collection& collection, Source& first);

// The layout of a store that is there, with the constants read back. Throws Error{missing_input} if
// there is none, Error{bad_input} if it is not one of this collection.
StoreLayout read_layout(const Collection& collection, const ObjectStore& store);

// Throws Error{bad_input}, which names both values, if the file's variables, coordinates or
// reference system are not those of the store. `variables` are those that the file feeds.
void require_fits(const Collection& collection, const StoreLayout& layout, Source& file,
                  const std::vector<std::string>& variables);

// The variable of a file that feeds a variable of the store. Throws Error{bad_input} if it is
// missing.
const SourceVariable& source_of(const CollectionVariable& variable, const Source& file);

}  // namespace hls::zarr
