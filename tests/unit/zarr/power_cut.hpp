// SPDX-License-Identifier: Apache-2.0
// What a disk holds after a power cut, at worst: of files what was synced, of folders the entries
// they had when they were synced. A model that watches the system calls of a transaction.
#pragma once

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "zarr/durable_files.hpp"

namespace hls::zarr {

class PowerCut : public FileCalls {
 public:
    struct Happened {};

    // Everything below `root` counts as being on the disk; the power is cut at call `at_call`.
    // `before_rename` is called when objects are about to be moved out of staging.
    void arm(const std::filesystem::path& root, int at_call, std::function<void()> before_rename) {
        root_ = root;
        calls_ = 0;
        at_ = at_call;
        cut_ = false;
        before_rename_ = std::move(before_rename);
        files_.clear();
        folders_.clear();
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
            if (entry.is_regular_file()) {
                auto inode = std::make_shared<Inode>();
                inode->durable = content_of(entry.path());
                files_[entry.path()] = inode;
            }
        sync_everything();
    }
    int calls() const { return calls_; }

    // Writes what is on the disk to another place.
    void restore(const std::filesystem::path& to) const {
        std::filesystem::create_directories(to);
        restore_folder(root_, to);
    }

    int open(const char* path, int flags, unsigned mode) override {
        const std::lock_guard guard(mutex_);
        step();
        const int descriptor = FileCalls::open(path, flags, mode);
        if (descriptor < 0) return descriptor;
        if ((flags & O_CREAT) != 0) files_[path] = std::make_shared<Inode>();
        opened_[descriptor] = path;
        return descriptor;
    }
    ssize_t write(int descriptor, const void* data, std::size_t bytes) override {
        const std::lock_guard guard(mutex_);
        step();
        return FileCalls::write(descriptor, data, bytes);
    }
    int fsync(int descriptor) override {
        const std::lock_guard guard(mutex_);
        step();
        const auto path = opened_.at(descriptor);
        if (std::filesystem::is_directory(path))
            sync_folder(path);
        else
            files_.at(path)->durable = content_of(path);
        return 0;
    }
    int syncfs(int) override {
        const std::lock_guard guard(mutex_);
        step();
        for (const auto& [path, inode] : files_)
            if (std::filesystem::exists(path)) inode->durable = content_of(path);
        sync_everything();
        return 0;
    }
    int rename(const char* from, const char* to) override {
        const std::lock_guard guard(mutex_);
        before_rename_();
        step();
        const int result = FileCalls::rename(from, to);
        if (result != 0) return result;
        if (std::filesystem::is_directory(to)) {
            // Of folders that are renamed only recovery knows, and that is not cut here.
            return result;
        }
        files_[to] = files_.at(from);
        files_.erase(from);
        return result;
    }
    int unlink(const char* path) override {
        const std::lock_guard guard(mutex_);
        step();
        files_.erase(path);
        return FileCalls::unlink(path);
    }
    int mkdir(const char* path, unsigned mode) override {
        const std::lock_guard guard(mutex_);
        step();
        return FileCalls::mkdir(path, mode);
    }

 private:
    struct Inode {
        std::string durable;  // what of its content is on the disk; nothing before the first sync
    };
    // A file, or a folder if there is no inode.
    using Entries = std::map<std::string, std::shared_ptr<Inode>>;

    // After the cut nothing happens any more, in whatever thread.
    void step() {
        if (cut_ || calls_++ == at_) {
            cut_ = true;
            throw Happened{};
        }
    }
    static std::string content_of(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void sync_folder(const std::filesystem::path& folder) {
        Entries entries;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            if (entry.is_directory())
                entries[entry.path().filename()] = nullptr;
            else if (const auto file = files_.find(entry.path()); file != files_.end())
                entries[entry.path().filename()] = file->second;
        }
        folders_[folder] = std::move(entries);
    }
    void sync_everything() {
        sync_folder(root_);
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root_))
            if (entry.is_directory()) sync_folder(entry.path());
    }
    void restore_folder(const std::filesystem::path& folder,
                        const std::filesystem::path& to) const {
        const auto entries = folders_.find(folder);
        if (entries == folders_.end()) return;  // it was never synced itself: it is empty
        for (const auto& [name, inode] : entries->second) {
            if (inode) {
                std::ofstream(to / name, std::ios::binary) << inode->durable;
            } else {
                std::filesystem::create_directories(to / name);
                restore_folder(folder / name, to / name);
            }
        }
    }

    std::mutex mutex_;
    std::filesystem::path root_;
    int calls_ = 0;
    int at_ = -1;
    bool cut_ = false;
    std::function<void()> before_rename_;
    std::map<std::filesystem::path, std::shared_ptr<Inode>> files_;  // by the name they have now
    std::map<std::filesystem::path, Entries> folders_;               // as they are on the disk
    std::map<int, std::filesystem::path> opened_;
};

}  // namespace hls::zarr
