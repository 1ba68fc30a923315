// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::net {
namespace {

constexpr std::string_view kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw Error{Exit::bad_input, fmt::format("{}: {}", shown(text), why),
                "addresses look like https://host/path"};
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

int default_port(std::string_view scheme) {
    return scheme == "http" ? 80 : 443;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void parse_authority(std::string_view text, std::string_view whole, Url& url) {
    if (text.find('@') != std::string_view::npos) refuse(whole, "user names do not belong here");
    std::string_view port;
    if (!text.empty() && text.front() == '[') {
        const auto end = text.find(']');
        if (end == std::string_view::npos) refuse(whole, "no ']' after the address");
        url.host = lower(text.substr(1, end - 1));
        text.remove_prefix(end + 1);
        if (!text.empty() && text.front() != ':') refuse(whole, "not an address");
        if (!text.empty()) port = text.substr(1);
    } else {
        const auto colon = text.find(':');
        url.host = lower(text.substr(0, colon));
        if (colon != std::string_view::npos) port = text.substr(colon + 1);
    }
    if (url.host.empty()) refuse(whole, "no host");
    url.port = default_port(url.scheme);
    if (port.empty()) return;
    const auto number = to_int(port);
    if (!number || *number < 1 || *number > 65535) refuse(whole, "no such port");
    url.port = static_cast<int>(*number);
}

// "." and ".." of a relative reference (RFC 3986 5.2.4).
std::string remove_dots(std::string_view path) {
    std::vector<std::string_view> kept;
    const auto pieces = split(path.substr(1), '/');
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const bool last = i + 1 == pieces.size();
        if (pieces[i] == "..") {
            if (!kept.empty()) kept.pop_back();
        } else if (pieces[i] != ".") {
            kept.push_back(pieces[i]);
            continue;
        }
        if (last) kept.push_back("");
    }
    std::string result;
    for (const auto& piece : kept) result.append("/").append(piece);
    return result.empty() ? "/" : result;
}

}  // namespace

Url parse_url(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '\\')
            refuse(text, "blanks, backslashes and control characters must be encoded");
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) refuse(text, "not an address");
    Url url;
    url.scheme = lower(text.substr(0, colon));
    if (url.scheme != "https" && url.scheme != "http") refuse(text, "neither https nor http");
    std::string_view rest = text.substr(colon + 3);
    rest = rest.substr(0, rest.find('#'));
    const auto path = std::min(rest.find('/'), rest.find('?'));
    parse_authority(rest.substr(0, path), text, url);
    rest = path == std::string_view::npos ? std::string_view{} : rest.substr(path);
    const auto question = rest.find('?');
    url.path = rest.substr(0, question);
    if (url.path.empty()) url.path = "/";
    if (question != std::string_view::npos) url.query = rest.substr(question + 1);
    return url;
}

std::string authority(const Url& url) {
    const bool v6 = url.host.find(':') != std::string::npos;
    std::string text = v6 ? '[' + url.host + ']' : url.host;
    if (url.port != default_port(url.scheme)) text += ':' + std::to_string(url.port);
    return text;
}

std::string to_string(const Url& url) {
    return url.scheme + "://" + authority(url) + url.path +
           (url.query.empty() ? "" : '?' + url.query);
}

Url below(Url base, std::string_view path) {
    while (base.path.ends_with('/')) base.path.pop_back();
    base.path.append(path);
    return base;
}

Url resolve(const Url& base, std::string_view location) {
    if (location.find("://") < location.find_first_of("/?#")) return parse_url(location);
    const std::string root = base.scheme + "://" + authority(base);
    if (location.starts_with("//")) return parse_url(base.scheme + ':' + std::string(location));
    if (location.starts_with('/')) return parse_url(root + std::string(location));
    if (location.starts_with('?')) return parse_url(root + base.path + std::string(location));
    const auto folder = base.path.substr(0, base.path.rfind('/') + 1);
    Url url = parse_url(root + folder + std::string(location));
    url.path = remove_dots(url.path);
    return url;
}

bool same_origin(const Url& a, const Url& b) noexcept {
    return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

bool host_within(std::string_view host, std::string_view suffix) noexcept {
    if (!host.ends_with(suffix)) return false;
    host.remove_suffix(suffix.size());
    return host.empty() || host.back() == '.';
}

bool is_loopback(std::string_view host) noexcept {
    if (host == "localhost" || host == "::1") return true;
    return host.starts_with("127.") &&
           host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string result;
    result.reserve(text.size() + 16);
    for (const char c : text) {
        if (kUnreserved.find(c) != std::string_view::npos ||
            keep.find(c) != std::string_view::npos) {
            result += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        result += '%';
        result += kDigits[byte >> 4];
        result += kDigits[byte & 15];
    }
    return result;
}

std::string percent_decode(std::string_view text, bool plus_is_blank) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_blank) {
            result += ' ';
        } else if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                   hex_value(text[i + 2]) >= 0) {
            result += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

std::string base64(std::string_view bytes) {
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t three = 0;
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k)
            three = three << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k)
            text += k <= count ? kDigits[(three >> (18 - 6 * k)) & 63] : '=';
    }
    return text;
}

std::string encode_query(const Query& query) {
    std::string text;
    for (const auto& [name, value] : query) {
        if (!text.empty()) text += '&';
        text += percent_encode(name) + '=' + percent_encode(value);
    }
    return text;
}

Query decode_query(std::string_view query) {
    Query result;
    if (query.empty()) return result;
    for (const auto piece : split(query, '&')) {
        const auto equals = piece.find('=');
        const auto value =
            equals == std::string_view::npos ? std::string_view{} : piece.substr(equals + 1);
        result.emplace_back(percent_decode(piece.substr(0, equals)), percent_decode(value));
    }
    return result;
}

std::string shown(std::string_view url) {
    std::string text(url.substr(0, url.find_first_of("?#")));
    const auto start = text.find("://");
    if (start == std::string::npos) return text;
    const auto end = text.find('/', start + 3);
    const auto at = text.rfind('@', end);
    if (at != std::string::npos && at > start) text.erase(start + 3, at - start - 2);
    return text;
}

}  // namespace hls::net
