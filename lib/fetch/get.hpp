// SPDX-License-Identifier: Apache-2.0
// Granules from their source to a folder: resolved, whole, verified.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fetch/record.hpp"
#include "net/download.hpp"
#include "net/http_client.hpp"

namespace hls::fetch {

struct GetOptions {
    std::filesystem::path folder;
    net::DownloadOptions download;
    bool successor = true;  // an RT scene that is gone is replaced by the best of its day
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

// Thread-safe.
class Getter {
 public:
    Getter(net::HttpClient& client, GetOptions options);
    ~Getter();

    // Never throws but when cancelled.
    GetResult get(GranuleRecord record);

 private:
    struct Sources;

    void get_landsat(GetResult& result);
    void get_zip(GetResult& result);

    net::HttpClient& client_;
    GetOptions options_;
    std::unique_ptr<Sources> sources_;
};

// Of several products of one scene the best: L1TP before L1GT before L1GS, T1 before T2 before RT,
// then the newest. Empty if none is of the sensor and day of `id`.
std::string best_successor(const std::string& id, const std::vector<std::string>& present);

// Throws Error{bad_input} unless `zip` is a readable archive of exactly one product `id`.SAFE with
// both metadata files and the 13 bands, without names that lead elsewhere.
void require_safe_zip(const std::filesystem::path& zip, const std::string& id);

}  // namespace hls::fetch
