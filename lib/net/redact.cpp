// SPDX-License-Identifier: Apache-2.0
#include "net/redact.hpp"

#include <strings.h>
#include <sys/prctl.h>

#include <array>

namespace hls::net {
namespace {

constexpr std::string_view kMask = "***";

// Names whose value is secret, whatever separates the two.
constexpr std::array<std::string_view, 13> kSecretNames{"authorization",
                                                        "x-auth-token",
                                                        "set-cookie",
                                                        "cookie",
                                                        "password",
                                                        "refresh_token",
                                                        "access_token",
                                                        "client_secret",
                                                        "x-amz-security-token",
                                                        "x-amz-signature",
                                                        "x-amz-credential",
                                                        "secretaccesskey",
                                                        "x-aws-ec2-metadata-token"};

bool starts_with_name(std::string_view text, std::string_view name) {
    return text.size() >= name.size() && ::strncasecmp(text.data(), name.data(), name.size()) == 0;
}

// Characters between a name and its value, or 0 if this is only a word of a sentence.
std::size_t separator_length(std::string_view text) {
    std::size_t length = 0;
    bool separated = false;
    while (length < text.size() && length < 4) {
        const char c = text[length];
        if (c == ':' || c == '=') separated = true;
        if (c != ':' && c != '=' && c != '"' && c != ' ') break;
        ++length;
    }
    return separated ? length : 0;
}

// Header values run to the end of the line, others to a separator.
std::size_t value_length(std::string_view text, bool header) {
    const auto end = text.find_first_of(header ? "\r\n\"" : "\r\n\"&, ;<");
    return end == std::string_view::npos ? text.size() : end;
}

void mask_user_names(std::string& text) {
    for (std::size_t at = text.find("://"); at != std::string::npos;
         at = text.find("://", at + 3)) {
        const auto end = text.find_first_of("/ \r\n\"?", at + 3);
        const auto user = text.find('@', at + 3);
        if (user != std::string::npos && user < end) text.replace(at + 3, user - at - 3, kMask);
    }
}

// Of addresses and of request lines, which have a path alone.
void mask_queries(std::string& text) {
    for (std::size_t at = text.find('?'); at != std::string::npos; at = text.find('?', at + 1)) {
        const auto start = text.find_last_of(" \r\n\"<>'", at) + 1;
        const auto end = std::min(text.find_first_of(" \r\n\"<>'", at), text.size());
        const auto word = std::string_view(text).substr(start, at - start);
        if (word.find('/') != std::string_view::npos && at + 1 < end)
            text.replace(at + 1, end - at - 1, kMask);
    }
}

}  // namespace

std::string redacted(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        bool masked = false;
        for (const auto name : kSecretNames) {
            if (!starts_with_name(text, name)) continue;
            const auto gap = separator_length(text.substr(name.size()));
            if (gap == 0) continue;
            const bool header = name == "authorization" || name.ends_with("cookie");
            const auto value = value_length(text.substr(name.size() + gap), header);
            result.append(text.substr(0, name.size() + gap)).append(kMask);
            text.remove_prefix(name.size() + gap + value);
            masked = true;
            break;
        }
        if (masked) continue;
        result += text.front();
        text.remove_prefix(1);
    }
    mask_user_names(result);
    mask_queries(result);
    return result;
}

void forbid_core_dumps() noexcept {
    ::prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace hls::net
