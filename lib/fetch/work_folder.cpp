// SPDX-License-Identifier: Apache-2.0
#include "fetch/work_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"

namespace hls::fetch {
namespace {

namespace stdfs = std::filesystem;

constexpr const char* kStart = "hls-work-";
constexpr const char* kLock = ".lock";

stdfs::path usual_parent() {
    const char* folder = std::getenv("TMPDIR");
    return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

// The kernel drops the lock of a process that died, however it died.
int try_lock(const stdfs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor >= 0 && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
    if (descriptor >= 0) ::close(descriptor);
    return -1;
}

// A folder without lock file is one that is being made.
void remove_orphans(const stdfs::path& parent) {
    std::error_code ignored;
    for (const auto& entry : stdfs::directory_iterator(parent, ignored)) {
        if (!entry.path().filename().string().starts_with(kStart) ||
            !stdfs::exists(entry.path() / kLock, ignored))
            continue;
        const int descriptor = try_lock(entry.path() / kLock);
        if (descriptor < 0) continue;
        stdfs::remove_all(entry.path(), ignored);
        ::close(descriptor);
    }
}

}  // namespace

WorkFolder::WorkFolder(const stdfs::path& parent) {
    const stdfs::path home = parent.empty() ? usual_parent() : parent;
    std::error_code error;
    stdfs::create_directories(home, error);
    remove_orphans(home);
    std::string name = (home / (std::string(kStart) + "XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr)
        throw Error{
            Exit::cannot_create,
            fmt::format("cannot make a work folder in {}: {}", home.string(), std::strerror(errno)),
            "TMPDIR says where such folders are made"};
    path_ = name;
    // Locked before it has its name: who sees the name finds it locked.
    const auto unnamed = path_ / (std::string(kLock) + ".new");
    lock_ = try_lock(unnamed);
    stdfs::rename(unnamed, path_ / kLock, error);
}

WorkFolder::~WorkFolder() {
    std::error_code ignored;
    stdfs::remove_all(path_, ignored);
    if (lock_ >= 0) ::close(lock_);
}

}  // namespace hls::fetch
