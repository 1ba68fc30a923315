// SPDX-License-Identifier: Apache-2.0
// Granules from their source to a folder: resolved, whole, verified.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fetch/messages.hpp"
#include "fetch/record.hpp"
#include "fetch/successor.hpp"
#include "net/download.hpp"
#include "net/http_client.hpp"

namespace hls::fetch {

enum class GetSource {
    automatic,  // where the record says it comes from
    cdse,       // Sentinel-2: zip of the Copernicus Data Space
    eodata,     // Sentinel-2: its files in the S3 store there
    aws,        // Sentinel-2: s3://sentinel-s2-l1c, made into a SAFE folder
    usgs,       // Landsat: s3://usgs-landsat
};

struct GetOptions {
    std::filesystem::path folder;
    net::DownloadOptions download;
    GetSource source = GetSource::automatic;
    Successor successor = Successor::forward;
    Preset preset = Preset::hls_forward2;   // what a successor has to be
    bool unpack = false;                    // a zip becomes its .SAFE folder
    std::set<std::string> allowed_buckets;  // of zip files that announcements name
};

// What became of one granule. `record` is the one that was fetched; record.requested_id says what
// was asked for when that is another.
struct GetResult {
    GranuleRecord record;
    std::filesystem::path local;
    std::string action;  // "fetched", "resumed", "exists", "failed"
    Exit exit = Exit::ok;
    std::string message, hint;
    std::int64_t bytes = 0;
    int requests = 0;
    double seconds = 0;
    std::string sha256;                 // of a zip
    std::vector<std::string> verified;  // "md5", "zip", "size", "members", ...
    std::string retry_at;
};
std::string to_json(const GetResult& result);

class Sources;

// Thread-safe.
class Getter {
 public:
    Getter(net::HttpClient& client, GetOptions options);
    ~Getter();

    // Never throws but when cancelled.
    GetResult get(GranuleRecord record);

 private:
    net::HttpClient& client_;
    GetOptions options_;
    std::unique_ptr<Sources> sources_;
};

}  // namespace hls::fetch
