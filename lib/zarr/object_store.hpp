// SPDX-License-Identifier: Apache-2.0
// Where a Zarr store keeps its objects: whole values under keys, as on a disk or in a bucket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hls::zarr {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

// Throws Error{bad_input} unless `key` is a relative path of non-empty segments between '/', none
// of them "." or "..", without NUL, line ends, backslashes and at most 1,024 bytes: nothing that
// comes from metadata or events can name an object outside its store.
void require_key(std::string_view key);

// Joins a node's path ("" is the root) and a name inside it.
std::string join_key(std::string_view path, std::string_view name);

struct ObjectInfo {
    std::string key;
    std::uint64_t bytes = 0;
    std::string version;  // changes whenever the content may have changed (S3: the ETag)

    bool operator==(const ObjectInfo&) const = default;
};

// What must hold for a write to happen; at most one of the two. Otherwise: Error{temporary}.
struct PutCondition {
    bool must_be_absent = false;
    std::string must_have_version;  // as head() gave it
};

// Part of an object. Counted from the object's end, `offset` is the distance of the first byte.
struct ByteRange {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    bool from_end = false;
};

// What every store checks: Error{bad_input} for an object larger than `max_bytes` and for a range
// that is not all inside an object of `size` bytes (else: first byte and number of bytes),
// Error{temporary} for a condition that does not hold.
void require_size(std::uint64_t bytes, std::uint64_t max_bytes, std::string_view key);
std::pair<std::uint64_t, std::uint64_t> require_range(const ByteRange& range, std::uint64_t size,
                                                      std::string_view key);
void require_condition(const PutCondition& condition, bool there, std::string_view version,
                       std::string_view key);

// Safe to use from several threads. Errors: permission 77, a store that is not there 66 (reading)
// or 73 (writing), an I/O error 74, an answer worth another try 75.
class ObjectStore {
 public:
    ObjectStore() = default;
    virtual ~ObjectStore() = default;
    ObjectStore(const ObjectStore&) = delete;
    ObjectStore& operator=(const ObjectStore&) = delete;

    // Path or URL, for messages.
    virtual std::string name() const = 0;

    // Replaces the content of `out` (its memory is used again); false if there is no such object.
    // An object larger than `max_bytes` is Error{bad_input}.
    virtual bool get(std::string_view key, Bytes& out,
                     std::uint64_t max_bytes = kMaxBytes) const = 0;
    // A range that is not all inside the object is Error{bad_input}.
    virtual bool get_range(std::string_view key, const ByteRange& range, Bytes& out) const = 0;
    virtual std::optional<ObjectInfo> head(std::string_view key) const = 0;
    // Every object whose key starts with `prefix`, in byte order of the keys.
    virtual std::vector<ObjectInfo> list(std::string_view prefix) const = 0;
    // Names of the "folders" directly below the folder `path` ("" is the root), sorted.
    virtual std::vector<std::string> folders(std::string_view path) const = 0;

    // After return every reader sees the whole new object, and a crash cannot undo it.
    virtual void put(std::string_view key, ByteView content,
                     const PutCondition& condition = {}) = 0;
    // The same for a complete file on this host that put nowhere else: it is gone afterwards where
    // the store can rename it into place, and kept where it is sent. Readers see it at once; after
    // a crash it is there only if sync() had returned. `staged` must have been synced before.
    virtual void publish(const std::filesystem::path& staged, std::string_view key,
                         const PutCondition& condition = {}) = 0;
    // False if there was no such object. Durable once sync() returned.
    virtual bool remove(std::string_view key) = 0;
    // Makes all publish() and remove() calls so far durable.
    virtual void sync() = 0;

    static constexpr std::uint64_t kMaxBytes = std::uint64_t{5} << 30;  // S3's limit of one PUT
};

// Objects in memory, for tests and models.
class MemoryStore final : public ObjectStore {
 public:
    std::string name() const override { return "memory"; }
    bool get(std::string_view key, Bytes& out, std::uint64_t max_bytes = kMaxBytes) const override;
    bool get_range(std::string_view key, const ByteRange& range, Bytes& out) const override;
    std::optional<ObjectInfo> head(std::string_view key) const override;
    std::vector<ObjectInfo> list(std::string_view prefix) const override;
    std::vector<std::string> folders(std::string_view path) const override;
    void put(std::string_view key, ByteView content, const PutCondition& condition = {}) override;
    void publish(const std::filesystem::path& staged, std::string_view key,
                 const PutCondition& condition = {}) override;
    bool remove(std::string_view key) override;
    void sync() override {}

 private:
    struct Object {
        Bytes content;
        std::uint64_t version = 0;
    };
    mutable std::mutex mutex_;
    std::map<std::string, Object, std::less<>> objects_;
    std::uint64_t writes_ = 0;
};

}  // namespace hls::zarr
