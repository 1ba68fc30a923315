// SPDX-License-Identifier: Apache-2.0
#include "zarr/durable_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>

#include "core/log.hpp"
#include "core/parallel.hpp"
#include "zarr/file_error.hpp"

namespace hls::zarr {
namespace {

namespace stdfs = std::filesystem;

// Up to this many files are synced one by one; beyond, the whole file system at once is faster.
constexpr std::size_t kMaxSingleSyncs = 24;

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

// Direct I/O wants addresses, offsets and lengths that are multiples of this on every disk.
constexpr std::size_t kDirectAlignment = 4096;
// From here on leaving the page cache out is worth it: the copy into fresh pages costs several
// times what fast compression does, and the sync at the end has nothing left to write.
constexpr std::size_t kMinDirect = std::size_t{64} << 10;

void write_all(FileCalls& calls, int descriptor, ByteView content, const stdfs::path& path) {
    while (!content.empty()) {
        const ssize_t written = calls.write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0)
            fail_file(Exit::io_error, "cannot write", path, written < 0 ? errno : EIO);
        content = content.subspan(static_cast<std::size_t>(written));
    }
}

// Writes whole blocks past the page cache, as many as the file system takes that way; returns their
// bytes. Afterwards the descriptor is an ordinary one.
std::size_t write_direct(FileCalls& calls, int descriptor, ByteView content,
                         const stdfs::path& path) {
    const bool aligned = reinterpret_cast<std::uintptr_t>(content.data()) % kDirectAlignment == 0;
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (content.size() < kMinDirect || !aligned || flags < 0 ||
        ::fcntl(descriptor, F_SETFL, flags | O_DIRECT) != 0)
        return 0;
    const std::size_t whole = content.size() / kDirectAlignment * kDirectAlignment;
    std::size_t done = 0;
    while (done < whole) {
        const ssize_t written = calls.write(descriptor, content.data() + done, whole - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno != EINVAL) fail_file(Exit::io_error, "cannot write", path, errno);
        if (written <= 0) break;  // no direct I/O here, or not with these lengths
        done += static_cast<std::size_t>(written);
    }
    ::fcntl(descriptor, F_SETFL, flags);
    return done;
}

}  // namespace

void fail_file(Exit code, std::string_view what, const std::filesystem::path& path, int error) {
    if (error == EACCES || error == EPERM || error == EROFS) code = Exit::permission;
    throw Error{code, fmt::format("{} {}: {}", what, path.string(), std::strerror(error)),
                error == ENOSPC ? "free some space and run it again" : ""};
}

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
    if (!file) fail_file(Exit::cannot_create, "cannot create", path, errno);
    try {
        const std::size_t direct = write_direct(*calls_, file.number(), content, path);
        write_all(*calls_, file.number(), content.subspan(direct), path);
        // Only a hint to the kernel: whether it works changes nothing but the time of the sync.
        ::sync_file_range(file.number(), 0, 0, SYNC_FILE_RANGE_WRITE);
        if (file.close() != 0) fail_file(Exit::io_error, "cannot write", path, errno);
    } catch (...) {
        calls_->unlink(path.c_str());
        throw;
    }
}

void DurableFiles::sync_file(const stdfs::path& path) const {
    const Descriptor file(*calls_, path, O_RDONLY);
    if (!file) fail_file(Exit::io_error, "cannot open", path, errno);
    if (calls_->fsync(file.number()) != 0) fail_file(Exit::io_error, "cannot sync", path, errno);
}

void DurableFiles::sync_folder(const stdfs::path& path) const {
    const Descriptor folder(*calls_, path, O_RDONLY | O_DIRECTORY);
    if (!folder) fail_file(Exit::io_error, "cannot open", path, errno);
    // Some file systems do not sync folders and say so with EINVAL.
    if (calls_->fsync(folder.number()) != 0 && errno != EINVAL)
        fail_file(Exit::io_error, "cannot sync", path, errno);
}

void DurableFiles::sync_all(std::span<const stdfs::path> files,
                            std::span<const stdfs::path> folders) const {
    const std::size_t count = files.size() + folders.size();
    if (count > kMaxSingleSyncs)
        return sync_file_system(files.empty() ? folders.front() : files.front());
    // Once each, as an error is told only once; and all of them, as a transaction that is committed
    // is finished even if the process was asked to stop.
    std::vector<char> tried(count, 0);
    std::exception_ptr failure;
    std::mutex mutex;
    const auto sync_one = [&](std::size_t i) {
        tried[i] = 1;
        try {
            if (i < files.size())
                sync_file(files[i]);
            else
                sync_folder(folders[i - files.size()]);
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
        }
    };
    try {
        // Waiting costs no processor: file systems join syncs that come together into one commit.
        parallel_for(count, static_cast<int>(count), sync_one);
    } catch (...) {
        log_debug("asked to stop, or too few threads: syncing one after the other");
    }
    for (std::size_t i = 0; i < count; ++i)
        if (tried[i] == 0) sync_one(i);
    if (failure) std::rethrow_exception(failure);
}

void DurableFiles::sync_file_system(const stdfs::path& path) const {
    const Descriptor folder(*calls_, path, O_RDONLY);
    if (!folder) fail_file(Exit::io_error, "cannot open", path, errno);
    if (calls_->syncfs(folder.number()) != 0)
        fail_file(Exit::io_error, "cannot sync the file system of", path, errno);
}

void DurableFiles::rename(const stdfs::path& from, const stdfs::path& to) const {
    if (calls_->rename(from.c_str(), to.c_str()) != 0)
        fail_file(Exit::io_error, "cannot rename to", to, errno);
}

bool DurableFiles::rename_if_absent(const stdfs::path& from, const stdfs::path& to) const {
    // link + unlink works on every file system with hard links; a crash in between leaves the
    // staged name as a second one, which clearing the staging area removes.
    if (calls_->link(from.c_str(), to.c_str()) != 0) {
        if (errno == EEXIST) return false;
        fail_file(Exit::io_error, "cannot create", to, errno);
    }
    if (calls_->unlink(from.c_str()) != 0) fail_file(Exit::io_error, "cannot remove", from, errno);
    return true;
}

bool DurableFiles::exchange(const stdfs::path& first, const stdfs::path& second) const {
    if (calls_->exchange(first.c_str(), second.c_str()) == 0) return true;
    if (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP) return false;
    fail_file(Exit::io_error, "cannot swap folders at", second, errno);
}

bool DurableFiles::remove_file(const stdfs::path& path) const {
    if (calls_->unlink(path.c_str()) == 0) return true;
    if (!is_absent(errno)) fail_file(Exit::io_error, "cannot remove", path, errno);
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
            fail_file(Exit::cannot_create, "cannot create folder", *folder, errno);
        changed.push_back(parent_of(*folder));
    }
    return changed;
}

}  // namespace hls::zarr
