// SPDX-License-Identifier: Apache-2.0
#include "chip/task.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "fs/digest.hpp"
#include "geo/mgrs.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchema = "hls-chip/task/1";

template <typename T>
Json by_class(const std::map<int, T>& values) {
    Json json = Json::object();
    for (const auto& [klass, value] : values) json[fmt::format("{}", klass)] = value;
    return json;
}

template <typename T>
std::map<int, T> read_by_class(const Json& json) {
    std::map<int, T> values;
    for (const auto& [key, value] : json.items()) {
        const auto klass = to_int(key);
        if (!klass || *klass < 0 || *klass > kLargestClass)
            throw Error(Exit::bad_input, fmt::format("'{}' is no class", key));
        values[static_cast<int>(*klass)] = value.template get<T>();
    }
    return values;
}

Json seasons_json(const std::vector<SeasonWindow>& seasons) {
    Json json = Json::object();
    for (const SeasonWindow& season : seasons)
        json[season.name] = {
            {"classes", season.classes},
            {"from", format_day(season.best.from)},
            {"to", format_day(season.best.to)},
            {"fallback", {format_day(season.fallback.from), format_day(season.fallback.to)}}};
    return json;
}

std::vector<SeasonWindow> read_seasons(const Json& json) {
    std::vector<SeasonWindow> seasons;
    for (const auto& [name, season] : json.items()) {
        const auto day = [](const Json& text) { return parse_day(text.get<std::string>()); };
        seasons.push_back({name,
                           season.at("classes"),
                           {day(season.at("from")), day(season.at("to"))},
                           {day(season.at("fallback").at(0)), day(season.at("fallback").at(1))}});
    }
    return seasons;
}

Json series_json(const Series& series) {
    return {{"from", format_day(series.days.from)},
            {"to", format_day(series.days.to)},
            {"least_dates", series.least_dates}};
}

// What decides pixels and selection.
Json essence(const Task& task) {
    Json json;
    json["parcels"] = {{"layer", task.parcels.layer},
                       {"digest", task.parcels.digest},
                       {"id_column", task.parcels.id_column},
                       {"code_column", task.parcels.code_column},
                       {"name_column", task.parcels.name_column},
                       {"where", task.parcels.where},
                       {"assume_crs", task.parcels.assume_crs}};
    json["class_map_digest"] = task.class_map_digest;
    json["class_map_climb"] = task.climb_class_map;
    json["grid"] = {
        {"kind", format_cell_grid(task.grid)}, {"col", task.cell.col}, {"row", task.cell.row}};
    json["tile"] = task.cell.tile;
    json["bbox"] = {task.west_deg, task.south_deg, task.east_deg, task.north_deg};
    json["bbox_crs"] = "OGC:CRS84";
    json["split"] = format_split(task.split);
    json["year"] = task.year;
    json["min_area_m2"] = task.min_area_m2;
    json["class_distribution"] = by_class(task.class_distribution);
    json["expected"] = by_class(task.expected);
    json["sampling_probs"] = by_class(task.sampling_probs);
    json["target_samples"] = by_class(task.target_samples);
    json["seed"] = task.seed;
    json["selected"] = task.selected ? Json(*task.selected) : Json(nullptr);
    json["imagery"] = {{"stac", task.imagery.catalogue},
                       {"collections", task.imagery.collections},
                       {"bands", task.imagery.profile},
                       {"cloud_max", task.imagery.cloud_max},
                       {"seasons", seasons_json(task.imagery.seasons)}};
    if (task.imagery.series) json["imagery"]["series"] = series_json(*task.imagery.series);
    json["chip"] = {
        {"size", task.shape.size_px},    {"resolution", task.shape.pixel_m},
        {"snap", task.shape.snap_px},    {"signed_northing", task.shape.signed_northing},
        {"dates", task.imagery.dates()}, {"min_valid", task.min_valid}};
    return json;
}

// nlohmann keeps the last of two equal members; a task that says two things is none.
Json parse_once(std::string_view line) {
    std::vector<std::set<std::string>> open;
    const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::object_start) open.emplace_back();
        if (event == Json::parse_event_t::object_end) open.pop_back();
        if (event == Json::parse_event_t::key && !open.back().insert(parsed).second)
            throw Error(Exit::bad_input, fmt::format("member {} twice", parsed.dump()));
        return true;
    };
    return Json::parse(line, watch);
}

// Files are named after tasks: whoever writes one must not choose the folder.
bool is_plain_name(std::string_view name) {
    constexpr std::size_t kLongest = 100;
    return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

void read_chip(const Json& chip, Task& task) {
    task.shape.size_px = chip.at("size");
    task.shape.pixel_m = chip.at("resolution");
    task.shape.snap_px = chip.at("snap");
    task.shape.signed_northing = chip.at("signed_northing");
    task.min_valid = chip.at("min_valid");
    const ChipShape& shape = task.shape;
    if (shape.size_px < 16 || shape.size_px > 4096 || shape.pixel_m < 1 || shape.snap_px < 1 ||
        shape.size_px % 2 != 0)
        throw Error(Exit::bad_input, "a chip of that size cannot be cut");
}

// A worker must neither take a stack for a chip of one date nor the other way round.
void read_series(const Json& json, Task& task) {
    const int dates = json.at("chip").value("dates", 1);
    const auto found = json.at("imagery").find("series");
    const bool stack = found != json.at("imagery").end() && !found->is_null();
    if (dates < 1 || dates > kMostDates || stack != (dates > 1))
        throw Error(Exit::bad_input, fmt::format("{} dates want another series", dates));
    if (!stack) return;
    Series series;
    series.days = {parse_day(found->at("from").get<std::string>()),
                   parse_day(found->at("to").get<std::string>())};
    series.dates = dates;
    series.least_dates = found->at("least_dates");
    if (series.least_dates < 1 || series.least_dates > dates ||
        (series.days.to - series.days.from).count() + 1 < dates)
        throw Error(Exit::bad_input, "a series that cannot be");
    task.imagery.series = series;
}

void read_parcels(const Json& json, Task& task) {
    const Json& from = json.at("gpkg");
    task.parcels = {from.at("path"),         from.at("layer"),
                    from.at("digest"),       from.at("id_column"),
                    from.at("code_column"),  from.at("name_column"),
                    from.value("where", ""), from.value("assume_crs", "")};
}

Task read_task(const Json& json) {
    const std::string schema = json.at("schema");
    if (schema != kSchema)
        throw Error(Exit::bad_input, fmt::format("schema {} is not {}", schema, kSchema));
    Task task;
    task.plan_id = json.at("plan_id");
    task.task_id = json.at("task_id");
    if (!is_plain_name(task.task_id))
        throw Error(Exit::bad_input, fmt::format("'{}' is no name of a task", task.task_id));
    task.attempt = json.at("attempt");
    read_parcels(json, task);
    task.class_map_digest = json.at("class_map_digest");
    task.climb_class_map = json.value("class_map_climb", false);
    const Json& grid = json.at("grid");
    task.grid = parse_cell_grid(grid.at("kind").get<std::string>());
    task.cell = {json.at("tile"), grid.at("col"), grid.at("row")};
    if (!geo::parse_mgrs_tile(task.cell.tile))
        throw Error(Exit::bad_input, fmt::format("'{}' is no tile", task.cell.tile));
    const auto box = json.at("bbox").get<std::vector<double>>();
    if (box.size() != 4) throw Error(Exit::bad_input, "bbox wants four numbers");
    task.west_deg = box[0];
    task.south_deg = box[1];
    task.east_deg = box[2];
    task.north_deg = box[3];
    task.split = parse_split(json.at("split").get<std::string>());
    task.year = json.at("year");
    task.min_area_m2 = json.at("min_area_m2");
    task.class_distribution = read_by_class<std::int64_t>(json.at("class_distribution"));
    task.expected = read_by_class<double>(json.at("expected"));
    task.sampling_probs = read_by_class<double>(json.at("sampling_probs"));
    task.target_samples = read_by_class<std::int64_t>(json.at("target_samples"));
    task.seed = json.at("seed");
    if (!json.at("selected").is_null())
        task.selected = json.at("selected").get<std::vector<std::string>>();
    const Json& imagery = json.at("imagery");
    task.imagery = {
        imagery.at("stac"),      imagery.at("collections"),           imagery.at("bands"),
        imagery.at("cloud_max"), read_seasons(imagery.at("seasons")), {}};
    read_chip(json.at("chip"), task);
    read_series(json, task);
    return task;
}

}  // namespace

ParcelRules Task::rules() const {
    return {parcels.layer, seed, grid, shape, min_area_m2, climb_class_map};
}

std::string task_identity(const Task& task) {
    return "t-" + fs::digest_of(fs::DigestKind::sha256, essence(task).dump()).substr(0, 16);
}

std::string format_task(const Task& task) {
    Json json;
    json["schema"] = kSchema;
    json["plan_id"] = task.plan_id;
    json["task_id"] = task.task_id;
    json["attempt"] = task.attempt;
    Json body = essence(task);
    json["gpkg"] = {{"path", task.parcels.path}};
    for (const auto& [key, value] : body["parcels"].items()) json["gpkg"][key] = value;
    body.erase("parcels");
    for (const auto& [key, value] : body.items()) json[key] = value;
    return json.dump();
}

Task parse_task(std::string_view line) {
    if (line.size() > kMaxTaskBytes)
        throw Error(Exit::bad_input, fmt::format("longer than {} bytes", kMaxTaskBytes));
    try {
        return read_task(parse_once(line));
    } catch (const Json::exception& error) {
        throw Error(Exit::bad_input, fmt::format("no task: {}", error.what()));
    }
}

}  // namespace hls::chip
