// SPDX-License-Identifier: Apache-2.0
// Base 64 (RFC 4648), in which metadata hold raw bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "zarr/object_store.hpp"

namespace hls::zarr {

std::string base64_encode(ByteView data);
// nullopt for anything that base64_encode() would not have made.
std::optional<Bytes> base64_decode(std::string_view text);

}  // namespace hls::zarr
