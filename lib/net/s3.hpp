// SPDX-License-Identifier: Apache-2.0
// Objects of S3 and of what speaks like it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/credentials.hpp"
#include "net/http_client.hpp"

namespace hls::net {

struct S3Uri {
    std::string bucket;
    std::string key;  // may be empty; no leading '/'
};
bool is_s3_uri(std::string_view text) noexcept;
// "s3://bucket/key". Throws Error{usage}.
S3Uri parse_s3_uri(std::string_view text);
std::string to_string(const S3Uri& uri);

// Throws Error{bad_input} for a key that cannot be a relative path below a folder: empty or dot
// components, control characters, more than 1024 bytes.
void require_safe_key(std::string_view key);

struct S3Object {
    std::string key;
    std::int64_t bytes = 0;
    std::string etag;           // without quotes
    std::string last_modified;  // as the server writes it
    Headers metadata;           // head() only: x-amz-meta-* without the prefix
};

struct S3Listing {
    std::vector<S3Object> objects;
    std::vector<std::string> prefixes;  // with a delimiter: the "folders"
};

struct ByteRange {
    std::int64_t first = 0;
    std::int64_t bytes = 0;
};

// A write that happens only if the object is as expected.
struct PutCondition {
    enum class Kind { none, absent, unchanged } kind = Kind::none;
    std::string etag;  // of `unchanged`

    static PutCondition if_absent() { return {Kind::absent, {}}; }
    static PutCondition if_unchanged(std::string etag) {
        return {Kind::unchanged, std::move(etag)};
    }
};

struct PutOptions {
    std::string content_type = "application/octet-stream";
    PutCondition condition;
    Headers metadata;    // sent as x-amz-meta-<name>
    std::string sha256;  // of the content, when known
};

struct PutResult {
    bool written = false;     // false: the condition did not hold
    std::string etag;         // of the new object
    bool conditional = true;  // false: the server knows no conditions, so head() was asked before
};

struct S3Options {
    std::string region;  // empty: default_region()
    std::string
        endpoint;  // empty: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_S3_ENDPOINT, else AWS
    bool request_payer = false;  // always so for usgs-landsat and sentinel-s2-l1c
    CredentialOptions credentials;
    std::int64_t part_bytes = 16ll << 20;       // of multipart uploads, at least 5 MiB on AWS
    std::int64_t multipart_above = 64ll << 20;  // one PUT up to here
    int parallel_parts = 4;
    int keys_per_page = 1000;  // of a listing
};

// Thread-safe. All calls retry what passes (HttpClient::send) and throw Error{permission} for 403,
// {missing_input} for what is not there, {temporary} when nothing helped.
class S3Client {
 public:
    S3Client(HttpClient& client, S3Options options = {});
    ~S3Client();
    S3Client(const S3Client&) = delete;
    S3Client& operator=(const S3Client&) = delete;

    // nullopt when there is no such object.
    std::optional<S3Object> head(const S3Uri& object);

    // Whole object or a range of it (which may end beyond the object). At most `max_bytes`. With an
    // ETag: Error{temporary} if the object has another one by now.
    std::string get(const S3Uri& object, std::optional<ByteRange> range = {},
                    std::size_t max_bytes = 1u << 30);
    std::optional<std::string> try_get(const S3Uri& object, std::optional<ByteRange> range = {},
                                       std::size_t max_bytes = 1u << 30,
                                       const std::string& etag = {});
    // Content and ETag from one answer, for compare-and-swap.
    struct Content {
        std::string bytes;
        std::string etag;
    };
    std::optional<Content> try_get_tagged(const S3Uri& object, std::size_t max_bytes = 1u << 30);

    // Everything below the prefix, page by page in the order of keys. With delimiter "/" only one
    // level, the rest as prefixes.
    S3Listing list(const S3Uri& prefix, std::string_view delimiter = {});
    // False from `page` stops.
    void list_pages(const S3Uri& prefix, std::string_view delimiter,
                    const std::function<bool(const S3Listing& page)>& page);

    PutResult put(const S3Uri& object, std::string_view content, const PutOptions& options = {});
    // In parts when it is large. What was sent is removed if it fails.
    PutResult put_file(const S3Uri& object, const std::filesystem::path& file,
                       const PutOptions& options = {});

    // True also when there was no such object.
    void remove(const S3Uri& object);

    // True if the endpoint honours If-None-Match on PUT (asked once per endpoint and bucket, by
    // writing a small object below `prefix` and removing it).
    bool supports_conditions(const S3Uri& prefix);

    // Address and authorizer of an object, for downloads by Downloader.
    Request request(std::string method, const S3Uri& object, Query query = {});
    Authorizer& authorizer(const std::string& bucket);

 private:
    struct State;

    Response send(Request request, const std::string& bucket);
    PutResult put_request(Request request, const S3Uri& object, const PutOptions& options);
    PutResult put_without_conditions(Request request, const S3Uri& object,
                                     const PutOptions& options);
    std::optional<S3Object> uploaded(const S3Uri& object, std::int64_t bytes,
                                     const std::string& etag, const std::string& sha256);
    PutResult put_parts(const S3Uri& object, const std::filesystem::path& file, std::int64_t bytes,
                        const PutOptions& options);

    HttpClient& client_;
    S3Options options_;
    std::unique_ptr<State> state_;
};

}  // namespace hls::net
