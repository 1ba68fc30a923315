// SPDX-License-Identifier: Apache-2.0
#include "fs/unpack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <set>
#include <string>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::fs {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 18;

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xc2 && lead < 0xe0 ? 2
                                   : lead >= 0xe0 && lead < 0xf0 ? 3
                                   : lead >= 0xf0 && lead < 0xf5 ? 4
                                                                 : 0;
        if (length == 0 || length > text.size() - i) return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
        i += length;
    }
    return true;
}

class Descriptor {
 public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(Descriptor&& other) noexcept : value_(other.value_) { other.value_ = -1; }
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    int get() const { return value_; }

 private:
    int value_;
};

// A folder that members are written to, one path component at a time and never through a link.
class Target {
 public:
    explicit Target(const std::filesystem::path& folder)
        : folder_(folder), root_(::open(folder.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC)) {
        if (root_.get() < 0) fail(folder.string());
    }

    void make_folder(std::string_view name) const { open_folder(name); }

    Descriptor make_file(std::string_view name) const {
        const auto slash = name.rfind('/');
        const std::string leaf(slash == std::string_view::npos ? name : name.substr(slash + 1));
        const Descriptor parent =
            open_folder(slash == std::string_view::npos ? "" : name.substr(0, slash));
        Descriptor file(::openat(parent.get(), leaf.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640));
        if (file.get() < 0) fail(name);
        return file;
    }

    void write(const Descriptor& file, std::string_view data, std::string_view name) const {
        while (!data.empty()) {
            const auto written = ::write(file.get(), data.data(), data.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail(name);
            data.remove_prefix(static_cast<std::size_t>(written));
        }
    }

 private:
    [[noreturn]] void fail(std::string_view name) const {
        throw Error{
            Exit::io_error,
            fmt::format("cannot unpack {} to {}: {}", name, folder_.string(), std::strerror(errno)),
            errno == ENOSPC ? "make room and run again" : ""};
    }

    Descriptor open_folder(std::string_view name) const {
        Descriptor at(::dup(root_.get()));
        for (const auto piece : split(name, '/')) {
            if (piece.empty() || piece == ".") continue;
            const std::string leaf(piece);
            if (::mkdirat(at.get(), leaf.c_str(), 0750) != 0 && errno != EEXIST) fail(name);
            at = Descriptor(
                ::openat(at.get(), leaf.c_str(), O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
            if (at.get() < 0) fail(name);
        }
        return at;
    }

    const std::filesystem::path& folder_;
    Descriptor root_;
};

class Unpacking {
 public:
    Unpacking(const std::filesystem::path& path, const UnpackLimits& limits)
        : path_(path), limits_(limits), archive_(archive_read_new(), &archive_read_free) {
        std::error_code error;
        packed_ = static_cast<double>(std::filesystem::file_size(path, error));
        if (error || ::access(path.c_str(), R_OK) != 0)
            throw Error{errno == EACCES ? Exit::permission : Exit::missing_input,
                        fmt::format("cannot read {}", path.string())};
        archive_read_support_format_tar(archive_.get());
        archive_read_support_format_zip(archive_.get());
        archive_read_support_filter_gzip(archive_.get());
        if (archive_read_open_filename(archive_.get(), path.c_str(), kReadBytes) != ARCHIVE_OK)
            fail_reading();
    }

    void run(const Target* target, std::string_view top) {
        archive_entry* entry = nullptr;
        for (;;) {
            throw_if_cancelled();
            const int result = archive_read_next_header(archive_.get(), &entry);
            if (result == ARCHIVE_EOF) return;
            if (result != ARCHIVE_OK) fail_reading();
            std::string name = checked_name(entry);
            if (!name.starts_with(top)) refuse(fmt::format("member {} is not below {}", name, top));
            name.erase(0, top.size());
            if (name.empty()) continue;
            if (archive_entry_filetype(entry) == AE_IFDIR) {
                if (target != nullptr) target->make_folder(name);
                continue;
            }
            read_member(name, target);
        }
    }

 private:
    [[noreturn]] void refuse(std::string_view why) const {
        throw Error{Exit::bad_input, fmt::format("{}: {}", path_.string(), why)};
    }
    [[noreturn]] void fail_reading() const {
        const char* reason = archive_error_string(archive_.get());
        refuse(fmt::format("damaged: {}", reason != nullptr ? reason : "unknown"));
    }

    std::string checked_name(archive_entry* entry) {
        if (++members_ > limits_.members)
            refuse(fmt::format("more than {} members", limits_.members));
        const char* given = archive_entry_pathname(entry);
        if (given == nullptr) refuse("a member without a readable name");
        require_safe_member_name(path_, given);
        const auto type = archive_entry_filetype(entry);
        if (type == AE_IFLNK || archive_entry_hardlink(entry) != nullptr ||
            (type != AE_IFREG && type != AE_IFDIR))
            refuse(fmt::format("member {} is a link or a device", given));
        std::string folded(given);
        while (folded.ends_with('/')) folded.pop_back();
        for (char& c : folded)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (type == AE_IFREG && !names_.insert(folded).second)
            refuse(fmt::format("member {} is there twice", given));
        return given;
    }

    void read_member(const std::string& name, const Target* target) {
        Descriptor file(-1);
        if (target != nullptr) file = target->make_file(name);
        for (;;) {
            const auto count = archive_read_data(archive_.get(), buffer_.data(), buffer_.size());
            if (count < 0) refuse(fmt::format("member {} is damaged: {}", name, reason()));
            if (count == 0) return;
            throw_if_cancelled();
            unpacked_ += static_cast<std::uint64_t>(count);
            if (unpacked_ > limits_.bytes)
                refuse(fmt::format("unpacks to more than {} MB", limits_.bytes >> 20));
            if (static_cast<double>(unpacked_) > limits_.ratio * packed_)
                refuse(fmt::format("unpacks to more than {} times its size", limits_.ratio));
            if (target != nullptr)
                target->write(file, {buffer_.data(), static_cast<std::size_t>(count)}, name);
        }
    }

    std::string reason() const {
        const char* text = archive_error_string(archive_.get());
        return text != nullptr ? text : "unknown";
    }

    const std::filesystem::path& path_;
    const UnpackLimits& limits_;
    std::unique_ptr<archive, decltype(&archive_read_free)> archive_;
    double packed_ = 0;
    std::size_t members_ = 0;
    std::uint64_t unpacked_ = 0;
    std::set<std::string> names_;
    std::string buffer_ = std::string(kReadBytes, '\0');
};

}  // namespace

void require_safe_member_name(const std::filesystem::path& archive, std::string_view name) {
    bool safe = !name.empty() && name.front() != '/' && is_utf8(name) &&
                !(name.size() > 1 && name[1] == ':');
    for (const char c : name)
        safe = safe && static_cast<unsigned char>(c) >= ' ' && c != 0x7f && c != '\\';
    for (const auto piece : split(name, '/')) safe = safe && piece != "..";
    if (safe) return;
    std::string shown;
    for (const char c : name.substr(0, 100)) shown += c >= ' ' && c < 0x7f ? c : '?';
    throw Error{Exit::bad_input,
                fmt::format("{}: unsafe member name '{}'", archive.string(), shown)};
}

void test_archive(const std::filesystem::path& archive, const UnpackLimits& limits) {
    Unpacking(archive, limits).run(nullptr, {});
}

void unpack_archive(const std::filesystem::path& archive, const std::filesystem::path& folder,
                    std::string_view top, const UnpackLimits& limits) {
    const Target target(folder);
    Unpacking(archive, limits).run(&target, top);
}

}  // namespace hls::fs
