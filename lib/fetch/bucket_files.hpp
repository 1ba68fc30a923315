// SPDX-License-Identifier: Apache-2.0
// Objects of a bucket as files for programs that want files.
#pragma once

#include <filesystem>
#include <string>

#include "net/s3.hpp"

namespace hls::fetch {

// One object, resumed, of the right length and, where its ETag is an MD5, of the right content.
void fetch_object(net::HttpClient& client, net::S3Client& s3, const std::string& bucket,
                  const net::S3Object& object, const std::filesystem::path& target);

// `uri` is an object (an archive, a mask) or a prefix (a product folder): the file or folder of its
// last name in `folder`. Throws Error{missing_input} when there is neither, Error{usage} for a
// bucket without a name in it, Error{bad_input} for keys that lead elsewhere, and what became of
// the downloads.
std::filesystem::path fetch_input(net::HttpClient& client, net::S3Client& s3,
                                  const std::string& uri, const std::filesystem::path& folder);

}  // namespace hls::fetch
