// SPDX-License-Identifier: Apache-2.0
// A folder to s3://: data first, the manifest last, so that who sees the manifest sees it all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "net/s3.hpp"

namespace hls::fetch {

enum class IfUploaded { fail, skip, replace };

struct PutJob {
    std::filesystem::path folder;
    net::S3Uri target;     // prefix; files keep their names below it
    std::string manifest;  // file name within the folder; empty: <folder name>.json, if it is there
    IfUploaded if_exists = IfUploaded::fail;
    int parallel = 4;
    // Data that are there with this content already are not sent again, whatever if_exists says.
    bool keep_equal = false;
};

struct PutFile {
    std::string name;  // relative, with '/'
    std::int64_t bytes = 0;
    std::string sha256;
    bool skipped = false;  // was there with this content
};

// The files of the folder in the order they go: manifest at the end, hidden and .run.json left out.
std::vector<std::string> upload_order(const std::filesystem::path& folder,
                                      const std::string& manifest);

// With IfUploaded::fail the manifest's name must be free (Error{cannot_create}) and is written only
// if it still is. Repeating a broken upload with IfUploaded::skip sends what is missing: an object
// counts as there when its size and its x-amz-meta-sha256 agree.
std::vector<PutFile> put_folder(net::S3Client& s3, const PutJob& job);

}  // namespace hls::fetch
