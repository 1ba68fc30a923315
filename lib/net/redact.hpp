// SPDX-License-Identifier: Apache-2.0
// Keeps secrets out of lines for people and out of core files.
#pragma once

#include <string>
#include <string_view>

namespace hls::net {

// The text without values of Authorization, cookies, tokens, passwords, signatures, user names in
// addresses and query strings.
std::string redacted(std::string_view text);

// From now on this process leaves no core file and cannot be traced by others.
void forbid_core_dumps() noexcept;

}  // namespace hls::net
