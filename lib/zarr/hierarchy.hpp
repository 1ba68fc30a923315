// SPDX-License-Identifier: Apache-2.0
// All groups and arrays of a store, and the documents that describe them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "zarr/metadata.hpp"
#include "zarr/object_store.hpp"

namespace hls::zarr {

using Node = std::variant<GroupMetadata, ArrayMetadata>;

struct Hierarchy {
    int format = 3;
    std::map<std::string, Node> nodes;  // path -> node, "" is the root
    bool consolidated = false;          // read from, or to be written with, consolidated metadata

    // nullptr if there is no array of that path.
    const ArrayMetadata* array(const std::string& path) const;
    ArrayMetadata* array(const std::string& path);
    const GroupMetadata* group(const std::string& path) const;
    GroupMetadata* group(const std::string& path);
};

enum class MetadataSource {
    consolidated,  // if there, else the nodes' own documents
    nodes,         // the nodes' own documents, found by walking the store
};

// A node that has documents of both versions is one of version 3. Errors: no Zarr metadata at the
// root 66; anything unknown or inconsistent 65 (versions mixed in one store, the early draft of
// version 3, a node below an array, a name that no node may have).
Hierarchy read_hierarchy(const ObjectStore& store, MetadataSource source);

struct Document {
    std::string key;
    std::string text;
    bool operator==(const Document&) const = default;
};

// Every metadata document in the order in which a writer publishes them: arrays (those of rank > 1
// first, coordinates after, `last_arrays` at the end), then groups, then the consolidated one (in
// version 3 the root's zarr.json). Deterministic bytes.
std::vector<Document> metadata_documents(const Hierarchy& hierarchy,
                                         const std::vector<std::string>& last_arrays = {});

// Disagreements between consolidated and per-node documents, one line each; empty if there is no
// consolidated document or all is well.
std::vector<std::string> compare_consolidated(const ObjectStore& store);

}  // namespace hls::zarr
