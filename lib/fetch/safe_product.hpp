// SPDX-License-Identifier: Apache-2.0
// Whether a Sentinel-2 product that came is whole. Internal to fetch.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "granule/sentinel2_files.hpp"
#include "net/download.hpp"

namespace hls::fetch {

// Throws Error{bad_input} unless `zip` is a sound archive (directory and CRC of every member) of
// exactly one product `id`.SAFE with both metadata files, the 13 bands and every file that its
// manifest names, and without names that lead elsewhere.
void require_safe_zip(const std::filesystem::path& zip, const std::string& id);

// Whether a folder has every file that its manifest.safe names, with size and checksum.
bool is_whole_safe(const std::filesystem::path& folder);

// The checksum of a file in a manifest if it is of a kind that can be computed.
std::vector<net::Checksum> checksums_of(const granule::SafeFile& file);

// Throws Error{bad_input} unless the file starts as JPEG 2000 does and ends with its end of
// codestream: what S3 gives without a checksum may be cut off.
void require_whole_jp2(const std::filesystem::path& file);

}  // namespace hls::fetch
