// SPDX-License-Identifier: Apache-2.0
#include "fs/atomic_output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "core/error.hpp"

namespace hls::fs {
namespace {

namespace stdfs = std::filesystem;

[[noreturn]] void fail(Exit code, std::string_view what, const stdfs::path& path, int error) {
    throw Error{code, fmt::format("{} {}: {}", what, path.string(), std::strerror(error)),
                error == ENOSPC ? "free some space and run it again" : ""};
}

void sync_path(const stdfs::path& path, int open_flags) {
    const int fd = ::open(path.c_str(), open_flags | O_CLOEXEC);
    if (fd < 0) fail(Exit::io_error, "cannot open", path, errno);
    const int result = ::fsync(fd);
    const int error = errno;
    ::close(fd);
    // Some file systems do not sync folders and say so with EINVAL.
    if (result != 0 && error != EINVAL) fail(Exit::io_error, "cannot sync", path, error);
}

stdfs::path parent_of(const stdfs::path& target) {
    const auto parent = target.parent_path();
    return parent.empty() ? stdfs::path(".") : parent;
}

[[noreturn]] void refuse_existing(const stdfs::path& target) {
    throw Error{Exit::cannot_create, fmt::format("output exists: {}", target.string()),
                "use --overwrite to replace it or --skip-existing to keep it"};
}

// renameat2 with RENAME_NOREPLACE or RENAME_EXCHANGE; false when the file system cannot.
bool rename_with(const stdfs::path& from, const stdfs::path& to, unsigned flags) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0) return true;
    if (errno == EEXIST) refuse_existing(to);
    if (errno == EINVAL || errno == ENOSYS) return false;
    fail(Exit::cannot_create, "cannot rename to", to, errno);
}

void rename_over(const stdfs::path& from, const stdfs::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0)
        fail(Exit::cannot_create, "cannot rename to", to, errno);
}

void remove_quietly(const stdfs::path& path) noexcept {
    std::error_code ignored;
    stdfs::remove_all(path, ignored);
}

// What would be gone afterwards, with a file in its place: devices, pipes, and /dev/stdout, which
// is a link to whatever the standard output is.
bool is_device(const stdfs::path& target) {
    std::error_code error;
    const auto there = stdfs::status(target, error);
    if (!stdfs::exists(there)) return false;
    const auto place = stdfs::absolute(target).lexically_normal().string();
    if (place.starts_with("/dev/std") || place.starts_with("/dev/fd/") ||
        place.starts_with("/proc/"))
        return true;
    return !stdfs::is_regular_file(there) && !stdfs::is_directory(there);
}

stdfs::path without_trailing_slash(const stdfs::path& path) {
    return path.has_filename() ? path : path.parent_path();
}

}  // namespace

stdfs::path temporary_name(const stdfs::path& target) {
    static std::atomic<unsigned> counter{0};
    return parent_of(target) /
           fmt::format(".{}.{}-{}.tmp", target.filename().string(), ::getpid(), counter++);
}

void check_output(const stdfs::path& target, IfExists mode) {
    std::error_code error;
    if (mode == IfExists::refuse && stdfs::exists(stdfs::symlink_status(target, error)))
        refuse_existing(target);
    if (is_device(target))
        throw Error{Exit::cannot_create,
                    fmt::format("{} is neither file nor folder", target.string()),
                    "outputs are written beside their name and renamed"};
    stdfs::path ancestor = parent_of(target);
    while (!stdfs::exists(ancestor, error) && ancestor != parent_of(ancestor))
        ancestor = parent_of(ancestor);
    if (!stdfs::is_directory(ancestor, error))
        fail(Exit::cannot_create, "cannot write in", ancestor, ENOTDIR);
    if (::access(ancestor.c_str(), W_OK | X_OK) != 0)
        fail(Exit::cannot_create, "cannot write in", ancestor, errno);
}

void prepare_output(const stdfs::path& target, IfExists mode) {
    check_output(target, mode);
    const auto parent = parent_of(target);
    std::error_code error;
    stdfs::create_directories(parent, error);
    if (error) fail(Exit::cannot_create, "cannot create folder", parent, error.value());
}

AtomicFile::AtomicFile(stdfs::path target, IfExists mode)
    : target_(std::move(target)), temporary_(temporary_name(target_)), mode_(mode) {
    prepare_output(target_, mode_);
}

AtomicFile::~AtomicFile() {
    if (!committed_) remove_quietly(temporary_);
}

void AtomicFile::commit() {
    sync_path(temporary_, O_RDONLY);
    const bool renamed =
        mode_ == IfExists::refuse && rename_with(temporary_, target_, RENAME_NOREPLACE);
    if (!renamed) rename_over(temporary_, target_);
    committed_ = true;
    sync_path(parent_of(target_), O_RDONLY | O_DIRECTORY);
}

AtomicDirectory::AtomicDirectory(const stdfs::path& target, IfExists mode)
    : target_(without_trailing_slash(target)), temporary_(temporary_name(target_)), mode_(mode) {
    prepare_output(target_, mode_);
    std::error_code error;
    stdfs::create_directory(temporary_, error);
    if (error) fail(Exit::cannot_create, "cannot create folder", temporary_, error.value());
}

AtomicDirectory::~AtomicDirectory() {
    if (!committed_) remove_quietly(temporary_);
}

void AtomicDirectory::commit() {
    for (const auto& entry : stdfs::recursive_directory_iterator(temporary_))
        if (entry.is_regular_file()) sync_path(entry.path(), O_RDONLY);
    sync_path(temporary_, O_RDONLY | O_DIRECTORY);

    const bool exchange = mode_ == IfExists::replace && stdfs::exists(target_);
    if (exchange && rename_with(temporary_, target_, RENAME_EXCHANGE)) {
        remove_quietly(temporary_);  // now holds the old output
    } else if (exchange) {
        const auto old = temporary_name(target_);
        rename_over(target_, old);
        rename_over(temporary_, target_);
        remove_quietly(old);
    } else if (!rename_with(temporary_, target_, RENAME_NOREPLACE)) {
        rename_over(temporary_, target_);
    }
    committed_ = true;
    sync_path(parent_of(target_), O_RDONLY | O_DIRECTORY);
}

void write_text_atomically(const stdfs::path& target, std::string_view text, IfExists mode) {
    AtomicFile file(target, mode);
    errno = 0;
    std::ofstream out(file.temporary(), std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) fail(Exit::io_error, "cannot write", target, errno == 0 ? EIO : errno);
    file.commit();
}

}  // namespace hls::fs
