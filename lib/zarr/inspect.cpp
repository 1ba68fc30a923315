// SPDX-License-Identifier: Apache-2.0
#include "zarr/inspect.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "fs/digest.hpp"
#include "zarr/array.hpp"
#include "zarr/codec_json.hpp"
#include "zarr/element_codecs.hpp"

namespace hls::zarr {
namespace {

constexpr std::uint64_t kMaxShown = 100'000;
// Digests read this much at a time, or one row of chunks if that is more.
constexpr std::uint64_t kDigestBytes = std::uint64_t{64} << 20;

JsonArray sizes_of(const Shape& shape) {
    JsonArray list;
    for (const auto n : shape) list.emplace_back(n);
    return list;
}

bool stored_big_endian(const ArrayMetadata& array) {
    // In version 3 the byte order belongs to the codec, not to the type.
    return array.format == 2 &&
           std::any_of(array.codecs.begin(), array.codecs.end(), [](const Codec& codec) {
               const auto* bytes = std::get_if<BytesCodec>(&codec);
               return bytes != nullptr && bytes->big_endian;
           });
}

JsonValue codecs_of(const ArrayMetadata& array) {
    if (array.format == 3) return v3_codecs_document(array.codecs);
    const auto document = v2_array_document(array);
    return JsonObject{{"order", *member(document, "order")},
                      {"filters", *member(document, "filters")},
                      {"compressor", *member(document, "compressor")}};
}

// Elements in C order, in bands of whole chunk rows of the first dimension.
std::string digest_of(const ObjectStore& store, const Array& array, int threads) {
    const auto& metadata = array.metadata();
    fs::Digest digest(fs::DigestKind::sha256);
    const std::uint64_t rows = metadata.shape.empty() ? 1 : metadata.shape[0];
    const std::uint64_t chunk_rows = metadata.shape.empty() ? 1 : metadata.chunk_shape[0];
    auto region = array.whole();
    if (!region.count.empty()) region.count[0] = 1;
    const std::uint64_t row_bytes =
        std::max<std::uint64_t>(region.elements() * metadata.type.bytes, 1);
    const std::uint64_t band =
        std::max<std::uint64_t>(kDigestBytes / row_bytes / chunk_rows, 1) * chunk_rows;
    Bytes elements;
    for (std::uint64_t row = 0; row < rows; row += band) {
        if (!region.count.empty()) {
            region.start[0] = row;
            region.count[0] = std::min(band, rows - row);
        }
        elements = array.read(store, region, threads);
        if (stored_big_endian(metadata)) swap_units(elements, metadata.type.unit_bytes(), elements);
        digest.update(elements.data(), elements.size());
    }
    return digest.hex();
}

JsonObject describe_objects(const ObjectStore& store, const Array& array) {
    const auto prefix = array.path().empty() ? std::string() : array.path() + "/";
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    for (const auto& object : store.list(prefix))
        if (parse_chunk_key(array.metadata().keys, array.metadata().shape.size(),
                            std::string_view(object.key).substr(prefix.size()))) {
            ++count;
            bytes += object.bytes;
        }
    std::uint64_t all = 1;
    for (const auto n : grid_shape(array.metadata().shape, array.metadata().chunk_shape)) all *= n;
    return {{"present", count}, {"of", all}, {"bytes", bytes}};
}

JsonObject describe_array(const ObjectStore& store, const std::string& path,
                          const ArrayMetadata& metadata, const InspectOptions& options) {
    JsonObject node{{"path", "/" + path},
                    {"node", "array"},
                    {"zarr_format", metadata.format},
                    {"shape", sizes_of(metadata.shape)},
                    {"chunks", sizes_of(metadata.inner_chunk_shape())},
                    {"dtype", data_type_name(metadata.type)},
                    {"fill_value", metadata.null_fill ? JsonValue(nullptr)
                                                      : fill_to_json(metadata.type, metadata.fill)},
                    {"codecs", codecs_of(metadata)},
                    {"attributes", metadata.attributes}};
    if (metadata.inner_chunk_shape() != metadata.chunk_shape)
        node["shards"] = sizes_of(metadata.chunk_shape);
    if (metadata.dimensions)
        node["dimensions"] = JsonArray(metadata.dimensions->begin(), metadata.dimensions->end());
    if (!options.chunks && !options.digests) return node;
    const Array array(path, metadata);
    if (options.chunks) node["objects"] = describe_objects(store, array);
    if (options.digests && metadata.type.kind != TypeKind::variable_text)
        node["sha256"] = digest_of(store, array, options.threads);
    return node;
}

std::string compact(const JsonValue& value) {
    return format_json(value, JsonLayout::compact);
}

std::string joined(const JsonValue* list, const char* separator) {
    std::vector<std::string> words;
    for (const auto& item : *list->get<JsonArray>())
        words.push_back(item.get<std::string>() ? *item.get<std::string>() : compact(item));
    return fmt::format("{}", fmt::join(words, separator));
}

// Names of the codecs, outermost last: "bytes blosc(zstd)".
std::string codec_words(const JsonValue& codecs) {
    std::string words;
    const auto add = [&](const JsonValue* name, const JsonValue* cname) {
        if (name == nullptr || name->get<std::string>() == nullptr) return;
        if (!words.empty()) words += ' ';
        words += *name->get<std::string>();
        if (cname != nullptr && cname->get<std::string>())
            words += fmt::format("({})", *cname->get<std::string>());
    };
    if (const auto* list = codecs.get<JsonArray>()) {
        for (const auto& codec : *list) {
            const auto* configuration = member(codec, "configuration");
            add(member(codec, "name"),
                configuration == nullptr ? nullptr : member(*configuration, "cname"));
        }
        return words;
    }
    if (const auto* filters = member(codecs, "filters")->get<JsonArray>())
        for (const auto& filter : *filters) add(member(filter, "id"), nullptr);
    const auto* compressor = member(codecs, "compressor");
    add(member(*compressor, "id"), member(*compressor, "cname"));
    return words.empty() ? "none" : words;
}

std::string array_text(const JsonObject& node) {
    std::string text =
        fmt::format("{} [{}]  chunks [{}]", *node.at("dtype").get<std::string>(),
                    joined(&node.at("shape"), ", "), joined(&node.at("chunks"), ", "));
    if (const auto* shards = member(node, "shards"))
        text += fmt::format("  shards [{}]", joined(shards, ", "));
    if (const auto* dimensions = member(node, "dimensions"))
        text += fmt::format("  ({})", joined(dimensions, ", "));
    text += fmt::format("  fill {}  {}", compact(node.at("fill_value")),
                        codec_words(node.at("codecs")));
    if (const auto* objects = member(node, "objects"))
        text += fmt::format("  {} of {} objects, {} bytes", compact(*member(*objects, "present")),
                            compact(*member(*objects, "of")), compact(*member(*objects, "bytes")));
    if (const auto* digest = member(node, "sha256"))
        text += fmt::format("  sha256 {}", *digest->get<std::string>());
    return text;
}

// The elements of dimension `d` and below, from `at` on.
JsonValue nested(const ArrayMetadata& array, const Shape& count, std::size_t d, ByteView elements,
                 std::size_t& at) {
    if (d == count.size())
        return fill_to_json(array.type,
                            elements.subspan(array.type.bytes * at++, array.type.bytes));
    JsonArray list;
    for (std::uint64_t i = 0; i < count[d]; ++i)
        list.push_back(nested(array, count, d + 1, elements, at));
    return list;
}

}  // namespace

JsonArray inspect_store(const ObjectStore& store, const InspectOptions& options) {
    JsonArray nodes;
    for (const auto& [path, node] : read_hierarchy(store, MetadataSource::consolidated).nodes) {
        if (const auto* array = std::get_if<ArrayMetadata>(&node))
            nodes.emplace_back(describe_array(store, path, *array, options));
        else
            nodes.emplace_back(
                JsonObject{{"path", "/" + path},
                           {"node", "group"},
                           {"zarr_format", std::get<GroupMetadata>(node).format},
                           {"attributes", std::get<GroupMetadata>(node).attributes}});
    }
    return nodes;
}

std::string inspect_text(const JsonArray& nodes) {
    std::string text;
    for (const auto& value : nodes) {
        const auto& node = *value.get<JsonObject>();
        const bool array = *node.at("node").get<std::string>() == "array";
        text += fmt::format("{}  {}\n", *node.at("path").get<std::string>(),
                            array ? array_text(node)
                                  : fmt::format("group, Zarr {}", compact(node.at("zarr_format"))));
        for (const auto& [name, attribute] : *node.at("attributes").get<JsonObject>())
            text += fmt::format("    {}: {}\n", name, compact(attribute));
    }
    return text;
}

JsonValue inspect_region(const ObjectStore& store, std::string_view path, const Region& region) {
    const auto array = Array::open(store, std::string(path));
    require_inside(region, array.metadata().shape, path);
    if (region.elements() > kMaxShown)
        throw Error{
            Exit::bad_input,
            fmt::format("{}: {} elements are more than {}", path, region.elements(), kMaxShown),
            "ask for a smaller region"};
    if (array.metadata().type.kind == TypeKind::variable_text) {
        const auto strings = array.read_text(store, region);
        return JsonArray(strings.begin(), strings.end());
    }
    const auto elements = array.read(store, region);
    std::size_t at = 0;
    return nested(array.metadata(), region.count, 0, elements, at);
}

Region parse_region(const std::string& text, Region whole) {
    if (text.empty()) return whole;
    const auto parts = split(text, ',');
    const auto fail = [&] {
        throw Error{Exit::usage, fmt::format("region {} does not fit the array", text),
                    "as in 0:3,5 for each of its dimensions"};
    };
    if (parts.size() > whole.start.size()) fail();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto ends = split(parts[i], ':');
        const auto size = static_cast<std::int64_t>(whole.count[i]);
        const auto first = ends[0].empty() ? std::optional<std::int64_t>(0) : to_int(ends[0]);
        const auto end = ends.size() == 1  ? (first ? std::optional(*first + 1) : std::nullopt)
                         : ends[1].empty() ? std::optional(size)
                                           : to_int(ends[1]);
        if (ends.size() > 2 || !first || !end || *first < 0 || *end <= *first || *end > size)
            fail();
        whole.start[i] = static_cast<std::uint64_t>(*first);
        whole.count[i] = static_cast<std::uint64_t>(*end - *first);
    }
    return whole;
}

}  // namespace hls::zarr
