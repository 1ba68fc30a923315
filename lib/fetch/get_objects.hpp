// SPDX-License-Identifier: Apache-2.0
// What `put` sent comes back: one object, or a prefix as a folder, as it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "fetch/get.hpp"
#include "net/s3.hpp"

namespace hls::fetch {

struct ObjectsResult {
    std::filesystem::path local;  // the file, or the folder named after the prefix's last part
    int files = 0;
    std::int64_t bytes = 0;
    std::string action;  // "fetched", "exists"
};

// One object if there is one of exactly this key, else all below it. JSON files come last, the one
// named after the folder at the very end, so that who sees it sees all. Size, and MD5 where the
// ETag is one, are verified. Throws Error{missing_input} if there is nothing, and what the
// downloads end with.
ObjectsResult get_objects(net::HttpClient& client, net::S3Client& s3, const net::S3Uri& source,
                          const GetOptions& options);

}  // namespace hls::fetch
