// SPDX-License-Identifier: Apache-2.0
// Metadata documents of Zarr 2 (.zarray, .zgroup, .zattrs, .zmetadata) and Zarr 3 (zarr.json), read
// strictly into one model and written deterministically (spec: zarr-specs v2, v3.0 and v3.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/codec.hpp"
#include "zarr/data_type.hpp"
#include "zarr/json_value.hpp"

namespace hls::zarr {

using Shape = std::vector<std::uint64_t>;

// How the indices of a chunk become its key below the array's path.
struct ChunkKeys {
    enum class Style { v2, v3_default } style = Style::v3_default;
    char separator = '/';

    bool operator==(const ChunkKeys&) const = default;
};

struct ArrayMetadata {
    int format = 3;  // 2 or 3
    DataType type;
    Shape shape;        // rank at most 32
    Shape chunk_shape;  // of one object: the shard, if the array is sharded
    ChunkKeys keys;
    Bytes fill;                 // one element, native byte order; empty for variable_text
    bool null_fill = false;     // version 2 said null: read as zero, written back as null
    std::vector<Codec> codecs;  // version 2's order, filters and compressor are expressed in them
    // Of version 3, or xarray's _ARRAY_DIMENSIONS in version 2 (which is then no attribute here).
    std::optional<std::vector<std::string>> dimensions;
    JsonObject attributes;

    // Shape of the smallest part that can be decoded alone: the inner chunk, if sharded.
    const Shape& inner_chunk_shape() const;
    ChunkLayout chunk_layout() const { return {type, chunk_shape, fill}; }
    std::uint64_t chunk_bytes() const;  // decoded, of one object
    bool operator==(const ArrayMetadata& other) const;
};

struct GroupMetadata {
    int format = 3;
    JsonObject attributes;
    bool operator==(const GroupMetadata&) const = default;
};

// The documents of version 2, from parse_json(). `what` names the document in messages (its key).
// Everything that is not known is Error{bad_input}: another version, type, codec, filter, order, a
// member of the wrong kind, a size that does not fit. Members of other names are ignored, as the
// specification wants it.
ArrayMetadata parse_v2_array(const JsonValue& zarray, std::string_view what);
GroupMetadata parse_v2_group(const JsonValue& zgroup, std::string_view what);
// Moves _ARRAY_DIMENSIONS to `dimensions`.
void parse_v2_attributes(const JsonValue& zattrs, std::string_view what, ArrayMetadata& array);
void parse_v2_attributes(const JsonValue& zattrs, std::string_view what, GroupMetadata& group);

// A zarr.json of version 3. Unknown members are refused unless they are objects that say
// "must_understand": false.
struct V3Node {
    std::optional<ArrayMetadata> array;  // one of the two
    std::optional<GroupMetadata> group;
    std::optional<JsonObject> consolidated;  // path -> node, of a group that has it inline
};
V3Node parse_v3_node(const JsonValue& zarr_json, std::string_view what);

// Documents as JSON values (format_json() makes the text). Error{internal} if the model cannot be
// said in its format, e.g. a crc32c in version 2.
JsonValue v2_array_document(const ArrayMetadata& array);
JsonValue v2_attributes_document(const ArrayMetadata& array);
JsonValue v3_array_document(const ArrayMetadata& array);
JsonValue v3_group_document(const GroupMetadata& group);

// Throws Error{bad_input} unless version 3 allows `name` for a node: not empty, no '/', not only
// dots, not starting with "__", not a metadata document's name.
void require_node_name(std::string_view name);

}  // namespace hls::zarr
