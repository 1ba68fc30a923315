// SPDX-License-Identifier: Apache-2.0
// Zarr version 2: .zarray, .zgroup and .zattrs.
#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "zarr/byte_codecs.hpp"
#include "zarr/codec_json.hpp"
#include "zarr/members.hpp"
#include "zarr/metadata.hpp"

namespace hls::zarr {
namespace {

constexpr std::string_view kDimensions = "_ARRAY_DIMENSIONS";

void require_version(const Members& members) {
    const auto* version = members.find("zarr_format");
    if (version == nullptr || *version != JsonValue(2)) members.fail("\"zarr_format\" is not 2");
}

TransposeCodec reversal(std::size_t rank) {
    TransposeCodec codec;
    for (std::size_t d = rank; d-- > 0;) codec.order.push_back(d);
    return codec;
}

// Order, filters, byte order and compressor as one chain.
std::vector<Codec> chain_of(const Members& members, const TypeString& type, std::size_t rank) {
    std::vector<Codec> codecs;
    const auto order = members.text("order");
    if (order != "C" && order != "F") members.fail("\"order\" is neither \"C\" nor \"F\"");
    if (order == "F" && rank > 1) codecs.push_back(reversal(rank));

    std::vector<Codec> byte_codecs;
    bool to_bytes = false;  // by a filter or compressor, not by plain copying
    const auto add = [&](const JsonValue& value) {
        auto codec =
            parse_v2_codec(value, type, byte_codecs.empty() ? type.type.bytes : 1, members.where());
        if (is_byte_codec(codec)) {
            byte_codecs.push_back(std::move(codec));
            return;
        }
        if (!byte_codecs.empty() || to_bytes) members.fail("filters in an order nobody can apply");
        to_bytes = !std::holds_alternative<DeltaCodec>(codec);
        codecs.push_back(std::move(codec));
    };
    if (const auto* filters = members.find("filters"); filters != nullptr && !filters->is_null())
        for (const auto& filter : members.list("filters")) add(filter);
    if (const auto& compressor = members.at("compressor"); !compressor.is_null()) add(compressor);
    if (!to_bytes) codecs.push_back(BytesCodec{type.big_endian});
    codecs.insert(codecs.end(), byte_codecs.begin(), byte_codecs.end());
    return codecs;
}

void set_fill(const Members& members, ArrayMetadata& array) {
    const auto& fill = members.at("fill_value");
    array.null_fill = fill.is_null();
    if (array.null_fill) {
        array.fill.assign(array.type.bytes, std::byte{0});
        return;
    }
    try {
        array.fill = fill_from_json(array.type, fill);
    } catch (const Error& error) {
        members.fail(error.message);
    }
}

JsonValue fill_document(const ArrayMetadata& array) {
    if (array.null_fill) return nullptr;
    auto fill = fill_to_json(array.type, array.fill);
    // Version 2 knows one NaN only.
    const auto* text = fill.get<std::string>();
    if (array.type.kind == TypeKind::floating && text != nullptr && text->starts_with("0x"))
        return "NaN";
    return fill;
}

bool big_endian(const std::vector<Codec>& codecs) {
    return std::any_of(codecs.begin(), codecs.end(), [](const Codec& codec) {
        const auto* bytes = std::get_if<BytesCodec>(&codec);
        return bytes != nullptr && bytes->big_endian;
    });
}

JsonArray sizes_document(const Shape& sizes) {
    JsonArray list;
    for (const auto n : sizes) list.emplace_back(n);
    return list;
}

}  // namespace

ArrayMetadata parse_v2_array(const JsonValue& zarray, std::string_view what) {
    const Members members(zarray, std::string(what));
    require_version(members);
    ArrayMetadata array;
    array.format = 2;
    array.shape = members.sizes("shape");
    array.chunk_shape = members.sizes("chunks");
    if (array.shape.size() != array.chunk_shape.size())
        members.fail("\"shape\" and \"chunks\" differ in length");
    const auto* dtype = members.at("dtype").get<std::string>();
    if (dtype == nullptr) members.fail("structured data types are not supported");
    array.keys = {ChunkKeys::Style::v2, '.'};
    if (members.find("dimension_separator") != nullptr) {
        const auto separator = members.text("dimension_separator");
        if (separator != "." && separator != "/")
            members.fail("\"dimension_separator\" is neither \".\" nor \"/\"");
        array.keys.separator = separator[0];
    }
    try {
        const auto type = data_type_from_typestr(*dtype);
        array.type = type.type;
        set_fill(members, array);
        array.codecs = chain_of(members, type, array.shape.size());
        ChunkCodec(array.chunk_layout(), array.codecs);
    } catch (const Error& error) {
        if (error.message.starts_with(what)) throw;
        members.fail(error.message);
    }
    return array;
}

GroupMetadata parse_v2_group(const JsonValue& zgroup, std::string_view what) {
    require_version(Members(zgroup, std::string(what)));
    return {2, {}};
}

void parse_v2_attributes(const JsonValue& zattrs, std::string_view what, GroupMetadata& group) {
    group.attributes = Members(zattrs, std::string(what)).object();
}

void parse_v2_attributes(const JsonValue& zattrs, std::string_view what, ArrayMetadata& array) {
    array.attributes = Members(zattrs, std::string(what)).object();
    const auto* names = member(array.attributes, kDimensions);
    const auto* list = names == nullptr ? nullptr : names->get<JsonArray>();
    if (list == nullptr || list->size() != array.shape.size()) return;
    std::vector<std::string> dimensions;
    for (const auto& name : *list) {
        if (name.get<std::string>() == nullptr) return;
        dimensions.push_back(*name.get<std::string>());
    }
    array.dimensions = std::move(dimensions);
    array.attributes.erase(array.attributes.find(kDimensions));
}

JsonValue v2_array_document(const ArrayMetadata& array) {
    const bool swapped = big_endian(array.codecs);
    const auto reversed = reversal(array.shape.size());
    JsonObject document{{"zarr_format", 2},
                        {"shape", sizes_document(array.shape)},
                        {"chunks", sizes_document(array.chunk_shape)},
                        {"dtype", typestr_of(array.type, swapped)},
                        {"fill_value", fill_document(array)},
                        {"order", "C"},
                        {"filters", nullptr},
                        {"compressor", nullptr}};
    // The default may be left away, and the oldest readers know no other.
    if (array.keys.separator != '.')
        document["dimension_separator"] = std::string(1, array.keys.separator);
    JsonArray filters;
    for (const auto& codec : array.codecs) {
        if (const auto* transposition = std::get_if<TransposeCodec>(&codec)) {
            if (*transposition != reversed || &codec != &array.codecs.front())
                throw Error{Exit::internal, "Zarr version 2 only knows the orders C and F"};
            document["order"] = "F";
        } else if (!std::holds_alternative<BytesCodec>(codec)) {
            filters.push_back(v2_codec_document(codec, swapped));
        }
    }
    const bool compressed = !filters.empty() && !array.codecs.empty() &&
                            !std::holds_alternative<DeltaCodec>(array.codecs.back()) &&
                            !std::holds_alternative<ShuffleCodec>(array.codecs.back()) &&
                            !std::holds_alternative<VariableTextCodec>(array.codecs.back()) &&
                            !std::holds_alternative<BytesCodec>(array.codecs.back());
    if (compressed) {
        document["compressor"] = std::move(filters.back());
        filters.pop_back();
    }
    if (!filters.empty()) document["filters"] = std::move(filters);
    return document;
}

JsonValue v2_attributes_document(const ArrayMetadata& array) {
    JsonObject attributes = array.attributes;
    if (array.dimensions) {
        JsonArray names;
        for (const auto& name : *array.dimensions) names.emplace_back(name);
        attributes[std::string(kDimensions)] = std::move(names);
    }
    return attributes;
}

}  // namespace hls::zarr
