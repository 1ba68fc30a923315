// SPDX-License-Identifier: Apache-2.0
#include "zarr/hierarchy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "zarr/array.hpp"
#include "zarr/members.hpp"

namespace hls::zarr {
namespace {

constexpr std::string_view kV3Document = "zarr.json";
constexpr std::string_view kConsolidated = ".zmetadata";
constexpr std::size_t kMaxNodes = 100'000;
constexpr int kMaxDepth = 64;

std::optional<JsonValue> read_document(const ObjectStore& store, const std::string& key) {
    Bytes content;
    if (!store.get(key, content, kMaxMetadataBytes)) return std::nullopt;
    return parse_json({reinterpret_cast<const char*>(content.data()), content.size()}, key);
}

// "red" of "red/.zarray", "" of ".zgroup".
std::string folder_of(const std::string& key) {
    const auto slash = key.rfind('/');
    return slash == std::string::npos ? std::string() : key.substr(0, slash);
}

Node node_of(V3Node node) {
    if (node.array) return std::move(*node.array);
    return std::move(*node.group);
}

void require_path(const std::string& path) {
    require_key(path);
    for (std::size_t at = 0; at <= path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        require_node_name(std::string_view(path).substr(at, end - at));
        at = end + 1;
    }
}

// An array has no nodes below it: their chunks and its own would share keys.
void require_tree(const Hierarchy& hierarchy) {
    for (const auto& [path, node] : hierarchy.nodes)
        for (std::string up = path; !up.empty();) {
            up = folder_of(up);
            if (hierarchy.array(up) != nullptr)
                throw Error{Exit::bad_input,
                            fmt::format("\"{}\" lies below the array \"{}\"", path, up)};
        }
}

std::optional<Node> read_v2_node(const ObjectStore& store, const std::string& path) {
    const auto zattrs_key = join_key(path, ".zattrs");
    const auto with_attributes = [&](auto node) -> Node {
        if (const auto zattrs = read_document(store, zattrs_key))
            parse_v2_attributes(*zattrs, zattrs_key, node);
        return node;
    };
    const auto array_key = join_key(path, ".zarray");
    if (const auto zarray = read_document(store, array_key))
        return with_attributes(parse_v2_array(*zarray, array_key));
    const auto group_key = join_key(path, ".zgroup");
    if (const auto zgroup = read_document(store, group_key))
        return with_attributes(parse_v2_group(*zgroup, group_key));
    return std::nullopt;
}

std::optional<Node> read_node(const ObjectStore& store, int format, const std::string& path) {
    if (format == 2) return read_v2_node(store, path);
    const auto key = join_key(path, kV3Document);
    const auto document = read_document(store, key);
    if (!document) return std::nullopt;
    return node_of(parse_v3_node(*document, key));
}

void walk(const ObjectStore& store, const std::string& path, int depth, Hierarchy& hierarchy) {
    if (depth > kMaxDepth || hierarchy.nodes.size() > kMaxNodes)
        throw Error{Exit::bad_input, fmt::format("{}: too many nodes", store.name())};
    for (const auto& name : store.folders(path)) {
        const auto below = join_key(path, name);
        auto node = read_node(store, hierarchy.format, below);
        if (!node) continue;  // a folder that is nobody's node
        require_node_name(name);
        const bool group = std::holds_alternative<GroupMetadata>(*node);
        hierarchy.nodes.emplace(below, std::move(*node));
        if (group) walk(store, below, depth + 1, hierarchy);
    }
}

Hierarchy walk_all(const ObjectStore& store, int format, Node root) {
    Hierarchy hierarchy{format, {}, false};
    const bool group = std::holds_alternative<GroupMetadata>(root);
    hierarchy.nodes.emplace("", std::move(root));
    if (group) walk(store, "", 1, hierarchy);
    return hierarchy;
}

Hierarchy from_v2_consolidated(const JsonValue& document, const std::string& what) {
    const Members members(document, what);
    if (members.at("zarr_consolidated_format") != JsonValue(1))
        members.fail("\"zarr_consolidated_format\" is not 1");
    const Members documents(members.at("metadata"), fmt::format("{}: metadata", what));
    Hierarchy hierarchy{2, {}, true};
    const auto ends_with = [](const std::string& key, std::string_view name) {
        return key == name || key.ends_with(fmt::format("/{}", name));
    };
    for (const auto& [key, value] : documents.object()) {
        const auto path = folder_of(key);
        if (!path.empty()) require_path(path);
        if (ends_with(key, ".zarray"))
            hierarchy.nodes.insert_or_assign(path, parse_v2_array(value, key));
        else if (ends_with(key, ".zgroup"))
            hierarchy.nodes.try_emplace(path, parse_v2_group(value, key));
        else if (!ends_with(key, ".zattrs"))
            documents.fail(fmt::format("\"{}\" is not supported", key.substr(0, 80)));
    }
    for (auto& [path, node] : hierarchy.nodes) {
        const auto key = join_key(path, ".zattrs");
        if (const auto* zattrs = documents.find(key))
            std::visit([&, &at = key](auto& one) { parse_v2_attributes(*zattrs, at, one); }, node);
    }
    if (!hierarchy.nodes.contains("")) documents.fail("no document of the root");
    return hierarchy;
}

Hierarchy from_v3_consolidated(const GroupMetadata& root, const JsonObject& documents) {
    Hierarchy hierarchy{3, {}, true};
    hierarchy.nodes.emplace("", root);
    for (const auto& [path, document] : documents) {
        require_path(path);
        hierarchy.nodes.emplace(path,
                                node_of(parse_v3_node(document, join_key(path, kV3Document))));
    }
    return hierarchy;
}

Hierarchy read_v3(const ObjectStore& store, const JsonValue& document, MetadataSource source) {
    auto root = parse_v3_node(document, kV3Document);
    if (source == MetadataSource::consolidated && root.consolidated)
        return from_v3_consolidated(*root.group, *root.consolidated);
    const bool consolidated = root.consolidated.has_value();
    auto hierarchy = walk_all(store, 3, node_of(std::move(root)));
    hierarchy.consolidated = consolidated;
    return hierarchy;
}

Hierarchy read_v2(const ObjectStore& store, MetadataSource source) {
    const auto consolidated = read_document(store, std::string(kConsolidated));
    if (consolidated && source == MetadataSource::consolidated)
        return from_v2_consolidated(*consolidated, std::string(kConsolidated));
    auto root = read_v2_node(store, "");
    if (!root)
        throw Error{Exit::missing_input, fmt::format("no Zarr store at {}", store.name()),
                    "a store has zarr.json, .zgroup or .zarray at its root"};
    auto hierarchy = walk_all(store, 2, std::move(*root));
    hierarchy.consolidated = consolidated.has_value();
    return hierarchy;
}

// --- writing -------------------------------------------------------------------------------------

JsonValue v3_document(const Node& node) {
    if (const auto* array = std::get_if<ArrayMetadata>(&node)) return v3_array_document(*array);
    return v3_group_document(std::get<GroupMetadata>(node));
}

// A node's documents in the order in which they may appear: the one that makes it a node last.
std::vector<std::pair<std::string, JsonValue>> v2_documents(const std::string& path,
                                                            const Node& node) {
    std::vector<std::pair<std::string, JsonValue>> documents;
    const auto add_attributes = [&](JsonValue attributes) {
        if (!attributes.get<JsonObject>()->empty())
            documents.emplace_back(join_key(path, ".zattrs"), std::move(attributes));
    };
    if (const auto* array = std::get_if<ArrayMetadata>(&node)) {
        add_attributes(v2_attributes_document(*array));
        documents.emplace_back(join_key(path, ".zarray"), v2_array_document(*array));
    } else {
        add_attributes(std::get<GroupMetadata>(node).attributes);
        documents.emplace_back(join_key(path, ".zgroup"), JsonObject{{"zarr_format", 2}});
    }
    return documents;
}

// Data before coordinates before the arrays that come last; groups behind, the root at the end.
std::vector<std::string> publish_order(const Hierarchy& hierarchy,
                                       const std::vector<std::string>& last_arrays) {
    const auto rank = [&](const std::string& path) -> std::size_t {
        if (path.empty()) return 4;
        const auto* array = hierarchy.array(path);
        if (array == nullptr) return 3;
        const auto last = std::find(last_arrays.begin(), last_arrays.end(), path);
        if (last != last_arrays.end()) return 2;
        return array->shape.size() > 1 ? 0 : 1;
    };
    std::vector<std::string> paths;
    for (const auto& [path, node] : hierarchy.nodes) paths.push_back(path);
    std::stable_sort(paths.begin(), paths.end(), [&](const auto& a, const auto& b) {
        if (rank(a) != 2 || rank(b) != 2) return rank(a) < rank(b);
        return std::find(last_arrays.begin(), last_arrays.end(), a) <
               std::find(last_arrays.begin(), last_arrays.end(), b);
    });
    return paths;
}

std::vector<Document> v2_metadata_documents(const Hierarchy& hierarchy,
                                            const std::vector<std::string>& order) {
    std::vector<Document> documents;
    JsonObject all;
    for (const auto& path : order)
        for (auto& [key, value] : v2_documents(path, hierarchy.nodes.at(path))) {
            documents.push_back({key, format_json(value)});
            all.emplace(key, std::move(value));
        }
    if (hierarchy.consolidated)
        documents.push_back(
            {std::string(kConsolidated), format_json(JsonObject{{"zarr_consolidated_format", 1},
                                                                {"metadata", std::move(all)}})});
    return documents;
}

std::vector<Document> v3_metadata_documents(const Hierarchy& hierarchy,
                                            const std::vector<std::string>& order) {
    std::vector<Document> documents;
    JsonObject all;
    for (const auto& path : order) {
        auto value = v3_document(hierarchy.nodes.at(path));
        if (path.empty() && hierarchy.consolidated)
            std::get<JsonObject>(value.value)["consolidated_metadata"] = JsonObject{
                {"kind", "inline"}, {"must_understand", false}, {"metadata", std::move(all)}};
        documents.push_back({join_key(path, kV3Document), format_json(value)});
        if (!path.empty()) all.emplace(path, std::move(value));
    }
    return documents;
}

std::string describe(const Node* node) {
    if (node == nullptr) return "nothing";
    const auto* array = std::get_if<ArrayMetadata>(node);
    if (array == nullptr) return "a group";
    return fmt::format("an array of shape [{}]", fmt::join(array->shape, ","));
}

}  // namespace

const ArrayMetadata* Hierarchy::array(const std::string& path) const {
    const auto found = nodes.find(path);
    return found == nodes.end() ? nullptr : std::get_if<ArrayMetadata>(&found->second);
}
ArrayMetadata* Hierarchy::array(const std::string& path) {
    const auto found = nodes.find(path);
    return found == nodes.end() ? nullptr : std::get_if<ArrayMetadata>(&found->second);
}
const GroupMetadata* Hierarchy::group(const std::string& path) const {
    const auto found = nodes.find(path);
    return found == nodes.end() ? nullptr : std::get_if<GroupMetadata>(&found->second);
}
GroupMetadata* Hierarchy::group(const std::string& path) {
    const auto found = nodes.find(path);
    return found == nodes.end() ? nullptr : std::get_if<GroupMetadata>(&found->second);
}

Hierarchy read_hierarchy(const ObjectStore& store, MetadataSource source) {
    const auto document = read_document(store, std::string(kV3Document));
    auto hierarchy = document ? read_v3(store, *document, source) : read_v2(store, source);
    require_tree(hierarchy);
    return hierarchy;
}

std::vector<Document> metadata_documents(const Hierarchy& hierarchy,
                                         const std::vector<std::string>& last_arrays) {
    const auto order = publish_order(hierarchy, last_arrays);
    return hierarchy.format == 2 ? v2_metadata_documents(hierarchy, order)
                                 : v3_metadata_documents(hierarchy, order);
}

std::vector<std::string> compare_consolidated(const ObjectStore& store) {
    const auto nodes = read_hierarchy(store, MetadataSource::nodes);
    if (!nodes.consolidated) return {};
    const auto consolidated = read_hierarchy(store, MetadataSource::consolidated);
    std::set<std::string> paths;
    for (const auto& [path, node] : nodes.nodes) paths.insert(path);
    for (const auto& [path, node] : consolidated.nodes) paths.insert(path);
    std::vector<std::string> faults;
    for (const auto& path : paths) {
        const auto find = [&](const Hierarchy& hierarchy) {
            const auto found = hierarchy.nodes.find(path);
            return found == hierarchy.nodes.end() ? nullptr : &found->second;
        };
        const Node* own = find(nodes);
        const Node* listed = find(consolidated);
        if (own != nullptr && listed != nullptr && *own == *listed) continue;
        const bool alike = describe(own) == describe(listed);
        faults.push_back(fmt::format("{}: consolidated metadata say {}, its own document {}",
                                     path.empty() ? "/" : path, describe(listed),
                                     alike ? "something else of it" : describe(own)));
    }
    return faults;
}

}  // namespace hls::zarr
