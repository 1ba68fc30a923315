// SPDX-License-Identifier: Apache-2.0
// Addresses on the net: taken apart, encoded (RFC 3986), and shown without what is secret in them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hls::net {

// Path and query are kept as they are sent, percent-encoded. No fragment, no user name.
struct Url {
    std::string scheme;  // "https", "http"
    std::string host;    // lower case; an IPv6 address without brackets
    int port = 0;        // of the scheme unless given
    std::string path;    // begins with '/'
    std::string query;   // without '?'

    bool operator==(const Url&) const = default;
};

// http or https, with a host, without user name, blanks or control characters. Throws
// Error{bad_input} that does not repeat the query.
Url parse_url(std::string_view text);
std::string to_string(const Url& url);

// host, or host:port when the port is not the scheme's own, as the Host header has it.
std::string authority(const Url& url);

// `path` below the path of `base`.
Url below(Url base, std::string_view path);

// Where a Location header leads that came from `base`.
Url resolve(const Url& base, std::string_view location);

// Scheme, host and port are equal.
bool same_origin(const Url& a, const Url& b) noexcept;

// `host` is `suffix`, or ends in '.' + suffix: never "good.org.evil.test".
bool host_within(std::string_view host, std::string_view suffix) noexcept;

// 127.0.0.0/8, ::1 and localhost.
bool is_loopback(std::string_view host) noexcept;

// Everything but A-Z a-z 0-9 - _ . ~ and the characters of `keep` as %XX, upper case.
std::string percent_encode(std::string_view text, std::string_view keep = {});
// %XX to bytes; a '%' that is not followed by two hexadecimal digits stays. `plus_is_blank` for
// form encoding.
std::string percent_decode(std::string_view text, bool plus_is_blank = false);

std::string base64(std::string_view bytes);

using Query = std::vector<std::pair<std::string, std::string>>;
std::string encode_query(const Query& query);  // in the given order
Query decode_query(std::string_view query);

// For logs and messages: no query, no user name.
std::string shown(std::string_view url);

}  // namespace hls::net
