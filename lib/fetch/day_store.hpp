// SPDX-License-Identifier: Apache-2.0
// The ancillary folder on a disk or in a bucket: files that are either complete or not there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/s3.hpp"

namespace hls::fetch {

// Names are relative to the store, with '/'.
class DayStore {
 public:
    virtual ~DayStore() = default;

    // As the user named it, and the full name of a file in it, for people and records.
    virtual std::string place() const = 0;
    std::string full_name(const std::string& name) const;

    // Files directly in a folder ("LADS/2024") and their sizes; none if there is no such folder.
    virtual std::map<std::string, std::int64_t> list(const std::string& folder) = 0;

    // Names of the folders directly in a folder ("LADS").
    virtual std::vector<std::string> folders(const std::string& folder) = 0;

    // A small text; nullopt if there is no such file.
    virtual std::optional<std::string> read(const std::string& name) = 0;

    // A file on the disk with this content; nullopt if there is no such file. A bucket's is fetched
    // once and goes away with the store.
    virtual std::optional<std::filesystem::path> local(const std::string& name) = 0;
    // The copy is not needed any more.
    virtual void release(const std::string& name) = 0;

    // Calls make(path); what it leaves there appears under `name`, also over an older file. When it
    // throws nothing appears. `sha256` is asked for afterwards, for the object's metadata.
    virtual void publish(const std::string& name,
                         const std::function<void(const std::filesystem::path&)>& make,
                         const std::function<std::string()>& sha256) = 0;
    void write(const std::string& name, const std::string& text);

    // Digest that the store itself knows of a file, empty if it keeps none.
    virtual std::string known_sha256(const std::string& name) = 0;
    virtual void remove(const std::string& name) = 0;

    // Where downloads lie until they are published: kept by a folder, so that a broken download is
    // resumed by the next process.
    virtual std::filesystem::path incoming() = 0;

    // Held while it lives: nobody else on this file system changes the store. Waits.
    virtual std::shared_ptr<void> lock() = 0;
};

// A folder, or s3://bucket/prefix with a work folder below $TMPDIR that goes away with the store.
// Changes nothing yet. Throws Error{usage}.
std::unique_ptr<DayStore> open_day_store(const std::string& place, net::HttpClient& client);

}  // namespace hls::fetch
