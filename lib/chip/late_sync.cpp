// SPDX-License-Identifier: Apache-2.0
#include "chip/late_sync.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <system_error>

#include "core/error.hpp"
#include "fs/atomic_output.hpp"

namespace hls::chip {
namespace {

class OpenPath {
 public:
    OpenPath(const std::filesystem::path& path, int flags)
        : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
        if (number_ >= 0) return;
        if ((flags & O_CREAT) != 0 && errno != ENOSPC && errno != EDQUOT)
            fail("cannot create", Exit::cannot_create);
        fail("cannot open");
    }
    ~OpenPath() { ::close(number_); }
    OpenPath(const OpenPath&) = delete;
    OpenPath& operator=(const OpenPath&) = delete;

    void write(std::span<const std::byte> bytes) const {
        while (!bytes.empty()) {
            const ssize_t count = ::write(number_, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) fail("cannot write");
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
    }
    void begin_writing() const { ::sync_file_range(number_, 0, 0, SYNC_FILE_RANGE_WRITE); }
    void sync() const {
        // Some file systems do not sync folders and say so with EINVAL.
        if (::fsync(number_) != 0 && errno != EINVAL) fail("cannot sync");
    }

 private:
    [[noreturn]] void fail(const char* what, Exit code = Exit::io_error) const {
        throw Error{code, fmt::format("{} {}: {}", what, path_.string(), std::strerror(errno))};
    }

    const std::filesystem::path& path_;
    int number_;
};

class TemporaryFile {
 public:
    explicit TemporaryFile(const std::filesystem::path& target)
        : path_(fs::temporary_name(target)) {}
    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

}  // namespace

void write_early(const std::filesystem::path& target, std::span<const std::byte> bytes) {
    fs::prepare_output(target, fs::IfExists::replace);
    const TemporaryFile temporary(target);
    {
        const OpenPath file(temporary.path(), O_WRONLY | O_CREAT | O_EXCL);
        file.write(bytes);
        file.begin_writing();
    }
    std::error_code error;
    std::filesystem::rename(temporary.path(), target, error);
    if (error)
        throw Error{Exit::cannot_create,
                    fmt::format("cannot rename to {}: {}", target.string(), error.message())};
}

void sync_late(const std::vector<std::filesystem::path>& files) {
    std::set<std::filesystem::path> folders;
    for (const auto& file : files) {
        OpenPath(file, O_RDONLY).sync();
        folders.insert(file.parent_path());
    }
    for (const auto& folder : folders) OpenPath(folder, O_RDONLY | O_DIRECTORY).sync();
}

}  // namespace hls::chip
