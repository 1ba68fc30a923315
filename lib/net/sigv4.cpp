// SPDX-License-Identifier: Apache-2.0
#include "net/sigv4.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "fs/digest.hpp"

namespace hls::net {
namespace {

std::string hmac(std::string_view key, std::string_view text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, &length);
    return {reinterpret_cast<const char*>(out), length};
}

std::string hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

std::string payload_hash(const Request& request) {
    if (!request.body_sha256.empty()) return request.body_sha256;
    if (!request.file.path.empty())
        throw Error{Exit::internal, "a file is to be signed whose SHA-256 is not known"};
    return fs::digest_of(fs::DigestKind::sha256, request.body);
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

// Runs of blanks count as one.
std::string folded(std::string_view value) {
    std::string result;
    for (const char c : trim(value))
        if (c != ' ' || result.empty() || result.back() != ' ') result += c;
    return result;
}

// Name and value of the headers that are signed, in order.
std::map<std::string, std::string> signed_headers(const Request& request) {
    std::map<std::string, std::string> result;
    result["host"] = authority(request.url);
    for (const auto& [name, value] : request.headers) {
        const std::string key = lower(name);
        if (key == "authorization" || key == "expect" || key == "user-agent") continue;
        auto& all = result[key];
        all += (all.empty() ? "" : ",") + folded(value);
    }
    return result;
}

std::string signed_names(const std::map<std::string, std::string>& headers) {
    std::string names;
    for (const auto& [name, value] : headers) names += (names.empty() ? "" : ";") + name;
    return names;
}

std::string canonical_query(const std::string& query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& [name, value] : decode_query(query))
        pairs.emplace_back(percent_encode(name), percent_encode(value));
    std::sort(pairs.begin(), pairs.end());
    std::string text;
    for (const auto& [name, value] : pairs) text += (text.empty() ? "" : "&") + name + '=' + value;
    return text;
}

// S3 signs the path as it is sent, every other service encodes it once more.
std::string canonical_path(const Request& request, const SigningScope& scope) {
    return scope.service == "s3" ? request.url.path : percent_encode(request.url.path, "/");
}

std::string canonical_text(const Request& request, const SigningScope& scope,
                           const std::string& hash) {
    const auto headers = signed_headers(request);
    std::string text = request.method + '\n' + canonical_path(request, scope) + '\n' +
                       canonical_query(request.url.query) + '\n';
    for (const auto& [name, value] : headers) text += name + ':' + value + '\n';
    return text + '\n' + signed_names(headers) + '\n' + hash;
}

}  // namespace

std::string canonical_request(const Request& request, const SigningScope& scope) {
    return canonical_text(request, scope, payload_hash(request));
}

void sign(Request& request, const Credentials& credentials, const SigningScope& scope,
          UtcTime time) {
    const std::string hash = payload_hash(request);
    std::string stamp;  // 20240307T120000Z
    for (const char c : format_utc(time))
        if (c != '-' && c != ':') stamp += c;
    const std::string day = stamp.substr(0, 8);

    set_header(request.headers, "x-amz-date", stamp);
    if (scope.service == "s3") set_header(request.headers, "x-amz-content-sha256", hash);
    if (!credentials.session_token.empty())
        set_header(request.headers, "x-amz-security-token", credentials.session_token);

    const std::string scope_text =
        fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
    const std::string to_sign =
        fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", stamp, scope_text,
                    fs::digest_of(fs::DigestKind::sha256, canonical_text(request, scope, hash)));
    std::string key = hmac("AWS4" + credentials.secret_key, day);
    for (const std::string_view part :
         {std::string_view(scope.region), std::string_view(scope.service),
          std::string_view("aws4_request")})
        key = hmac(key, part);
    set_header(request.headers, "Authorization",
               fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                           credentials.access_key, scope_text,
                           signed_names(signed_headers(request)), hex(hmac(key, to_sign))));
}

}  // namespace hls::net
