// SPDX-License-Identifier: Apache-2.0
// How codecs say what is wrong with their data and parameters. Internal to zarr.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "core/error.hpp"

namespace hls::zarr {

[[noreturn]] inline void damaged(std::string_view codec, std::string_view problem) {
    throw Error{Exit::bad_input, fmt::format("{}: {}", codec, problem)};
}

[[noreturn]] inline void compression_failed(std::string_view codec) {
    throw Error{Exit::internal, fmt::format("{}: compression failed", codec)};
}

inline void require_level(std::string_view codec, int level, int least, int most) {
    if (level < least || level > most)
        throw Error{Exit::bad_input,
                    fmt::format("{}: level {} is not in {} to {}", codec, level, least, most)};
}

inline void require_at_most(std::string_view codec, std::uint64_t bytes, std::uint64_t most) {
    if (bytes > most)
        throw Error{Exit::bad_input,
                    fmt::format("{}: chunks of {} bytes are more than it can hold ({})", codec,
                                bytes, most)};
}

}  // namespace hls::zarr
