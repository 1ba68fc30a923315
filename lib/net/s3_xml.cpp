// SPDX-License-Identifier: Apache-2.0
#include "net/s3_xml.hpp"

#include <array>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::net {
namespace {

constexpr std::size_t kDeepest = 8;

[[noreturn]] void refuse(std::string_view why) {
    throw Error{Exit::bad_input, "the server's XML answer " + std::string(why)};
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | (code >> 6));
        put(0x80 | (code & 63));
    } else if (code < 0x10000) {
        put(0xe0 | (code >> 12));
        put(0x80 | ((code >> 6) & 63));
        put(0x80 | (code & 63));
    } else {
        put(0xf0 | (code >> 18));
        put(0x80 | ((code >> 12) & 63));
        put(0x80 | ((code >> 6) & 63));
        put(0x80 | (code & 63));
    }
}

std::uint32_t number_of(std::string_view digits) {
    const bool hexadecimal = digits.starts_with('x') || digits.starts_with('X');
    std::uint32_t value = 0;
    std::size_t used = 0;
    for (const char c : digits.substr(hexadecimal ? 1 : 0)) {
        const int digit = c >= '0' && c <= '9'                  ? c - '0'
                          : hexadecimal && c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : hexadecimal && c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                                : -1;
        if (digit < 0 || ++used > 7) refuse("has a bad character reference");
        value = value * (hexadecimal ? 16 : 10) + static_cast<std::uint32_t>(digit);
    }
    if (used == 0 || value > 0x10ffff) refuse("has a bad character reference");
    return value;
}

std::string unescape(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, char>, 5> kNamed{
        {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
    std::string result;
    while (!text.empty()) {
        const auto amp = text.find('&');
        result.append(text.substr(0, amp));
        if (amp == std::string_view::npos) break;
        text.remove_prefix(amp + 1);
        const auto end = text.find(';');
        if (end == std::string_view::npos) refuse("has an unfinished entity");
        const std::string_view name = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (name.starts_with('#')) {
            append_utf8(result, number_of(name.substr(1)));
            continue;
        }
        bool known = false;
        for (const auto& [word, character] : kNamed) {
            if (word != name) continue;
            result += character;
            known = true;
        }
        if (!known) refuse("has an unknown entity");
    }
    return result;
}

std::string joined(const std::vector<std::string>& names) {
    std::string path;
    for (const auto& name : names) path += (path.empty() ? "" : "/") + name;
    return path;
}

}  // namespace

void walk_xml(std::string_view text,
              const std::function<void(const std::string&, const std::string&)>& leaf,
              const std::function<void(const std::string&)>& closed) {
    std::vector<std::string> open;
    std::string content;
    bool has_children = false;
    while (!text.empty()) {
        const auto start = text.find('<');
        if (!open.empty()) content.append(text.substr(0, start));
        if (start == std::string_view::npos) break;
        text.remove_prefix(start);
        const std::string_view closing = text.starts_with("<!--") ? "-->" : ">";
        const auto end = text.find(closing);
        if (end == std::string_view::npos) refuse("ends inside a tag");
        std::string_view tag = text.substr(1, end - 1);
        text.remove_prefix(end + closing.size());
        if (tag.starts_with('?') || tag.starts_with("!--")) continue;
        if (tag.starts_with('!')) refuse("has a document type");
        if (tag.starts_with('/')) {
            if (open.empty() || trim(tag.substr(1)) != open.back()) refuse("is not well-formed");
            const std::string path = joined(open);
            if (!has_children) leaf(path, unescape(content));
            closed(path);
            open.pop_back();
            has_children = true;
            content.clear();
            continue;
        }
        const bool empty = tag.ends_with('/');
        if (empty) tag.remove_suffix(1);
        const auto words = split_words(tag);
        if (words.empty()) refuse("is not well-formed");
        open.emplace_back(words[0]);
        if (open.size() > kDeepest) refuse("is nested too deeply");
        has_children = false;
        content.clear();
        if (empty) {
            leaf(joined(open), "");
            closed(joined(open));
            open.pop_back();
            has_children = true;
        }
    }
    if (!open.empty()) refuse("is cut off");
}

std::string xml_value(std::string_view text, std::string_view name) {
    std::string result;
    bool found = false;
    walk_xml(
        text,
        [&](const std::string& path, const std::string& value) {
            if (found || path.substr(path.rfind('/') + 1) != name) return;
            result = value;
            found = true;
        },
        [](const std::string&) {});
    return result;
}

ListPage parse_list_page(std::string_view text) {
    ListPage page;
    S3Object object;
    bool encoded = false;
    bool is_list = false;
    walk_xml(
        text,
        [&](const std::string& path, const std::string& value) {
            if (path == "ListBucketResult/EncodingType") encoded = value == "url";
            if (path == "ListBucketResult/IsTruncated") page.truncated = value == "true";
            if (path == "ListBucketResult/NextContinuationToken") page.next_token = value;
            if (path == "ListBucketResult/Contents/Key") object.key = value;
            if (path == "ListBucketResult/Contents/Size") {
                const auto bytes = to_int(value);
                if (!bytes || *bytes < 0) refuse("has a size that is no number");
                object.bytes = *bytes;
            }
            if (path == "ListBucketResult/Contents/LastModified") object.last_modified = value;
            if (path == "ListBucketResult/Contents/ETag")
                object.etag = value.size() > 1 && value.front() == '"'
                                  ? value.substr(1, value.size() - 2)
                                  : value;
            if (path == "ListBucketResult/CommonPrefixes/Prefix")
                page.listing.prefixes.push_back(value);
        },
        [&](const std::string& path) {
            if (path == "ListBucketResult") is_list = true;
            if (path != "ListBucketResult/Contents") return;
            page.listing.objects.push_back(std::move(object));
            object = {};
        });
    if (!is_list) refuse("is no listing");
    if (encoded) {
        for (auto& listed : page.listing.objects) listed.key = percent_decode(listed.key, true);
        for (auto& prefix : page.listing.prefixes) prefix = percent_decode(prefix, true);
    }
    return page;
}

}  // namespace hls::net
