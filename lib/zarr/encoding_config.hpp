// SPDX-License-Identifier: Apache-2.0
// From a configuration's words to the codecs of an array.
#pragma once

#include <optional>
#include <vector>

#include "zarr/metadata.hpp"

namespace hls::zarr {

// Sets chunk_shape, keys and codecs of `array`, whose format, type and dimensions are set. `codec`
// is {"blosc":"zstd","level":1,"shuffle":"byte"}, {"zstd":1}, {"gzip":1}, {"zlib":1}, {"lz4":1} or
// "none", with "checksum":"crc32c" beside it in version 3; by default blosc with zstd-1. `shards`
// is empty or as long as `chunks`; 0 in it means the chunk. Throws Error{usage} that names `place`.
void set_encoding(ArrayMetadata& array, const Shape& chunks, const Shape& shards, char separator,
                  const std::optional<JsonValue>& codec, std::string_view place);

}  // namespace hls::zarr
