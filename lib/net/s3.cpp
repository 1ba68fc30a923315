// SPDX-License-Identifier: Apache-2.0
#include "net/s3.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "core/ulid.hpp"
#include "net/endpoints.hpp"
#include "net/s3_state.hpp"
#include "net/s3_xml.hpp"

namespace hls::net {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr std::size_t kLongestKey = 1024;
// Their owners have every reader pay (fetch.md 3.2).
constexpr std::array<std::string_view, 2> kRequesterPays{"usgs-landsat", "sentinel-s2-l1c"};
constexpr std::string_view kMetadata = "x-amz-meta-";

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

// The address of a server that is not AWS's own; empty if there is none.
std::string own_endpoint(const S3Options& options) {
    if (!options.endpoint.empty()) return options.endpoint;
    if (endpoint_overridden("s3")) return to_string(endpoint("s3", options.region));
    for (const char* name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"})
        if (auto url = environment(name); !url.empty()) return url;
    if (auto host = environment("AWS_S3_ENDPOINT"); !host.empty()) {  // as GDAL reads it
        if (host.find("://") != std::string::npos) return host;
        return (environment("AWS_HTTPS") == "NO" ? "http://" : "https://") + host;
    }
    return {};
}

std::string unquoted(std::string_view etag) {
    if (etag.size() > 1 && etag.front() == '"' && etag.back() == '"')
        etag = etag.substr(1, etag.size() - 2);
    return std::string(etag);
}

S3Object object_of(const Response& response, const std::string& key) {
    S3Object object;
    object.key = key;
    object.bytes = to_int(response.header("Content-Length")).value_or(0);
    object.etag = unquoted(response.header("ETag"));
    object.last_modified = response.header("Last-Modified");
    for (const auto& [name, value] : response.headers) {
        std::string lower(name);
        for (char& c : lower)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (lower.starts_with(kMetadata))
            object.metadata.emplace_back(lower.substr(kMetadata.size()), value);
    }
    return object;
}

}  // namespace

bool is_s3_uri(std::string_view text) noexcept {
    return text.starts_with(kScheme);
}

S3Uri parse_s3_uri(std::string_view text) {
    const auto refuse = [&](std::string_view why) {
        throw Error{Exit::usage, fmt::format("{}: {}", text, why),
                    "objects are named like s3://bucket/folder/name"};
    };
    if (!is_s3_uri(text)) refuse("not an s3:// name");
    std::string_view rest = text.substr(kScheme.size());
    S3Uri uri;
    uri.bucket = rest.substr(0, rest.find('/'));
    if (uri.bucket.size() < 3 || uri.bucket.size() > 63 ||
        uri.bucket.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos)
        refuse("no bucket has such a name");
    if (rest.size() > uri.bucket.size()) uri.key = rest.substr(uri.bucket.size() + 1);
    if (uri.key.size() > kLongestKey) refuse("the key is longer than 1024 bytes");
    for (const char c : uri.key)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
            refuse("control characters in the key");
    return uri;
}

std::string to_string(const S3Uri& uri) {
    return std::string(kScheme) + uri.bucket + '/' + uri.key;
}

void require_safe_key(std::string_view key) {
    const auto refuse = [](std::string_view why) {
        throw Error{Exit::bad_input, fmt::format("an object key {}", why)};
    };
    if (key.empty() || key.size() > kLongestKey) refuse("is empty or longer than 1024 bytes");
    for (const char c : key)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f || c == '\\')
            refuse("holds control characters or backslashes");
    for (const auto piece : split(key, '/'))
        if (piece.empty() || piece == "." || piece == "..") refuse("would lead out of its folder");
}

S3Client::State::State(HttpClient& client, S3Options& options)
    : chain(client, [&] {
          auto credentials = options.credentials;
          if (credentials.region.empty()) credentials.region = options.region;
          return credentials;
      }()) {
    const std::string own = own_endpoint(options);
    virtual_hosts = own.empty() || environment("AWS_VIRTUAL_HOSTING") == "TRUE";
    if (own.empty()) return;
    server = parse_url(own);
    while (server->path.ends_with('/')) server->path.pop_back();
    trust_origin(*server);
}

Url S3Client::State::address(const std::string& bucket, const std::string& region) const {
    Url url = server ? *server : endpoint("s3", region);
    if (virtual_hosts && bucket.find('.') == std::string::npos &&
        !(server && is_loopback(server->host))) {
        url.host = bucket + '.' + url.host;
        if (server) trust_origin(url);
        url.path = "/";
    } else {
        url.path = (url.path == "/" ? "" : url.path) + '/' + percent_encode(bucket) + '/';
    }
    return url;
}

S3Client::S3Client(HttpClient& client, S3Options options)
    : client_(client), options_(std::move(options)) {
    if (options_.region.empty()) options_.region = default_region(options_.credentials.profile);
    state_ = std::make_unique<State>(client_, options_);
}

S3Client::~S3Client() = default;

Authorizer& S3Client::authorizer(const std::string& bucket) {
    return state_->authorizer(bucket, options_.region);
}

SigV4Authorizer& S3Client::State::authorizer(const std::string& bucket, const std::string& region) {
    const std::lock_guard lock(mutex);
    auto& entry = authorizers[bucket];
    if (!entry) entry = std::make_unique<SigV4Authorizer>(chain, SigningScope{region, "s3"});
    return *entry;
}

Request S3Client::request(std::string method, const S3Uri& object, Query query) {
    Request request;
    request.method = std::move(method);
    request.url =
        state_->address(object.bucket, state_->authorizer(object.bucket, options_.region).region());
    request.url.path += percent_encode(object.key, "/");
    std::sort(query.begin(), query.end());
    request.url.query = encode_query(query);
    const bool pays = options_.request_payer ||
                      std::find(kRequesterPays.begin(), kRequesterPays.end(), object.bucket) !=
                          kRequesterPays.end();
    if (pays) request.headers.emplace_back("x-amz-request-payer", "requester");
    return request;
}

// A bucket of another region says so: signed again for that one.
Response S3Client::send(Request request, const std::string& bucket) {
    SigV4Authorizer& signer = state_->authorizer(bucket, options_.region);
    Response response = client_.send(request, &signer);
    const std::string region(response.header("x-amz-bucket-region"));
    if (response.ok() || region.empty() || region == signer.region()) return response;
    if (response.status != 301 && response.status != 307 && response.status != 400) return response;
    signer.set_region(region);
    const Url home = state_->address(bucket, region);
    request.url.host = home.host;
    request.url.port = home.port;
    return client_.send(request, &signer);
}

std::optional<S3Object> S3Client::head(const S3Uri& object) {
    const Response response = send(request("HEAD", object), object.bucket);
    if (response.status == 404) return std::nullopt;
    if (response.ok()) return object_of(response, object.key);
    Error error = refusal(response, to_string(object));
    if (response.status == 403)
        error.hint = "wrong credentials, or the object is absent and you have no right to list";
    throw error;
}

std::optional<S3Client::Content> S3Client::try_get_tagged(const S3Uri& object,
                                                          std::size_t max_bytes) {
    Request get = request("GET", object);
    get.max_reply_bytes = max_bytes;
    Response response = send(std::move(get), object.bucket);
    if (response.status == 404) return std::nullopt;
    if (!response.ok()) throw refusal(response, to_string(object));
    return Content{std::move(response.body), unquoted(response.header("ETag"))};
}

std::optional<std::string> S3Client::try_get(const S3Uri& object, std::optional<ByteRange> range,
                                             std::size_t max_bytes, const std::string& etag) {
    Request get = request("GET", object);
    get.max_reply_bytes = max_bytes;
    if (range)
        get.headers.emplace_back(
            "Range", fmt::format("bytes={}-{}", range->first, range->first + range->bytes - 1));
    if (!etag.empty()) get.headers.emplace_back("If-Match", '"' + etag + '"');
    Response response = send(std::move(get), object.bucket);
    if (response.status == 404) return std::nullopt;
    const auto given = unquoted(response.header("ETag"));
    if (!etag.empty() && (response.status == 412 || (response.ok() && given != etag)))
        throw Error{Exit::temporary, to_string(object) + ": changed while it was read",
                    "run it again"};
    if (!response.ok()) throw refusal(response, to_string(object));
    if (range && response.status == 200) {  // the server does not know ranges
        if (static_cast<std::size_t>(range->first) > response.body.size()) return std::string{};
        return response.body.substr(static_cast<std::size_t>(range->first),
                                    static_cast<std::size_t>(range->bytes));
    }
    return std::move(response.body);
}

std::string S3Client::get(const S3Uri& object, std::optional<ByteRange> range,
                          std::size_t max_bytes) {
    auto content = try_get(object, range, max_bytes);
    if (!content) throw Error{Exit::missing_input, to_string(object) + ": no such object"};
    return std::move(*content);
}

void S3Client::list_pages(const S3Uri& prefix, std::string_view delimiter,
                          const std::function<bool(const S3Listing&)>& page) {
    std::string token;
    while (true) {
        Query query{{"list-type", "2"},
                    {"max-keys", std::to_string(options_.keys_per_page)},
                    {"encoding-type", "url"}};
        query.emplace_back("prefix", prefix.key);
        if (!delimiter.empty()) query.emplace_back("delimiter", delimiter);
        if (!token.empty()) query.emplace_back("continuation-token", token);
        const Response response = send(request("GET", {prefix.bucket, ""}, query), prefix.bucket);
        if (!response.ok()) throw refusal(response, "listing of " + to_string(prefix));
        ListPage answer = parse_list_page(response.body);
        if (!page(answer.listing) || !answer.truncated) return;
        if (answer.next_token.empty() || answer.next_token == token)
            throw Error{Exit::bad_input,
                        "listing of " + to_string(prefix) + ": the server lost its place"};
        token = std::move(answer.next_token);
    }
}

S3Listing S3Client::list(const S3Uri& prefix, std::string_view delimiter) {
    S3Listing all;
    list_pages(prefix, delimiter, [&all](const S3Listing& page) {
        all.objects.insert(all.objects.end(), page.objects.begin(), page.objects.end());
        all.prefixes.insert(all.prefixes.end(), page.prefixes.begin(), page.prefixes.end());
        return true;
    });
    return all;
}

void S3Client::remove(const S3Uri& object) {
    const Response response = send(request("DELETE", object), object.bucket);
    if (!response.ok() && response.status != 404) throw refusal(response, to_string(object));
}

}  // namespace hls::net
