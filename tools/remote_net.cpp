// SPDX-License-Identifier: Apache-2.0
// remote.hpp with the libraries.
#include "core/error.hpp"
#include "fs/digest.hpp"
#include "net/aws.hpp"
#include "net/s3.hpp"
#include "remote.hpp"

namespace hls::tools {
namespace {

net::HttpClient& http() {
    static net::HttpClient client("hls-tools");
    return client;
}

net::S3Client& s3() {
    static net::S3Client client(http());
    return client;
}

}  // namespace

bool is_remote(std::string_view path) {
    return path.starts_with("s3://");
}

std::vector<RemoteText> read_objects(const std::string& prefix, std::string_view suffix) {
    const net::S3Uri at = net::parse_s3_uri(prefix);
    std::vector<RemoteText> texts;
    for (const auto& object : s3().list(at).objects) {
        const bool archived = object.key.find("/done/") != std::string::npos ||
                              object.key.find("/rejected/") != std::string::npos;
        if (archived || !object.key.ends_with(suffix)) continue;
        const net::S3Uri uri{at.bucket, object.key};
        texts.push_back({net::to_string(uri), s3().get(uri)});
    }
    return texts;
}

std::string read_object(const std::string& uri) {
    return s3().get(net::parse_s3_uri(uri));
}

bool create_object(const std::string& uri, const std::string& text) {
    net::PutOptions options;
    options.content_type = "application/json";
    options.condition = net::PutCondition::if_absent();
    return s3().put(net::parse_s3_uri(uri), text, options).written;
}

void archive_object(const RemoteText& object, const std::string& folder) {
    const net::S3Uri from = net::parse_s3_uri(object.uri);
    const auto slash = from.key.rfind('/');
    const auto place = slash == std::string::npos ? std::string() : from.key.substr(0, slash + 1);
    s3().put({from.bucket, place + folder + '/' + from.key.substr(place.size())}, object.text);
    s3().remove(from);
}

std::string call_batch(const std::string& path, const std::string& body, bool idempotent) {
    static net::AwsClient client(http());
    return client.call({.service = "batch",
                        .server = {},
                        .path = path,
                        .target = {},
                        .body = body,
                        .idempotent = idempotent});
}

std::string sha256_of(const std::filesystem::path& path) {
    return fs::digest_of_file(fs::DigestKind::sha256, path);
}

void require_libraries() {}

}  // namespace hls::tools
