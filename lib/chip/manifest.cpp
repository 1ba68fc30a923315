// SPDX-License-Identifier: Apache-2.0
#include "chip/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kResultSchema = "hls-chip/result/1";

Json by_class(const std::map<int, std::int64_t>& counts) {
    Json json = Json::object();
    for (const auto& [klass, count] : counts) json[fmt::format("{}", klass)] = count;
    return json;
}

std::map<int, std::int64_t> read_by_class(const Json& json) {
    std::map<int, std::int64_t> counts;
    for (const auto& [key, value] : json.items())
        counts[static_cast<int>(to_int(key).value_or(-1))] = value.get<std::int64_t>();
    return counts;
}

Json optional_number(const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
}

std::optional<double> read_optional(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) return std::nullopt;
    return found->get<double>();
}

Json scene_json(const SceneUse& scene) {
    return {{"group", scene.season},
            {"id", scene.id},
            {"collection", scene.collection},
            {"datetime", scene.datetime},
            {"cloud", optional_number(scene.cloud_percent)},
            {"clear_in_window", scene.clear_percent},
            {"boa_offset", scene.offset},
            {"offset_rule", scene.offset_rule},
            {"offset_percentile", optional_number(scene.offset_percentile)}};
}

SceneUse read_scene(const Json& json) {
    return {json.at("group"),
            json.at("id"),
            json.at("collection"),
            json.at("datetime"),
            read_optional(json, "cloud"),
            json.at("clear_in_window"),
            json.at("boa_offset"),
            json.at("offset_rule"),
            read_optional(json, "offset_percentile")};
}

Json date_json(const ChipDate& date) {
    return {{"from", date.from},
            {"to", date.to},
            {"valid_fraction", date.valid_fraction},
            {"clamped_px", date.clamped_px},
            {"scene", date.scene ? scene_json(*date.scene) : Json(nullptr)}};
}

// A chip of one date says "scene", a stack "dates".
std::vector<ChipDate> read_dates(const Json& chip) {
    std::vector<ChipDate> dates;
    if (const auto scene = chip.find("scene"); scene != chip.end())
        dates.push_back(
            {"", "", read_scene(*scene), chip.at("valid_fraction"), chip.at("clamped_px")});
    else
        for (const Json& json : chip.at("dates")) {
            auto& date = dates.emplace_back();
            date.from = json.at("from");
            date.to = json.at("to");
            date.valid_fraction = json.at("valid_fraction");
            date.clamped_px = json.at("clamped_px");
            if (!json.at("scene").is_null()) date.scene = read_scene(json.at("scene"));
        }
    if (std::ranges::none_of(dates, [](const ChipDate& date) { return date.scene.has_value(); }))
        throw Error(Exit::bad_input, "no chip record: no scene");
    return dates;
}

template <typename Read>
auto guarded(std::string_view line, std::string_view what, Read read) {
    try {
        return read(Json::parse(line));
    } catch (const Json::exception& error) {
        throw Error(Exit::bad_input, fmt::format("no {}: {}", what, error.what()));
    }
}

ChipRecord read_chip(const Json& json) {
    ChipRecord record;
    record.chip = json.at("chip");
    record.klass = json.at("class");
    record.split = json.at("split");
    record.key = json.at("key");
    record.parcel_id = json.at("parcel");
    record.u = json.at("u");
    record.point = {json.at("point").at(0), json.at("point").at(1)};
    record.center = json.at("center");
    record.tile = json.at("tile");
    const Json& window = json.at("window");
    record.col = window.at(0);
    record.row = window.at(1);
    record.size_px = window.at(2);
    record.epsg = json.at("epsg");
    record.ulx_m = json.at("transform").at(2);
    record.uly_m = json.at("transform").at(5);
    record.pixel_m = json.at("transform").at(0);
    record.dates = read_dates(json);
    record.bands = json.at("bands");
    record.overlap_px = json.at("overlap_px");
    record.label_px = read_by_class(json.at("label_px"));
    record.image = json.at("image");
    record.image_sha256 = json.at("image_sha256");
    record.mask = json.at("mask");
    record.mask_sha256 = json.at("mask_sha256");
    record.fields = json.value("fields", "");
    record.fields_sha256 = json.value("fields_sha256", "");
    record.field_ids = json.value("field_ids", std::vector<std::string>{});
    record.qa = json.value("qa", "");
    record.qa_sha256 = json.value("qa_sha256", "");
    return record;
}

TaskStatus status_of(const std::string& name) {
    for (const auto status : {TaskStatus::ok, TaskStatus::empty, TaskStatus::partial,
                              TaskStatus::retry, TaskStatus::failed})
        if (task_status_name(status) == name) return status;
    throw Error(Exit::bad_input, fmt::format("unknown status {}", name));
}

TaskResult read_result(const Json& json) {
    const std::string schema = json.at("schema");
    if (schema != kResultSchema)
        throw Error(Exit::bad_input, fmt::format("schema {} is not {}", schema, kResultSchema));
    TaskResult result;
    result.plan_id = json.at("plan_id");
    result.task_id = json.at("task_id");
    result.attempt = json.value("attempt", 1);
    result.status = status_of(json.at("status"));
    result.worker = json.value("worker", "");
    result.started = json.value("started", "");
    result.seconds = json.value("seconds", 0.);
    result.requests = json.value("requests", std::int64_t{0});
    result.bytes_read = json.value("bytes_read", std::int64_t{0});
    result.chips_saved = json.at("chips_saved");
    result.chips_skipped_existing = json.value("chips_skipped_existing", std::int64_t{0});
    result.chips_per_class = read_by_class(json.at("chips_per_class"));
    result.pixels_per_class = read_by_class(json.at("pixels_per_class"));
    result.sampled = read_by_class(json.at("sampled"));
    result.rejected = json.at("rejected");
    for (const Json& scene : json.at("scenes")) result.scenes.push_back(read_scene(scene));
    result.files = json.at("files");
    for (const Json& warning : json.at("warnings"))
        result.warnings.emplace_back(warning.at("code"), warning.at("detail"));
    if (const Json& error = json.at("error"); !error.is_null())
        result.error = TaskError{error.at("code"), error.at("message"), error.at("where"),
                                 error.at("transient")};
    return result;
}

}  // namespace

std::vector<ChipFile> files_of(const ChipRecord& r) {
    std::vector<ChipFile> files{{"image", r.image, r.image_sha256},
                                {"mask", r.mask, r.mask_sha256}};
    if (!r.fields.empty()) files.push_back({"fields", r.fields, r.fields_sha256});
    if (!r.qa.empty()) files.push_back({"qa", r.qa, r.qa_sha256});
    return files;
}

std::vector<const SceneUse*> ChipRecord::scenes() const {
    std::vector<const SceneUse*> all;
    for (const ChipDate& date : dates)
        if (date.scene) all.push_back(&*date.scene);
    return all;
}

double ChipRecord::valid_fraction() const {
    double sum = 0;
    for (const ChipDate& date : dates) sum += date.valid_fraction;
    return sum / static_cast<double>(dates.size());
}

std::int64_t ChipRecord::clamped_px() const {
    std::int64_t sum = 0;
    for (const ChipDate& date : dates) sum += date.clamped_px;
    return sum;
}

std::string format_chip_record(const ChipRecord& r) {
    Json json;
    json["chip"] = r.chip;
    json["class"] = r.klass;
    json["split"] = r.split;
    json["key"] = r.key;
    json["parcel"] = r.parcel_id;
    json["u"] = r.u;
    json["point"] = {r.point.lon_deg, r.point.lat_deg};
    json["center"] = r.center;
    json["tile"] = r.tile;
    json["window"] = {r.col, r.row, r.size_px, r.size_px};
    json["epsg"] = r.epsg;
    json["transform"] = {r.pixel_m, 0, r.ulx_m, 0, -r.pixel_m, r.uly_m};
    if (r.is_stack())
        for (const ChipDate& date : r.dates) json["dates"].push_back(date_json(date));
    else
        json["scene"] = scene_json(r.dates.at(0).scene.value());
    json["bands"] = r.bands;
    json["valid_fraction"] = r.valid_fraction();
    json["clamped_px"] = r.clamped_px();
    json["overlap_px"] = r.overlap_px;
    json["label_px"] = by_class(r.label_px);
    json["image"] = r.image;
    json["image_sha256"] = r.image_sha256;
    json["mask"] = r.mask;
    json["mask_sha256"] = r.mask_sha256;
    if (!r.fields.empty()) {
        json["fields"] = r.fields;
        json["fields_sha256"] = r.fields_sha256;
        json["field_ids"] = r.field_ids;
    }
    if (!r.qa.empty()) {
        json["qa"] = r.qa;
        json["qa_sha256"] = r.qa_sha256;
    }
    return json.dump();
}

ChipRecord parse_chip_record(std::string_view line) {
    return guarded(line, "chip record", read_chip);
}

std::string_view task_status_name(TaskStatus status) {
    switch (status) {
        case TaskStatus::ok:
            return "ok";
        case TaskStatus::empty:
            return "empty";
        case TaskStatus::partial:
            return "partial";
        case TaskStatus::retry:
            return "retry";
        case TaskStatus::failed:
            return "failed";
    }
    return "failed";
}

std::string format_task_result(const TaskResult& r, bool deterministic) {
    Json json;
    json["schema"] = kResultSchema;
    json["plan_id"] = r.plan_id;
    json["task_id"] = r.task_id;
    if (!deterministic) json["attempt"] = r.attempt;
    json["status"] = task_status_name(r.status);
    if (!deterministic) {
        json["worker"] = r.worker;
        json["started"] = r.started;
        json["seconds"] = r.seconds;
        json["requests"] = r.requests;
        json["bytes_read"] = r.bytes_read;
        json["chips_skipped_existing"] = r.chips_skipped_existing;
    }
    json["chips_saved"] = r.chips_saved;
    json["chips_per_class"] = by_class(r.chips_per_class);
    json["pixels_per_class"] = by_class(r.pixels_per_class);
    json["sampled"] = by_class(r.sampled);
    json["rejected"] = r.rejected;
    json["scenes"] = Json::array();
    for (const SceneUse& scene : r.scenes) json["scenes"].push_back(scene_json(scene));
    json["files"] = r.files;
    json["warnings"] = Json::array();
    for (const auto& [code, detail] : r.warnings)
        json["warnings"].push_back({{"code", code}, {"detail", detail}});
    json["error"] = nullptr;
    if (r.error)
        json["error"] = {{"code", r.error->code},
                         {"message", r.error->message},
                         {"transient", r.error->transient},
                         {"where", r.error->where}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

TaskResult parse_task_result(std::string_view line) {
    return guarded(line, "task result", read_result);
}

}  // namespace hls::chip
