// SPDX-License-Identifier: Apache-2.0
// A Zarr store in a folder of this host.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/durable_files.hpp"
#include "zarr/object_store.hpp"

namespace hls::zarr {

// Keys are file names below the root folder. Temporary files never lie inside the store: put()
// writes them in `staging`, a folder on the same file system, made when first needed.
class LocalStore final : public ObjectStore {
 public:
    // `staging` empty: "<root>.hls-state/staging". The root may be missing until the first write.
    explicit LocalStore(std::filesystem::path root, std::filesystem::path staging = {},
                        FileCalls& calls = posix_calls());

    const std::filesystem::path& root() const { return root_; }
    const std::filesystem::path& staging() const { return staging_; }
    // Where the object of `key` lies or would lie. Checks the key.
    std::filesystem::path path_of(std::string_view key) const;

    std::string name() const override { return root_.string(); }
    bool get(std::string_view key, Bytes& out, std::uint64_t max_bytes = kMaxBytes) const override;
    bool get_range(std::string_view key, const ByteRange& range, Bytes& out) const override;
    // Version: inode, size and change time, which every publish changes.
    std::optional<ObjectInfo> head(std::string_view key) const override;
    // Symbolic links are listed as what they point to; a loop of folders is Error{bad_input}.
    std::vector<ObjectInfo> list(std::string_view prefix) const override;
    std::vector<std::string> folders(std::string_view path) const override;
    // Conditions are checked under this process's lock only: writers of several processes hold the
    // locks of their transaction.
    void put(std::string_view key, ByteView content, const PutCondition& condition = {}) override;
    void publish(const std::filesystem::path& staged, std::string_view key,
                 const PutCondition& condition = {}) override;
    bool remove(std::string_view key) override;
    void sync() override;

 private:
    void require(std::string_view key, const PutCondition& condition) const;

    std::filesystem::path root_;
    std::filesystem::path staging_;
    DurableFiles files_;
    mutable std::mutex mutex_;
    // Folders with entries that are not synced yet, and the number of the last change to each.
    std::map<std::filesystem::path, std::uint64_t> changed_folders_;
    std::uint64_t changes_ = 0;
};

}  // namespace hls::zarr
