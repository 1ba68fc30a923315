// SPDX-License-Identifier: Apache-2.0
#include "joblog/json_member.hpp"

#include <nlohmann/json.hpp>

namespace hls::joblog {

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

template const nlohmann::json& member_at(const nlohmann::json&, const char*);
template const nlohmann::ordered_json& member_at(const nlohmann::ordered_json&, const char*);
template std::string text_at(const nlohmann::json&, const char*);
template std::string text_at(const nlohmann::ordered_json&, const char*);

}  // namespace hls::joblog
