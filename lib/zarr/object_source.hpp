// SPDX-License-Identifier: Apache-2.0
// Where the objects of a collection lie, and what is true of them now.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace hls::zarr {

struct ObjectState {
    std::string etag;  // changes with the content
    std::uint64_t bytes = 0;
    UtcTime modified;
};

class ObjectSource {
 public:
    ObjectSource() = default;
    virtual ~ObjectSource() = default;
    ObjectSource(const ObjectSource&) = delete;
    ObjectSource& operator=(const ObjectSource&) = delete;

    // Where the object of a key lies; the key is one that require_key() accepts.
    virtual std::string location_of(std::string_view key) const = 0;
    // nullopt if there is no object. Permission 77, anything that may pass 75.
    virtual std::optional<ObjectState> head(const std::string& location) const = 0;
    // Keys that start with `prefix`, sorted.
    virtual std::vector<std::string> list(std::string_view prefix) const = 0;
    // The name under which GDAL opens it.
    virtual std::string readable(const std::string& location) const { return location; }
};

// Files below a folder; locations outside it are taken as they are.
std::unique_ptr<ObjectSource> folder_source(const std::string& root);

// The key of a file or s3:// object that was named on the command line: its path below `root`, or
// its name alone if it lies elsewhere.
std::string key_of_file(const std::string& root, const std::string& file);

}  // namespace hls::zarr
