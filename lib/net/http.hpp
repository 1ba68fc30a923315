// SPDX-License-Identifier: Apache-2.0
// One HTTP request, one answer, and who adds credentials to a request.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/url.hpp"

namespace hls::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Value of the header, whatever the case of its name; empty if absent.
std::string_view find_header(const Headers& headers, std::string_view name) noexcept;
void set_header(Headers& headers, std::string_view name, std::string value);

// A body that is read from a file while it is sent.
struct FilePart {
    std::filesystem::path path;  // empty: the body is Request::body
    std::int64_t offset = 0;
    std::int64_t bytes = 0;
};

struct Request {
    std::string method = "GET";
    Url url;
    Headers headers;
    std::string body;
    FilePart file;
    // Lower-case SHA-256 of the body when the caller knows it; the signer needs it for files.
    std::string body_sha256;

    std::size_t max_reply_bytes = 64u << 20;  // a longer answer is Error{bad_input}
    // False: the request may have happened when no answer came, so that it is sent again only
    // after an answer that refuses it.
    bool idempotent = true;
    // 500 and 502 are answers for the caller, who asks for less before trying again.
    bool server_errors_are_answers = false;
    // One quick attempt that goes out although the program was told to stop: for cleaning up.
    bool even_if_cancelled = false;
};

struct Response {
    int status = 0;
    Headers headers;
    std::string body;
    Url url;  // of the last hop
    int attempts = 1;

    std::string_view header(std::string_view name) const { return find_header(headers, name); }
    bool ok() const { return status >= 200 && status < 300; }
};

// Adds credentials. One object may serve many threads.
class Authorizer {
 public:
    virtual ~Authorizer() = default;

    // Called before each attempt and each redirect with everything else in place. Adds nothing
    // when request.url.host is not one it has credentials for.
    virtual void authorize(Request& request) = 0;

    // After 401, 403 or an error code in the body that speaks of credentials or clocks. True: they
    // were renewed, send the request again. Asked once per request.
    virtual bool renew(const Response& refusal) = 0;

    // Signed requests are bound to their address and never follow a redirect.
    virtual bool follows_redirects() const { return true; }
};

}  // namespace hls::net
