// SPDX-License-Identifier: Apache-2.0
#include "fs/zip_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "core/error.hpp"

namespace hls::fs {
namespace {

constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocatorSignature = 0x07064b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint64_t kEndBytes = 22, kEnd64Bytes = 56, kLocatorBytes = 20;
constexpr std::uint64_t kCentralBytes = 46, kLocalBytes = 30;
constexpr std::uint64_t kLongestComment = 65535;
constexpr std::uint64_t kLargestDirectory = 64u << 20;
constexpr std::uint32_t kInZip64 = 0xffffffff;
constexpr int kUnixMadeBy = 3;
constexpr std::uint16_t kZip64Field = 1;

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    return value;
}

class ZipFile {
 public:
    explicit ZipFile(const std::filesystem::path& path)
        : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        struct stat info {};
        if (descriptor_ < 0 || ::fstat(descriptor_, &info) != 0)
            throw Error{errno == EACCES ? Exit::permission : Exit::missing_input,
                        fmt::format("cannot read {}: {}", path.string(), std::strerror(errno))};
        size_ = static_cast<std::uint64_t>(info.st_size);
    }
    ~ZipFile() { ::close(descriptor_); }
    ZipFile(const ZipFile&) = delete;
    ZipFile& operator=(const ZipFile&) = delete;

    [[noreturn]] void fail(std::string_view why) const {
        throw Error{Exit::bad_input, fmt::format("{}: {}", path_.string(), why),
                    "the zip file is damaged: fetch it again"};
    }

    std::string read(std::uint64_t offset, std::uint64_t bytes) const {
        if (bytes > size_ || offset > size_ - bytes)
            fail("the zip directory leads out of the file");
        std::string text(bytes, '\0');
        for (std::size_t have = 0; have < text.size();) {
            const auto got = ::pread(descriptor_, text.data() + have, text.size() - have,
                                     static_cast<off_t>(offset + have));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) throw Error{Exit::io_error, path_.string() + ": cannot be read"};
            have += static_cast<std::size_t>(got);
        }
        return text;
    }
    std::uint64_t size() const { return size_; }

 private:
    const std::filesystem::path& path_;
    int descriptor_;
    std::uint64_t size_ = 0;
};

struct Directory {
    std::uint64_t offset = 0, bytes = 0, members = 0;
    std::uint64_t end = 0;  // where what follows the directory begins
};

Directory find_directory(const ZipFile& file) {
    if (file.size() < kEndBytes) file.fail("too short for a zip file");
    const auto tail_bytes = std::min(file.size(), kEndBytes + kLongestComment);
    const auto tail_at = file.size() - tail_bytes;
    const std::string tail = file.read(tail_at, tail_bytes);
    for (auto at = tail.size() - kEndBytes + 1; at-- > 0;) {
        if (number(tail, at, 4) != kEndSignature ||
            at + kEndBytes + number(tail, at + 20, 2) != tail.size())
            continue;
        if (number(tail, at + 4, 2) != 0 || number(tail, at + 6, 2) != 0)
            if (number(tail, at + 4, 2) != 0xffff) file.fail("a part of a split zip file");
        Directory directory{number(tail, at + 16, 4), number(tail, at + 12, 4),
                            number(tail, at + 10, 2), tail_at + at};
        const bool is_64 = directory.offset == kInZip64 || directory.bytes == kInZip64 ||
                           directory.members == 0xffff;
        if (!is_64) return directory;
        if (directory.end < kLocatorBytes) file.fail("its zip64 end is missing");
        const std::string locator = file.read(directory.end - kLocatorBytes, kLocatorBytes);
        if (number(locator, 0, 4) != kLocatorSignature) file.fail("its zip64 end is missing");
        const auto end64_at = number(locator, 8, 8);
        const std::string end64 = file.read(end64_at, kEnd64Bytes);
        if (number(end64, 0, 4) != kEnd64Signature) file.fail("its zip64 end is missing");
        return {number(end64, 48, 8), number(end64, 40, 8), number(end64, 32, 8), end64_at};
    }
    file.fail("not a whole zip file: its end is missing");
}

// The sizes and the offset that did not fit into 32 bits are in the extra field, in this order.
void read_zip64_field(const ZipFile& file, std::string_view extra, ZipMember& member) {
    while (extra.size() >= 4) {
        const auto id = number(extra, 0, 2), length = number(extra, 2, 2);
        if (length > extra.size() - 4) break;
        std::string_view field = extra.substr(4, length);
        extra.remove_prefix(4 + length);
        if (id != kZip64Field) continue;
        for (auto* value : {&member.bytes, &member.packed_bytes, &member.offset}) {
            if (*value != kInZip64) continue;
            if (field.size() < 8) file.fail("a zip64 field is cut off");
            *value = number(field, 0, 8);
            field.remove_prefix(8);
        }
        return;
    }
}

ZipMember read_central_entry(const ZipFile& file, std::string_view& bytes) {
    if (bytes.size() < kCentralBytes || number(bytes, 0, 4) != kCentralSignature)
        file.fail("the zip directory counts more members than it has");
    ZipMember member;
    member.encrypted = (number(bytes, 8, 2) & 1) != 0;
    member.packed_bytes = number(bytes, 20, 4);
    member.bytes = number(bytes, 24, 4);
    member.offset = number(bytes, 42, 4);
    const auto name = number(bytes, 28, 2), extra = number(bytes, 30, 2);
    const auto comment = number(bytes, 32, 2);
    const auto mode = number(bytes, 38, 4) >> 16;
    const bool from_unix = number(bytes, 5, 1) == kUnixMadeBy;
    if (bytes.size() - kCentralBytes < name + extra + comment)
        file.fail("an entry of the zip directory is cut off");
    member.name = bytes.substr(kCentralBytes, name);
    read_zip64_field(file, bytes.substr(kCentralBytes + name, extra), member);
    member.folder = member.name.ends_with('/');
    const auto type = from_unix ? mode & S_IFMT : 0;
    member.special = type != 0 && type != S_IFREG && type != S_IFDIR;
    bytes.remove_prefix(kCentralBytes + name + extra + comment);
    return member;
}

// Where the data of a member end.
std::uint64_t check_local_header(const ZipFile& file, const ZipMember& member) {
    const std::string head = file.read(member.offset, kLocalBytes);
    if (number(head, 0, 4) != kLocalSignature)
        file.fail(fmt::format("member {} is not where the zip directory says", member.name));
    const auto name = number(head, 26, 2), extra = number(head, 28, 2);
    if (file.read(member.offset + kLocalBytes, name) != member.name)
        file.fail(fmt::format("member {} has another name in its own header", member.name));
    return member.offset + kLocalBytes + name + extra + member.packed_bytes;
}

}  // namespace

std::vector<ZipMember> read_zip_directory(const std::filesystem::path& path) {
    const ZipFile file(path);
    const Directory directory = find_directory(file);
    if (directory.bytes > kLargestDirectory) file.fail("the zip directory is larger than 64 MB");
    if (directory.offset + directory.bytes != directory.end)
        file.fail("the zip directory does not end where the file does");
    const std::string bytes = file.read(directory.offset, directory.bytes);
    std::string_view rest = bytes;
    std::vector<ZipMember> members;
    for (std::uint64_t i = 0; i < directory.members; ++i)
        members.push_back(read_central_entry(file, rest));
    if (!rest.empty()) file.fail("the zip directory has more members than it counts");

    std::vector<std::pair<std::uint64_t, std::uint64_t>> extents;
    for (const auto& member : members)
        extents.emplace_back(member.offset, check_local_header(file, member));
    std::sort(extents.begin(), extents.end());
    std::uint64_t end = 0;
    for (const auto& [first, last] : extents) {
        if (first < end) file.fail("members overlap");
        end = last;
    }
    if (end > directory.offset) file.fail("members overlap the zip directory");
    return members;
}

}  // namespace hls::fs
