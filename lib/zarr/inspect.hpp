// SPDX-License-Identifier: Apache-2.0
// What a store holds, for people and for programs; and whether it is whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/chunk_grid.hpp"
#include "zarr/hierarchy.hpp"
#include "zarr/json_value.hpp"
#include "zarr/object_store.hpp"

namespace hls::zarr {

struct InspectOptions {
    bool chunks = false;   // count the objects of every array
    bool digests = false;  // decode every array and give the SHA-256 of its elements
    int threads = 1;
};

// One object per node, sorted by path: kind, shape, chunks, type, fill, codecs, dimensions,
// attributes, as far as they apply. The digest is over the elements in C order, in the byte order
// of the array's own data type (little-endian but for version 2's ">i2" and the like).
JsonArray inspect_store(const ObjectStore& store, const InspectOptions& options);
// The same as an indented text for people.
std::string inspect_text(const JsonArray& nodes);

// Values of a region of an array in C order, as nested lists in JSON (NaN and infinities as text).
// More than 100,000 elements are Error{bad_input}.
JsonValue inspect_region(const ObjectStore& store, std::string_view path, const Region& region);

// "0:3,5,:" as ranges of indices, one for each dimension; what is left away is whole. Throws
// Error{usage} if that does not fit into `whole`.
Region parse_region(const std::string& text, Region whole);

// One thing that is wrong with a store.
struct StoreFault {
    std::string kind;  // metadata, consolidated, dimension, time_order, foreign, outside,
                       // undecodable
    std::string key;   // object or node
    std::string message;
    bool operator==(const StoreFault&) const = default;
};
JsonValue fault_document(const StoreFault& fault);

struct VerifyOptions {
    bool deep = false;  // decode every object
    int threads = 1;
    std::vector<std::string> increasing;  // coordinates that must increase
    bool repeats = false;                 // they may stay the same from one element to the next
};
struct VerifyReport {
    std::vector<StoreFault> faults;  // sorted by key
    std::uint64_t arrays = 0;
    std::uint64_t objects = 0;  // chunks and shards looked at
    std::uint64_t bytes = 0;
};
// Metadata valid and equal to their consolidated copy; dimensions of one name of one length;
// nothing in the store that does not belong to it; no chunk outside its array's grid; time
// increasing; deep: every object decodes to exactly a chunk. Throws only where nothing can be said
// at all (no store 66, no access).
VerifyReport verify_store(const ObjectStore& store, const VerifyOptions& options);

}  // namespace hls::zarr
