// SPDX-License-Identifier: Apache-2.0
#include "zarr/local_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <system_error>
#include <utility>

#include "core/ulid.hpp"
#include "zarr/file_error.hpp"

namespace hls::zarr {
namespace {

namespace stdfs = std::filesystem;

// An object opened for reading, with its size; false if there is none.
class ObjectFile {
 public:
    explicit ObjectFile(const stdfs::path& path)
        : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (descriptor_ < 0 && !is_absent(errno))
            fail_file(Exit::io_error, "cannot open", path, errno);
        if (descriptor_ < 0) return;
        struct stat status {};
        if (::fstat(descriptor_, &status) != 0) fail_here("cannot look at");
        regular_ = S_ISREG(status.st_mode);
        size_ = static_cast<std::uint64_t>(status.st_size);
    }
    ~ObjectFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    ObjectFile(const ObjectFile&) = delete;
    ObjectFile& operator=(const ObjectFile&) = delete;

    // A folder of that name is no object.
    explicit operator bool() const { return descriptor_ >= 0 && regular_; }
    std::uint64_t size() const { return size_; }

    void read(std::uint64_t offset, std::span<std::byte> out) const {
        while (!out.empty()) {
            const ssize_t got =
                ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) fail_file(Exit::io_error, "cannot read", path_, errno);
            if (got == 0) fail_file(Exit::io_error, "file became shorter:", path_, EIO);
            offset += static_cast<std::uint64_t>(got);
            out = out.subspan(static_cast<std::size_t>(got));
        }
    }

 private:
    [[noreturn]] void fail_here(std::string_view what) {
        const int error = errno;
        ::close(std::exchange(descriptor_, -1));
        fail_file(Exit::io_error, what, path_, error);
    }

    const stdfs::path& path_;
    int descriptor_;
    bool regular_ = false;
    std::uint64_t size_ = 0;
};

std::string version_of(const struct stat& status) {
    return fmt::format("{:x}-{:x}-{:x}.{:09}", status.st_ino, status.st_size, status.st_ctim.tv_sec,
                       status.st_ctim.tv_nsec);
}

constexpr int kMaxFolderDepth = 64;

void list_folder(const stdfs::path& folder, const std::string& prefix, int depth,
                 std::vector<ObjectInfo>& found) {
    if (depth > kMaxFolderDepth)
        throw Error{Exit::bad_input, fmt::format("{}: folders nested more than {} deep",
                                                 folder.string(), kMaxFolderDepth)};
    std::error_code error;
    for (stdfs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto& path = entry->path();
        const std::string key = join_key(prefix, path.filename().string());
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) continue;  // removed meanwhile
        if (S_ISDIR(status.st_mode))
            list_folder(path, key, depth + 1, found);
        else if (S_ISREG(status.st_mode))
            found.push_back({key, static_cast<std::uint64_t>(status.st_size), version_of(status)});
    }
    if (error && !is_absent(error.value()))
        fail_file(Exit::io_error, "cannot list", folder, error.value());
}

}  // namespace

LocalStore::LocalStore(stdfs::path root, stdfs::path staging, FileCalls& calls)
    : root_(std::move(root)), staging_(std::move(staging)), files_(calls) {
    if (!root_.has_filename()) root_ = root_.parent_path();  // "store.zarr/"
    if (staging_.empty()) {
        staging_ = root_;
        staging_ += ".hls-state";
        staging_ /= "staging";
    }
}

stdfs::path LocalStore::path_of(std::string_view key) const {
    require_key(key);
    return root_ / key;
}

bool LocalStore::get(std::string_view key, Bytes& out, std::uint64_t max_bytes) const {
    const auto path = path_of(key);
    const ObjectFile file(path);
    if (!file) return false;
    require_size(file.size(), max_bytes, key);
    out.resize(file.size());
    file.read(0, out);
    return true;
}

bool LocalStore::get_range(std::string_view key, const ByteRange& range, Bytes& out) const {
    const auto path = path_of(key);
    const ObjectFile file(path);
    if (!file) return false;
    const auto [first, bytes] = require_range(range, file.size(), key);
    out.resize(bytes);
    file.read(first, out);
    return true;
}

std::optional<ObjectInfo> LocalStore::head(std::string_view key) const {
    const auto path = path_of(key);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (is_absent(errno)) return std::nullopt;
        fail_file(Exit::io_error, "cannot look at", path, errno);
    }
    if (!S_ISREG(status.st_mode)) return std::nullopt;
    return ObjectInfo{std::string(key), static_cast<std::uint64_t>(status.st_size),
                      version_of(status)};
}

std::vector<ObjectInfo> LocalStore::list(std::string_view prefix) const {
    // The prefix may end within a name: list its folder, then choose.
    const auto slash = prefix.rfind('/');
    const std::string folder(slash == std::string_view::npos ? "" : prefix.substr(0, slash));
    if (!folder.empty()) require_key(folder);
    std::vector<ObjectInfo> found;
    list_folder(folder.empty() ? root_ : root_ / folder, folder, 0, found);
    std::erase_if(found, [&](const ObjectInfo& object) { return !object.key.starts_with(prefix); });
    std::sort(found.begin(), found.end(),
              [](const ObjectInfo& a, const ObjectInfo& b) { return a.key < b.key; });
    return found;
}

std::vector<std::string> LocalStore::folders(std::string_view path) const {
    std::vector<std::string> names;
    std::error_code error;
    for (stdfs::directory_iterator entry(path.empty() ? root_ : path_of(path), error), end;
         !error && entry != end; entry.increment(error)) {
        std::error_code gone;
        if (entry->is_directory(gone)) names.push_back(entry->path().filename().string());
    }
    if (error && !is_absent(error.value()))
        fail_file(Exit::io_error, "cannot list", path.empty() ? root_ : path_of(path),
                  error.value());
    std::sort(names.begin(), names.end());
    return names;
}

void LocalStore::require(std::string_view key, const PutCondition& condition) const {
    if (!condition.must_be_absent && condition.must_have_version.empty()) return;
    const auto present = head(key);
    require_condition(condition, present.has_value(), present ? present->version : "", key);
}

void LocalStore::put(std::string_view key, ByteView content, const PutCondition& condition) {
    require_key(key);
    for (const auto& folder : files_.make_folders(staging_)) files_.sync_folder(folder);
    // Never a name that a writer which was killed may have left behind.
    const auto staged = staging_ / fmt::format("put-{}", new_ulid());
    files_.write_new(staged, content);
    try {
        files_.sync_file(staged);
        publish(staged, key, condition);
    } catch (...) {
        std::error_code ignored;
        stdfs::remove(staged, ignored);
        throw;
    }
    sync();
}

void LocalStore::publish(const stdfs::path& staged, std::string_view key,
                         const PutCondition& condition) {
    const auto final_path = path_of(key);
    const auto folder = parent_of(final_path);
    const std::lock_guard lock(mutex_);
    require(key, condition);
    for (const auto& changed : files_.make_folders(folder)) changed_folders_[changed] = ++changes_;
    files_.rename(staged, final_path);
    changed_folders_[folder] = ++changes_;
}

bool LocalStore::remove(std::string_view key) {
    const auto path = path_of(key);
    const std::lock_guard lock(mutex_);
    if (!files_.remove_file(path)) return false;
    changed_folders_[parent_of(path)] = ++changes_;
    return true;
}

void LocalStore::sync() {
    std::map<stdfs::path, std::uint64_t> folders;
    {
        const std::lock_guard lock(mutex_);
        folders = changed_folders_;
    }
    std::vector<stdfs::path> paths;
    for (const auto& [folder, change] : folders) paths.push_back(folder);
    if (!paths.empty()) files_.sync_all({}, paths);
    // A folder that another thread changed meanwhile stays in the list.
    const std::lock_guard lock(mutex_);
    for (const auto& [folder, change] : folders) {
        const auto entry = changed_folders_.find(folder);
        if (entry != changed_folders_.end() && entry->second == change)
            changed_folders_.erase(entry);
    }
}

}  // namespace hls::zarr
