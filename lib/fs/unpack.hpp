// SPDX-License-Identifier: Apache-2.0
// Whole archives from strangers: tested, and unpacked without trusting a name in them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace hls::fs {

// More than this is no product but an attack or an accident.
struct UnpackLimits {
    std::size_t members = 4096;
    std::uint64_t bytes = std::uint64_t{4} << 30;  // unpacked
    double ratio = 200;                            // unpacked to packed
};

// Throws Error{bad_input} unless `name` is a relative path below its folder: no leading '/', drive
// letter, backslash, control character or ".." component, valid UTF-8. `archive` is for messages.
void require_safe_member_name(const std::filesystem::path& archive, std::string_view name);

// Reads every byte of a tar or zip file, so that each member's own checksum (CRC-32 in a zip) is
// compared. Throws Error{missing_input, permission}, and Error{bad_input} for a member that is
// damaged, unsafe by name, a link or a device, or there twice (whatever its case), and for more
// than the limits.
void test_archive(const std::filesystem::path& archive, const UnpackLimits& limits = {});

// Regular files and folders to `folder`, which exists and is nobody else's. All must lie below the
// archive's folder `top` ("P/"; empty: anywhere), whose name is left out. No mode bits, owners or
// times are taken over. Throws as test_archive does, and Error{io_error}; what was written until
// then is the caller's to remove.
void unpack_archive(const std::filesystem::path& archive, const std::filesystem::path& folder,
                    std::string_view top = {}, const UnpackLimits& limits = {});

}  // namespace hls::fs
