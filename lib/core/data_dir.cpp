// SPDX-License-Identifier: Apache-2.0
#include "core/data_dir.hpp"

#include <cstdlib>

#include "core/error.hpp"

namespace hls {
namespace {

// An empty variable counts as unset, as the XDG base directory rules have it.
const char* set_or_null(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace

std::filesystem::path data_dir() {
    if (const char* dir = set_or_null("HLS_DATA_DIR")) return dir;
    if (const char* dir = set_or_null("XDG_DATA_HOME")) return std::filesystem::path(dir) / "hls";
    if (const char* home = set_or_null("HOME"))
        return std::filesystem::path(home) / ".local" / "share" / "hls";
    throw Error{Exit::usage, "no data directory: HOME is not set", "set HLS_DATA_DIR"};
}

}  // namespace hls
