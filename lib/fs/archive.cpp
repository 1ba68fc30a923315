// SPDX-License-Identifier: Apache-2.0
#include "fs/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::fs {
namespace {

constexpr std::size_t kMaxMembers = 100'000;
constexpr std::size_t kReadBytes = std::size_t{1} << 18;

void require_safe_name(const std::filesystem::path& archive, std::string_view name) {
    bool safe = !name.empty() && name.front() != '/' && name.find('\\') == std::string_view::npos;
    for (const auto part : split(name, '/')) safe = safe && part != "..";
    if (!safe)
        throw Error{Exit::bad_input, fmt::format("{}: member name leads out of the archive: {}",
                                                 archive.string(), name)};
}

std::string_view without_dot_slash(std::string_view name) {
    while (name.starts_with("./")) name.remove_prefix(2);
    return name;
}

// Steps through the regular files of an archive.
class ArchiveReader {
 public:
    explicit ArchiveReader(const std::filesystem::path& path)
        : path_(path), archive_(archive_read_new(), &archive_read_free) {
        if (::access(path.c_str(), R_OK) != 0) {
            const Exit code = errno == EACCES ? Exit::permission : Exit::missing_input;
            throw Error{code,
                        fmt::format("cannot read {}: {}", path.string(), std::strerror(errno))};
        }
        archive_read_support_format_tar(archive_.get());
        archive_read_support_format_zip(archive_.get());
        archive_read_support_filter_gzip(archive_.get());
        if (archive_read_open_filename(archive_.get(), path.c_str(), kReadBytes) != ARCHIVE_OK)
            fail();
    }

    std::optional<ArchiveMember> next() {
        for (;;) {
            throw_if_cancelled();
            archive_entry* entry = nullptr;
            const int result = archive_read_next_header(archive_.get(), &entry);
            if (result == ARCHIVE_EOF) return std::nullopt;
            if (result != ARCHIVE_OK && result != ARCHIVE_WARN) fail();
            if (++members_ > kMaxMembers)
                throw Error{Exit::bad_input,
                            fmt::format("{}: more than {} members", path_.string(), kMaxMembers)};
            const char* name = archive_entry_pathname(entry);
            if (name == nullptr) fail();
            require_safe_name(path_, name);
            if (archive_entry_filetype(entry) != AE_IFREG) continue;
            const auto size = archive_entry_size(entry);
            return ArchiveMember{std::string(without_dot_slash(name)),
                                 size > 0 ? static_cast<std::uint64_t>(size) : 0};
        }
    }

    // Content of the member that next() gave last.
    std::string read(const ArchiveMember& member, std::size_t max_bytes) {
        std::string content;
        for (;;) {
            const auto held = content.size();
            content.resize(held + kReadBytes);
            const auto count = archive_read_data(archive_.get(), content.data() + held, kReadBytes);
            if (count < 0) fail();
            content.resize(held + static_cast<std::size_t>(count));
            if (content.size() > max_bytes)
                throw Error{Exit::bad_input, fmt::format("{}: member {} is larger than {} bytes",
                                                         path_.string(), member.name, max_bytes)};
            if (count == 0) return content;
        }
    }

 private:
    [[noreturn]] void fail() {
        const char* reason = archive_error_string(archive_.get());
        throw Error{Exit::bad_input, fmt::format("{}: not a readable tar or zip file: {}",
                                                 path_.string(), reason ? reason : "unknown")};
    }

    const std::filesystem::path& path_;
    std::unique_ptr<archive, decltype(&archive_read_free)> archive_;
    std::size_t members_ = 0;
};

}  // namespace

std::vector<ArchiveMember> list_archive(const std::filesystem::path& path) {
    ArchiveReader reader(path);
    std::vector<ArchiveMember> members;
    while (auto member = reader.next()) members.push_back(std::move(*member));
    return members;
}

std::string read_archive_member(const std::filesystem::path& path, std::string_view name,
                                std::size_t max_bytes) {
    ArchiveReader reader(path);
    while (const auto member = reader.next())
        if (member->name == name) return reader.read(*member, max_bytes);
    throw Error{Exit::bad_input, fmt::format("{}: no member {}", path.string(), name)};
}

}  // namespace hls::fs
