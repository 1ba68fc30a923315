// SPDX-License-Identifier: Apache-2.0
#include "chip/plan_file.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::ordered_json;

Json by_class(const std::map<int, std::int64_t>& counts) {
    Json json = Json::object();
    for (const auto& [klass, count] : counts) json[fmt::format("{}", klass)] = count;
    return json;
}

}  // namespace

std::string format_plan_summary(const PlanSummary& s, std::size_t tasks) {
    Json json;
    json["schema"] = "hls-chip/plan/1";
    json["plan_id"] = s.plan_id;
    json["tasks"] = tasks;
    json["features"] = s.features;
    json["candidates"] = by_class(s.candidates);
    json["chosen"] = by_class(s.chosen);
    json["short_of_target"] = by_class(s.short_of_target);
    json["left_out"] = s.left_out;
    json["unmapped"] = s.unmapped;
    json["repaired"] = s.repaired;
    json["no_centroid"] = s.no_centroid;
    json["cells_dropped"] = s.cells_dropped;
    json["parcels_in_dropped_cells"] = s.parcels_in_dropped_cells;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_plan_summary(std::string_view line) {
    const Json json = Json::parse(line, nullptr, false);
    return json.is_object() && json.contains("schema") && json["schema"].is_string() &&
           json["schema"].get<std::string>().starts_with("hls-chip/plan/");
}

std::string plan_id_of(std::string_view line, const std::string& source) {
    try {
        return nlohmann::json::parse(line).at("plan_id");
    } catch (const nlohmann::json::exception&) {
        throw Error(Exit::bad_input, fmt::format("{} is no plan", source));
    }
}

}  // namespace hls::chip
