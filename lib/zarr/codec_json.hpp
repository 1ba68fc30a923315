// SPDX-License-Identifier: Apache-2.0
// Codecs as the metadata documents of both versions spell them. Internal to zarr.
#pragma once

#include <string>
#include <vector>

#include "zarr/codec.hpp"
#include "zarr/json_value.hpp"

namespace hls::zarr {

// Version 3's list, for elements of `type`. Unknown codecs and configurations are
// Error{bad_input}.
std::vector<Codec> parse_v3_codecs(const JsonArray& list, const DataType& type,
                                   const std::string& where);
// Error{internal} for a codec that version 3 does not have.
JsonArray v3_codecs_document(const std::vector<Codec>& codecs);

// One filter or compressor of version 2, for elements in that byte order; `bytes_before` is the
// width of what it gets (1 behind another bytes -> bytes filter).
Codec parse_v2_codec(const JsonValue& value, const TypeString& type, std::size_t bytes_before,
                     const std::string& where);
JsonValue v2_codec_document(const Codec& codec, bool big_endian);

}  // namespace hls::zarr
