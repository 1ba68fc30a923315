// SPDX-License-Identifier: Apache-2.0
// Advisory lock between processes; the kernel drops it when the holder dies.
#pragma once

#include <filesystem>

namespace hls::fs {

class FileLock {
 public:
    // Waits until this process holds the exclusive lock of `path` (created if missing, parents
    // too, never removed). Throws Error{cannot_create}, or 128 + signal when cancelled meanwhile.
    explicit FileLock(const std::filesystem::path& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    // True if another process held the lock when this one came.
    bool waited() const { return waited_; }

 private:
    int descriptor_ = -1;
    bool waited_ = false;
};

}  // namespace hls::fs
