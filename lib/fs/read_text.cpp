// SPDX-License-Identifier: Apache-2.0
// Reads what is asked for and no more.
#include "fs/read_text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/error.hpp"

namespace hls::fs {

std::string read_text(const std::filesystem::path& path, std::size_t max_bytes) {
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path)) {
        const int reason = in ? EISDIR : errno;
        throw Error(reason == EACCES || reason == EPERM ? Exit::permission : Exit::missing_input,
                    fmt::format("cannot read {}: {}", path.string(), std::strerror(reason)));
    }
    std::string text(max_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) throw Error(Exit::io_error, fmt::format("cannot read {}", path.string()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > max_bytes)
        throw Error(Exit::bad_input,
                    fmt::format("{} has more than {} bytes", path.string(), max_bytes));
    return text;
}

}  // namespace hls::fs
