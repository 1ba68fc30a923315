// SPDX-License-Identifier: Apache-2.0
#include "net/http.hpp"

#include <strings.h>

namespace hls::net {
namespace {

bool same_name(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view name) noexcept {
    for (const auto& [key, value] : headers)
        if (same_name(key, name)) return value;
    return {};
}

void set_header(Headers& headers, std::string_view name, std::string value) {
    for (auto& [key, old] : headers) {
        if (!same_name(key, name)) continue;
        old = std::move(value);
        return;
    }
    headers.emplace_back(name, std::move(value));
}

}  // namespace hls::net
