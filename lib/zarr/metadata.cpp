// SPDX-License-Identifier: Apache-2.0
#include "zarr/metadata.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/escape.hpp"

namespace hls::zarr {

const Shape& ArrayMetadata::inner_chunk_shape() const {
    for (const auto& codec : codecs)
        if (const auto* sharding = std::get_if<std::shared_ptr<const ShardingCodec>>(&codec))
            return (*sharding)->chunk_shape;
    return chunk_shape;
}

std::uint64_t ArrayMetadata::chunk_bytes() const {
    std::uint64_t bytes = type.bytes;
    for (const auto n : chunk_shape) bytes *= n;
    return bytes;
}

// Equal arrays have equal documents; that way nested codecs need no comparison of their own.
bool ArrayMetadata::operator==(const ArrayMetadata& other) const {
    if (format != other.format || null_fill != other.null_fill || dimensions != other.dimensions ||
        attributes != other.attributes)
        return false;
    return format == 2 ? v2_array_document(*this) == v2_array_document(other)
                       : v3_array_document(*this) == v3_array_document(other);
}

void require_node_name(std::string_view name) {
    const bool only_dots = name.find_first_not_of('.') == std::string_view::npos;
    if (only_dots || name.starts_with("__") || name.find('/') != std::string_view::npos ||
        name == "zarr.json" || name == ".zarray" || name == ".zgroup" || name == ".zattrs" ||
        name == ".zmetadata")
        throw Error{Exit::bad_input, fmt::format("\"{}\" cannot name an array or group",
                                                 json_escape(name.substr(0, 80)))};
    require_key(name);
}

}  // namespace hls::zarr
