// SPDX-License-Identifier: Apache-2.0
// Members of JSON that others wrote. Internal to joblog and retry. `Json` is nlohmann::json or its
// ordered_json, which only .cpp files know; json_member.cpp has the instances.
#pragma once

#include <string>

namespace hls::joblog {

// Discarded for what is no JSON, or is nested deeper than any document we know: values are copied
// and written by functions that call themselves, and would exhaust the stack.
template <typename Json>
Json parse_json(std::string_view text);

// Member of an object; null if there is none, or no object.
template <typename Json>
const Json& member_at(const Json& object, const char* name);

// Member as text; empty for anything else.
template <typename Json>
std::string text_at(const Json& object, const char* name);

}  // namespace hls::joblog
