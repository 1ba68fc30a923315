// SPDX-License-Identifier: Apache-2.0
#include "zarr/local_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/ulid.hpp"

namespace hls::zarr {
namespace {

namespace stdfs = std::filesystem;

[[noreturn]] void fail(Exit code, std::string_view what, const stdfs::path& path, int error) {
    if (error == EACCES || error == EPERM || error == EROFS) code = Exit::permission;
    throw Error{code, fmt::format("{} {}: {}", what, path.string(), std::strerror(error)),
                error == ENOSPC ? "free some space and run it again" : ""};
}

stdfs::path parent_of(const stdfs::path& path) {
    const auto parent = path.parent_path();
    return parent.empty() ? stdfs::path(".") : parent;
}

// A descriptor that is closed on every way out.
class Descriptor {
 public:
    Descriptor(FileCalls& calls, const stdfs::path& path, int flags, unsigned mode = 0)
        : calls_(calls), number_(calls.open(path.c_str(), flags | O_CLOEXEC, mode)) {}
    ~Descriptor() {
        if (number_ >= 0) calls_.close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    explicit operator bool() const { return number_ >= 0; }
    int number() const { return number_; }
    // close() that reports: a network file system may fail only here.
    int close() { return calls_.close(std::exchange(number_, -1)); }

 private:
    FileCalls& calls_;
    int number_;
};

void write_all(FileCalls& calls, int descriptor, ByteView content, const stdfs::path& path) {
    while (!content.empty()) {
        const ssize_t written = calls.write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail(Exit::io_error, "cannot write", path, written < 0 ? errno : EIO);
        content = content.subspan(static_cast<std::size_t>(written));
    }
}

bool absent(int error) {
    return error == ENOENT || error == ENOTDIR;
}

// An object opened for reading, with its size; false if there is none.
class ObjectFile {
 public:
    explicit ObjectFile(const stdfs::path& path)
        : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (descriptor_ < 0 && !absent(errno)) fail(Exit::io_error, "cannot open", path, errno);
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
            if (got < 0) fail(Exit::io_error, "cannot read", path_, errno);
            if (got == 0) fail(Exit::io_error, "file became shorter:", path_, EIO);
            offset += static_cast<std::uint64_t>(got);
            out = out.subspan(static_cast<std::size_t>(got));
        }
    }

 private:
    [[noreturn]] void fail_here(std::string_view what) {
        const int error = errno;
        ::close(std::exchange(descriptor_, -1));
        fail(Exit::io_error, what, path_, error);
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
    if (error && !absent(error.value())) fail(Exit::io_error, "cannot list", folder, error.value());
}

}  // namespace

int FileCalls::open(const char* path, int flags, unsigned mode) {
    return ::open(path, flags, mode);
}
ssize_t FileCalls::write(int descriptor, const void* data, std::size_t bytes) {
    return ::write(descriptor, data, bytes);
}
int FileCalls::fsync(int descriptor) {
    return ::fsync(descriptor);
}
int FileCalls::syncfs(int descriptor) {
    return ::syncfs(descriptor);
}
int FileCalls::close(int descriptor) {
    return ::close(descriptor);
}
int FileCalls::rename(const char* from, const char* to) {
    return ::rename(from, to);
}
int FileCalls::exchange(const char* first, const char* second) {
    return ::renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE);
}
int FileCalls::link(const char* from, const char* to) {
    return ::link(from, to);
}
int FileCalls::unlink(const char* path) {
    return ::unlink(path);
}
int FileCalls::rmdir(const char* path) {
    return ::rmdir(path);
}
int FileCalls::mkdir(const char* path, unsigned mode) {
    return ::mkdir(path, mode);
}

FileCalls& posix_calls() {
    static FileCalls calls;
    return calls;
}

void DurableFiles::write_new(const stdfs::path& path, ByteView content) const {
    Descriptor file(*calls_, path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (!file) fail(Exit::cannot_create, "cannot create", path, errno);
    try {
        write_all(*calls_, file.number(), content, path);
        // Only a hint to the kernel: whether it works changes nothing but the time of the sync.
        ::sync_file_range(file.number(), 0, 0, SYNC_FILE_RANGE_WRITE);
        if (file.close() != 0) fail(Exit::io_error, "cannot write", path, errno);
    } catch (...) {
        calls_->unlink(path.c_str());
        throw;
    }
}

void DurableFiles::sync_file(const stdfs::path& path) const {
    const Descriptor file(*calls_, path, O_RDONLY);
    if (!file) fail(Exit::io_error, "cannot open", path, errno);
    if (calls_->fsync(file.number()) != 0) fail(Exit::io_error, "cannot sync", path, errno);
}

void DurableFiles::sync_folder(const stdfs::path& path) const {
    const Descriptor folder(*calls_, path, O_RDONLY | O_DIRECTORY);
    if (!folder) fail(Exit::io_error, "cannot open", path, errno);
    // Some file systems do not sync folders and say so with EINVAL.
    if (calls_->fsync(folder.number()) != 0 && errno != EINVAL)
        fail(Exit::io_error, "cannot sync", path, errno);
}

void DurableFiles::sync_file_system(const stdfs::path& path) const {
    const Descriptor folder(*calls_, path, O_RDONLY);
    if (!folder) fail(Exit::io_error, "cannot open", path, errno);
    if (calls_->syncfs(folder.number()) != 0)
        fail(Exit::io_error, "cannot sync the file system of", path, errno);
}

void DurableFiles::rename(const stdfs::path& from, const stdfs::path& to) const {
    if (calls_->rename(from.c_str(), to.c_str()) != 0)
        fail(Exit::io_error, "cannot rename to", to, errno);
}

bool DurableFiles::rename_if_absent(const stdfs::path& from, const stdfs::path& to) const {
    // link + unlink works on every file system with hard links; a crash in between leaves the
    // staged name as a second one, which clearing the staging area removes.
    if (calls_->link(from.c_str(), to.c_str()) != 0) {
        if (errno == EEXIST) return false;
        fail(Exit::io_error, "cannot create", to, errno);
    }
    if (calls_->unlink(from.c_str()) != 0) fail(Exit::io_error, "cannot remove", from, errno);
    return true;
}

bool DurableFiles::exchange(const stdfs::path& first, const stdfs::path& second) const {
    if (calls_->exchange(first.c_str(), second.c_str()) == 0) return true;
    if (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP) return false;
    fail(Exit::io_error, "cannot swap folders at", second, errno);
}

bool DurableFiles::remove_file(const stdfs::path& path) const {
    if (calls_->unlink(path.c_str()) == 0) return true;
    if (!absent(errno)) fail(Exit::io_error, "cannot remove", path, errno);
    return false;
}

std::vector<stdfs::path> DurableFiles::make_folders(const stdfs::path& path) const {
    std::vector<stdfs::path> missing;
    std::error_code error;
    for (stdfs::path at = path; !at.empty() && !stdfs::is_directory(at, error);
         at = at.parent_path()) {
        missing.push_back(at);
        if (at == at.parent_path()) break;
    }
    std::vector<stdfs::path> changed;
    for (auto folder = missing.rbegin(); folder != missing.rend(); ++folder) {
        if (calls_->mkdir(folder->c_str(), 0777) != 0 && errno != EEXIST)
            fail(Exit::cannot_create, "cannot create folder", *folder, errno);
        changed.push_back(parent_of(*folder));
    }
    return changed;
}

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
        if (absent(errno)) return std::nullopt;
        fail(Exit::io_error, "cannot look at", path, errno);
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
    if (error && !absent(error.value()))
        fail(Exit::io_error, "cannot list", path.empty() ? root_ : path_of(path), error.value());
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
    for (const auto& [folder, change] : folders) files_.sync_folder(folder);
    // A folder that another thread changed meanwhile stays in the list.
    const std::lock_guard lock(mutex_);
    for (const auto& [folder, change] : folders) {
        const auto entry = changed_folders_.find(folder);
        if (entry != changed_folders_.end() && entry->second == change)
            changed_folders_.erase(entry);
    }
}

}  // namespace hls::zarr
