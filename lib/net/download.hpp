// SPDX-License-Identifier: Apache-2.0
// Many files at once, each whole and right or not there: resumed, verified, renamed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fs/digest.hpp"
#include "net/http_client.hpp"

namespace hls::net {

struct Checksum {
    fs::DigestKind kind;
    std::string hex;  // lower case
};

// What to do with a file that is there already.
enum class IfPresent {
    verify,   // keep it if size and checksums agree, else fetch it again
    skip,     // keep it
    replace,  // fetch it again
    fail,     // Error{cannot_create}
};

struct Download {
    std::string identity;  // uuid or s3 key: what a part file belongs to. Never a signed address.
    Request request;       // GET
    Authorizer* authorizer = nullptr;
    std::filesystem::path target;
    std::int64_t bytes = -1;    // -1: unknown
    bool bytes_are_law = true;  // false: a catalogue's figure, which is only reported
    std::vector<Checksum> checksums;
    std::string etag;       // quoted, expected; empty: whatever comes first
    bool if_match = false;  // S3: If-Match instead of If-Range
    bool html_is_data = false;
    // Looks at the complete file before it gets its name; throws Error to refuse it.
    std::function<void(const std::filesystem::path& part)> validate;
};

enum class DownloadAction { fetched, resumed, exists, failed };

struct DownloadResult {
    DownloadAction action = DownloadAction::failed;
    Exit exit = Exit::internal;  // until it is known how it ended
    std::string message, hint;
    std::int64_t bytes = 0;
    std::int64_t transferred = 0;  // over the net in this run
    int requests = 0;
    double seconds = 0;
    std::string sha256;
    std::vector<std::string> verified;  // "sha256", "md5", "size", "validate"
    std::optional<UtcTime> retry_at;
};

struct DownloadOptions {
    int jobs = 4;
    IfPresent if_present = IfPresent::verify;
    std::int64_t min_free_bytes = 2ll << 30;
    int wrong_content_tries = 2;  // a wrong checksum is fetched again so often
};

class Downloader {
 public:
    Downloader(HttpClient& client, DownloadOptions options);
    ~Downloader();

    // Asks `next` for work whenever a place is free until it says nullopt, and reports each item
    // once, in order of completion, from the calling thread. Throws only when cancelled (part files
    // are kept) and what `next` or `done` throw.
    void run(const std::function<std::optional<Download>()>& next,
             const std::function<void(const Download&, const DownloadResult&)>& done);

    // A list; results in its order.
    std::vector<DownloadResult> run(std::vector<Download> items);

 private:
    HttpClient& client_;
    DownloadOptions options_;
};

}  // namespace hls::net
