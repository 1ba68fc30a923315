// SPDX-License-Identifier: Apache-2.0
#include "fs/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "core/cancel.hpp"
#include "core/error.hpp"

namespace hls::fs {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
    throw Error{Exit::cannot_create,
                fmt::format("cannot lock {}: {}", path.string(), std::strerror(error))};
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) fail(path, error.value());
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail(path, errno);
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        const int reason = errno;
        if (reason != EWOULDBLOCK && reason != EINTR) {
            ::close(descriptor_);
            fail(path, reason);
        }
        waited_ = true;
        if (cancel_signal() != 0) ::close(descriptor_);
        throw_if_cancelled();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

FileLock::~FileLock() {
    ::close(descriptor_);
}

}  // namespace hls::fs
