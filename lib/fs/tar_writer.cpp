// SPDX-License-Identifier: Apache-2.0
#include "fs/tar_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"

namespace hls::fs {
namespace {

constexpr std::size_t kBlock = 512, kNameBytes = 100;
constexpr std::uint64_t kMaxContent = (std::uint64_t{1} << 33) - 1;

// Offsets of the fields of a header (POSIX.1-1988, "ustar").
constexpr std::size_t kMode = 100, kOwner = 108, kGroup = 116, kSize = 124, kTime = 136,
                      kChecksum = 148, kType = 156, kMagic = 257;

using Header = std::array<char, kBlock>;

void put(Header& header, std::size_t at, std::string_view text) {
    std::ranges::copy(text, header.begin() + static_cast<std::ptrdiff_t>(at));
}

Header make_header(std::string_view name, std::uint64_t bytes) {
    Header header{};
    put(header, 0, name);
    put(header, kMode, "0000644");
    put(header, kOwner, "0000000");
    put(header, kGroup, "0000000");
    put(header, kSize, fmt::format("{:011o}", bytes));
    put(header, kTime, "00000000000");
    put(header, kChecksum, "        ");
    header[kType] = '0';
    put(header, kMagic, std::string_view("ustar\00000", 8));
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put(header, kChecksum, fmt::format("{:06o}", sum));
    header[kChecksum + 6] = '\0';
    return header;
}

std::uint64_t padding(std::uint64_t bytes) {
    return (kBlock - bytes % kBlock) % kBlock;
}

}  // namespace

TarWriter::TarWriter(std::filesystem::path path)
    : path_(std::move(path)), file_(path_, std::ios::binary | std::ios::trunc) {
    if (!file_) throw Error{Exit::cannot_create, "cannot create " + path_.string()};
}

void TarWriter::add(std::string_view name, std::string_view content) {
    if (name.empty() || name.size() > kNameBytes || content.size() > kMaxContent)
        throw Error{Exit::internal, fmt::format("{} does not fit a tar header", name)};
    const Header header = make_header(name, content.size());
    write({header.data(), header.size()});
    write(content);
    write(std::string(padding(content.size()), '\0'));
}

std::uint64_t TarWriter::member_bytes(std::uint64_t content_bytes) {
    return kBlock + content_bytes + padding(content_bytes);
}

std::string TarWriter::close() {
    write(std::string(2 * kBlock, '\0'));
    file_.close();
    if (!file_) throw Error{Exit::io_error, "cannot write " + path_.string()};
    return digest_.hex();
}

void TarWriter::write(std::string_view data) {
    file_.write(data.data(), static_cast<std::streamsize>(data.size()));
    if (!file_) throw Error{Exit::io_error, "cannot write " + path_.string()};
    digest_.update(data);
    bytes_ += data.size();
}

}  // namespace hls::fs
