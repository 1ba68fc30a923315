// SPDX-License-Identifier: Apache-2.0
// Zarr version 3: zarr.json of arrays and groups.
#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/escape.hpp"
#include "zarr/codec_json.hpp"
#include "zarr/members.hpp"
#include "zarr/metadata.hpp"

namespace hls::zarr {
namespace {

struct Extension {
    std::string name;
    JsonObject configuration;
};

// {"name", "configuration"}, or in version 3.1 the name alone.
Extension extension_of(const Members& members, std::string_view member_name) {
    const auto& value = members.at(member_name);
    if (const auto* name = value.get<std::string>()) return {*name, {}};
    const Members inner(value, fmt::format("{}: {}", members.where(), member_name));
    inner.allow_only({"name", "configuration", "must_understand"});
    Extension extension{inner.text("name"), {}};
    if (const auto* configuration = inner.find("configuration"))
        extension.configuration = Members(*configuration, inner.where()).object();
    return extension;
}

// Members that the specification does not know must say that they may be ignored.
void refuse_unknown(const Members& members, std::initializer_list<std::string_view> known) {
    for (const auto& [name, value] : members.object()) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const auto* must_understand = member(value, "must_understand");
        if (must_understand == nullptr || *must_understand != JsonValue(false))
            members.fail(fmt::format("\"{}\" is not supported", json_escape(name.substr(0, 80))));
    }
}

JsonObject attributes_of(const Members& members) {
    const auto* attributes = members.find("attributes");
    if (attributes == nullptr) return {};
    return Members(*attributes, fmt::format("{}: attributes", members.where())).object();
}

Shape chunk_shape_of(const Members& members) {
    const auto grid = extension_of(members, "chunk_grid");
    if (grid.name != "regular")
        members.fail(fmt::format("chunk grid \"{}\" is not supported",
                                 json_escape(grid.name.substr(0, 80))));
    const Members configuration(grid.configuration, fmt::format("{}: chunk_grid", members.where()));
    configuration.allow_only({"chunk_shape"});
    return configuration.sizes("chunk_shape");
}

ChunkKeys chunk_keys_of(const Members& members) {
    const auto encoding = extension_of(members, "chunk_key_encoding");
    if (encoding.name != "default" && encoding.name != "v2")
        members.fail(fmt::format("chunk key encoding \"{}\" is not supported",
                                 json_escape(encoding.name.substr(0, 80))));
    const Members configuration(encoding.configuration,
                                fmt::format("{}: chunk_key_encoding", members.where()));
    configuration.allow_only({"separator"});
    const bool v2 = encoding.name == "v2";
    ChunkKeys keys{v2 ? ChunkKeys::Style::v2 : ChunkKeys::Style::v3_default, v2 ? '.' : '/'};
    if (configuration.find("separator") != nullptr) {
        const auto separator = configuration.text("separator");
        if (separator != "." && separator != "/")
            configuration.fail("\"separator\" is neither \".\" nor \"/\"");
        keys.separator = separator[0];
    }
    return keys;
}

DataType data_type_of(const Members& members) {
    const auto type = extension_of(members, "data_type");
    if (!type.configuration.empty())
        members.fail(
            fmt::format("data type \"{}\" is not supported", json_escape(type.name.substr(0, 80))));
    return data_type_from_name(type.name);
}

std::optional<std::vector<std::string>> dimensions_of(const Members& members, std::size_t rank) {
    const auto* names = members.find("dimension_names");
    if (names == nullptr || names->is_null()) return std::nullopt;
    std::vector<std::string> dimensions;
    for (const auto& name : members.list("dimension_names")) {
        if (name.is_null())
            dimensions.emplace_back();
        else if (const auto* text = name.get<std::string>())
            dimensions.push_back(*text);
        else
            members.fail("\"dimension_names\" holds more than text and null");
    }
    if (dimensions.size() != rank)
        members.fail("\"dimension_names\" and \"shape\" differ in length");
    return dimensions;
}

ArrayMetadata parse_array(const Members& members) {
    refuse_unknown(members, {"zarr_format", "node_type", "shape", "data_type", "chunk_grid",
                             "chunk_key_encoding", "fill_value", "codecs", "attributes",
                             "storage_transformers", "dimension_names"});
    if (members.find("storage_transformers") != nullptr &&
        !members.list("storage_transformers").empty())
        members.fail("storage transformers are not supported");
    ArrayMetadata array;
    array.format = 3;
    array.shape = members.sizes("shape");
    array.chunk_shape = chunk_shape_of(members);
    if (array.shape.size() != array.chunk_shape.size())
        members.fail("\"shape\" and \"chunk_shape\" differ in length");
    array.keys = chunk_keys_of(members);
    array.dimensions = dimensions_of(members, array.shape.size());
    array.attributes = attributes_of(members);
    try {
        array.type = data_type_of(members);
        array.fill = fill_from_json(array.type, members.at("fill_value"));
        array.codecs = parse_v3_codecs(members.list("codecs"), array.type, members.where());
        ChunkCodec(array.chunk_layout(), array.codecs);
    } catch (const Error& error) {
        if (error.message.starts_with(members.where())) throw;
        members.fail(error.message);
    }
    return array;
}

std::optional<JsonObject> consolidated_of(const Members& members) {
    const auto* value = members.find("consolidated_metadata");
    if (value == nullptr || value->is_null()) return std::nullopt;
    const Members inner(*value, fmt::format("{}: consolidated_metadata", members.where()));
    if (inner.text("kind") != "inline") inner.fail("\"kind\" is not \"inline\"");
    return Members(inner.at("metadata"), inner.where()).object();
}

JsonArray sizes_document(const Shape& sizes) {
    JsonArray list;
    for (const auto n : sizes) list.emplace_back(n);
    return list;
}

}  // namespace

V3Node parse_v3_node(const JsonValue& zarr_json, std::string_view what) {
    const Members members(zarr_json, std::string(what));
    if (members.at("zarr_format") != JsonValue(3)) members.fail("\"zarr_format\" is not 3");
    const auto kind = members.text("node_type");
    V3Node node;
    if (kind == "array") {
        node.array = parse_array(members);
    } else if (kind == "group") {
        refuse_unknown(members,
                       {"zarr_format", "node_type", "attributes", "consolidated_metadata"});
        node.group = GroupMetadata{3, attributes_of(members)};
        node.consolidated = consolidated_of(members);
    } else {
        members.fail("\"node_type\" is neither \"array\" nor \"group\"");
    }
    return node;
}

JsonValue v3_array_document(const ArrayMetadata& array) {
    const bool v2_keys = array.keys.style == ChunkKeys::Style::v2;
    const std::string separator(1, array.keys.separator);
    JsonObject document{
        {"zarr_format", 3},
        {"node_type", "array"},
        {"shape", sizes_document(array.shape)},
        {"data_type", data_type_name(array.type)},
        {"chunk_grid",
         JsonObject{
             {"name", "regular"},
             {"configuration", JsonObject{{"chunk_shape", sizes_document(array.chunk_shape)}}}}},
        {"chunk_key_encoding", JsonObject{{"name", v2_keys ? "v2" : "default"},
                                          {"configuration", JsonObject{{"separator", separator}}}}},
        {"fill_value", fill_to_json(array.type, array.fill)},
        {"codecs", v3_codecs_document(array.codecs)},
        {"attributes", array.attributes}};
    if (array.dimensions) {
        JsonArray names;
        for (const auto& name : *array.dimensions)
            names.push_back(name.empty() ? JsonValue(nullptr) : JsonValue(name));
        document["dimension_names"] = std::move(names);
    }
    return document;
}

JsonValue v3_group_document(const GroupMetadata& group) {
    return JsonObject{{"zarr_format", 3}, {"node_type", "group"}, {"attributes", group.attributes}};
}

}  // namespace hls::zarr
