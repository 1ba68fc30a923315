// SPDX-License-Identifier: Apache-2.0
// Reads what is asked for and no more.
#include "fs/read_text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/error.hpp"

namespace hls::fs {
namespace {

constexpr std::size_t kPieceBytes = 64 << 10;

}  // namespace

std::string read_text(const std::filesystem::path& path, std::size_t max_bytes) {
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path)) {
        const int reason = in ? EISDIR : errno;
        throw Error(reason == EACCES || reason == EPERM ? Exit::permission : Exit::missing_input,
                    fmt::format("cannot read {}: {}", path.string(), std::strerror(reason)));
    }
    // Piece by piece: the limit may be far larger than the file, and a pipe has no size.
    std::string text, piece(kPieceBytes, '\0');
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
        text.append(piece, 0, static_cast<std::size_t>(in.gcount()));
        if (text.size() > max_bytes)
            throw Error(Exit::bad_input,
                        fmt::format("{} has more than {} bytes", path.string(), max_bytes));
    }
    if (in.bad()) throw Error(Exit::io_error, fmt::format("cannot read {}", path.string()));
    return text;
}

}  // namespace hls::fs
