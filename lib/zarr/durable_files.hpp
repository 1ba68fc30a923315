// SPDX-License-Identifier: Apache-2.0
// Files that survive a power cut: how they are written, synced and moved.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>
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
    // it to the disk, so that a later sync has little left to wait for; large content that lies at
    // an address which is a multiple of 4096 goes there without a copy in the page cache.
    void write_new(const std::filesystem::path& path, ByteView content) const;
    // Waits until the content of one file, or the entries of one folder, are on the disk.
    void sync_file(const std::filesystem::path& path) const;
    void sync_folder(const std::filesystem::path& path) const;
    // The same for several at once, which take about as long as one: side by side, or, if they are
    // many, by syncing the whole file system. All must lie on one.
    void sync_all(std::span<const std::filesystem::path> files,
                  std::span<const std::filesystem::path> folders) const;
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
    void sync_file_system(const std::filesystem::path& path) const;

    FileCalls* calls_;
};

}  // namespace hls::zarr
