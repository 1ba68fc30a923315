// SPDX-License-Identifier: Apache-2.0
// A Zarr store in a folder of this host, and the durable file operations that transactions use.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/object_store.hpp"

namespace hls::zarr {

// The system calls that change a disk, one virtual function each, so that a test can stop, fail or
// shorten any single one. Each returns what the call returns and sets errno.
class FileCalls {
 public:
    virtual ~FileCalls() = default;
    virtual int open(const char* path, int flags, unsigned mode);
    virtual ssize_t write(int descriptor, const void* data, std::size_t bytes);
    virtual int fsync(int descriptor);
    virtual int syncfs(int descriptor);
    virtual int close(int descriptor);
    virtual int rename(const char* from, const char* to);
    virtual int exchange(const char* first, const char* second);  // renameat2 RENAME_EXCHANGE
    virtual int link(const char* from, const char* to);
    virtual int unlink(const char* path);
    virtual int rmdir(const char* path);
    virtual int mkdir(const char* path, unsigned mode);
};

// The real ones.
FileCalls& posix_calls();

// Durable file operations on top of FileCalls. Errors: 73 cannot create, 74 anything midway
// (ENOSPC, EIO; the hint says so), 77 permission.
class DurableFiles {
 public:
    explicit DurableFiles(FileCalls& calls = posix_calls()) : calls_(&calls) {}

    // Creates `path` (which must not exist) with all of `content`; not yet durable. Starts writing
    // it to the disk, so that a later sync has little left to wait for.
    void write_new(const std::filesystem::path& path, ByteView content) const;
    // Waits until the content of one file, or the entries of one folder, are on the disk.
    void sync_file(const std::filesystem::path& path) const;
    void sync_folder(const std::filesystem::path& path) const;
    // The same for everything on the file system that holds `path`: cheaper than many sync_file().
    void sync_file_system(const std::filesystem::path& path) const;
    // Atomic; replaces `to`.
    void rename(const std::filesystem::path& from, const std::filesystem::path& to) const;
    // Atomic and refusing: false if `to` exists (then nothing changed).
    bool rename_if_absent(const std::filesystem::path& from, const std::filesystem::path& to) const;
    // Swaps two folders in one step; false where the file system cannot do that.
    bool exchange(const std::filesystem::path& first, const std::filesystem::path& second) const;
    // False if it was not there.
    bool remove_file(const std::filesystem::path& path) const;
    // Makes the folder and its missing parents; returns the folders whose entries changed.
    std::vector<std::filesystem::path> make_folders(const std::filesystem::path& path) const;

 private:
    FileCalls* calls_;
};

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
