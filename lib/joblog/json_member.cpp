// SPDX-License-Identifier: Apache-2.0
#include "joblog/json_member.hpp"

#include <nlohmann/json.hpp>

namespace hls::joblog {
namespace {

constexpr int kDeepest = 64;

bool nests_too_deep(std::string_view text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (in_string) {
            at += c == '\\';
            in_string = c != '"';
            continue;
        }
        in_string = c == '"';
        depth += c == '[' || c == '{';
        depth -= c == ']' || c == '}';
        if (depth > kDeepest) return true;
    }
    return false;
}

}  // namespace

template <typename Json>
Json parse_json(std::string_view text) {
    if (nests_too_deep(text)) return Json(Json::value_t::discarded);
    return Json::parse(text, nullptr, false);
}

template <typename Json>
const Json& member_at(const Json& object, const char* name) {
    static const Json kNone;
    if (!object.is_object()) return kNone;
    const auto found = object.find(name);
    return found == object.end() ? kNone : *found;
}

template <typename Json>
std::string text_at(const Json& object, const char* name) {
    const Json& member = member_at(object, name);
    return member.is_string() ? member.template get<std::string>() : std::string();
}

template nlohmann::json parse_json(std::string_view);
template nlohmann::ordered_json parse_json(std::string_view);
template const nlohmann::json& member_at(const nlohmann::json&, const char*);
template const nlohmann::ordered_json& member_at(const nlohmann::ordered_json&, const char*);
template std::string text_at(const nlohmann::json&, const char*);
template std::string text_at(const nlohmann::ordered_json&, const char*);

}  // namespace hls::joblog
