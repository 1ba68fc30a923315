// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "fetch/json.hpp"

namespace hls::fetch {

using Json = nlohmann::json;

template <>
std::string job_line(const Json& event) {
    const Json& detail = member_at(event, "detail");
    nlohmann::ordered_json line{{"v", 1}, {"kind", "job"}};
    for (const char* name : {"jobId", "jobName", "jobQueue", "status", "statusReason"})
        if (auto text = text_at(detail, name); !text.empty()) line[name] = text;
    for (const char* name : {"createdAt", "startedAt", "stoppedAt"})
        if (const auto number = number_at(detail, name))
            line[name] = static_cast<std::int64_t>(*number);
    const Json& container = member_at(detail, "container");
    if (const auto code = number_at(container, "exitCode"))
        line["exitCode"] = static_cast<int>(*code);
    if (auto reason = text_at(container, "reason"); !reason.empty()) line["reason"] = reason;
    if (const Json& attempts = member_at(detail, "attempts"); attempts.is_array())
        line["attempts"] = attempts.size();
    if (const Json& array = member_at(detail, "arrayProperties"); array.is_object())
        line["arrayProperties"] = nlohmann::ordered_json::parse(array.dump());
    for (const auto& variable : member_at(container, "environment").is_array()
                                    ? member_at(container, "environment")
                                    : Json::array())
        if (text_at(variable, "name").starts_with("HLS_"))
            line["environment"][text_at(variable, "name")] = text_at(variable, "value");
    return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace hls::fetch
