// SPDX-License-Identifier: Apache-2.0
#include "fetch/record.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/parse.hpp"
#include "core/time.hpp"
#include "fetch/json.hpp"
#include "granule/landsat.hpp"
#include "granule/sentinel2.hpp"

namespace hls::fetch {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kRawBytes = 200;
constexpr double kLowestSunDeg = 14;  // zenith 76 degrees; the tool that processes decides

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return result;
}

std::string date_text(const std::chrono::year_month_day& date) {
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

// LE07, LT05, L2SP, LC08 of collection 1: names we know and do not want. A Level-1 name of OLI that
// cannot be, by its date or its place, is none of them.
bool is_other_landsat(std::string_view id) {
    const auto pieces = split(id, '_');
    const bool wanted = (pieces[0] == "LC08" || pieces[0] == "LC09") && pieces.size() == 7 &&
                        pieces[1].starts_with("L1") && pieces[5] == "02";
    return !wanted && pieces.size() == 7 && pieces[0].size() == 4 && pieces[0][0] == 'L' &&
           pieces[1].size() == 4 && pieces[1][0] == 'L' && pieces[2].size() == 6 &&
           to_int(pieces[2]) && pieces[3].size() == 8 && to_int(pieces[3]);
}

void describe_landsat(GranuleRecord& record, const granule::LandsatProductId& id) {
    record.mission = "LS";
    record.sensor = 'L' + std::to_string(id.satellite);
    record.path = id.wrs_path;
    record.row = id.wrs_row;
    record.acq_date = date_text(id.acquired);
    if (record.produced_at.empty()) record.produced_at = date_text(id.processed);
    record.level = id.level;
    record.tier = id.category;
    record.group = fmt::format("LS/{:03}/{:03}/{}", id.wrs_path, id.wrs_row, record.acq_date);
}

void describe_sentinel2(GranuleRecord& record, const granule::Sentinel2ProductId& id) {
    record.mission = "S2";
    record.sensor = id.satellite;
    record.tile = id.tile;
    record.orbit = id.relative_orbit;
    if (record.sensed_at.empty()) record.sensed_at = format_utc(id.sensing);
    record.acq_date = format_utc(id.sensing).substr(0, 10);
    if (record.produced_at.empty()) record.produced_at = format_utc(id.discriminator);
    record.baseline = fmt::format("{:02}{:02}", id.baseline.major, id.baseline.minor);
    record.level = id.level == "MSIL1C" ? "L1C" : "L2A";
    record.group = fmt::format("{}/{}/R{:03}/{}", id.satellite, record.id.substr(11, 15),
                               id.relative_orbit, id.tile);
}

void put(Json& json, const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
}

Json json_of(const Via& via) {
    Json json = Json::object();
    put(json, "kind", via.kind);
    put(json, "ack", via.ack);
    put(json, "time", via.time);
    return json;
}

}  // namespace

bool GranuleRecord::operator==(const GranuleRecord& other) const {
    return to_json(*this) == to_json(other);
}

std::string normalised_id(std::string_view text) {
    text = trim(text);
    while (text.ends_with('/')) text.remove_suffix(1);
    text = text.substr(text.rfind('/') + 1);
    std::string id = upper(text);
    for (const std::string_view ending : {".ZIP", ".TAR", ".SAFE"})
        if (id.ends_with(ending)) id.resize(id.size() - ending.size());
    return id;
}

bool describe_by_id(GranuleRecord& record) {
    if (const auto s2 = granule::parse_sentinel2_product_id(record.id)) {
        describe_sentinel2(record, *s2);
        return true;
    }
    if (const auto landsat = granule::parse_landsat_product_id(record.id)) {
        describe_landsat(record, *landsat);
        return true;
    }
    if (!is_other_landsat(record.id)) return false;
    record.mission = "LS";
    record.level = record.id.substr(5, 4);
    record.sensor = std::string{"L"} + record.id[3];
    return true;
}

std::string landsat_s3_prefix(std::string_view text) {
    const auto id = granule::parse_landsat_product_id(text);
    if (!id) return {};
    return fmt::format(
        "s3://usgs-landsat/collection02/level-1/standard/oli-tirs/{:04}/{:03}/{:03}/{}/",
        static_cast<int>(id->acquired.year()), id->wrs_path, id->wrs_row, text);
}

std::string to_json(const GranuleRecord& record) {
    Json json{{"v", 1}, {"kind", "granule"}, {"event", record.event}};
    put(json, "mission", record.mission);
    put(json, "id", record.id);
    put(json, "requested_id", record.requested_id);
    put(json, "uuid", record.uuid);
    put(json, "source", record.source);
    put(json, "sensor", record.sensor);
    put(json, "tile", record.tile);
    if (record.path > 0) json["path"] = record.path;
    if (record.row > 0) json["row"] = record.row;
    if (record.orbit > 0) json["orbit"] = record.orbit;
    put(json, "sensed_at", record.sensed_at);
    put(json, "acq_date", record.acq_date);
    put(json, "published_at", record.published_at);
    put(json, "produced_at", record.produced_at);
    put(json, "modified_at", record.modified_at);
    put(json, "baseline", record.baseline);
    put(json, "level", record.level);
    put(json, "tier", record.tier);
    put(json, "group", record.group);
    put(json, "datastrip", record.datastrip);
    if (record.cloud) json["cloud"] = *record.cloud;
    if (record.sun_elevation) json["sun_elev"] = *record.sun_elevation;
    if (record.sun_elevation && *record.sun_elevation < kLowestSunDeg) json["gate"] = "low_sun";
    if (record.bbox) json["bbox"] = *record.bbox;
    if (record.size >= 0) json["size"] = record.size;
    if (!record.sums.empty()) json["sums"] = record.sums;
    if (!record.file_sums.empty()) json["file_sums"] = record.file_sums;
    for (const auto& url : record.urls) {
        Json entry{{"rel", url.rel}, {"href", url.href}};
        put(entry, "auth", url.auth);
        json["urls"].push_back(std::move(entry));
    }
    if (!record.online) json["online"] = false;
    if (record.need_lookup) json["need_lookup"] = true;
    json["accept"] = record.accept;
    put(json, "why", record.why);
    if (!record.via.kind.empty()) json["via"] = json_of(record.via);
    return json.dump();
}

GranuleRecord record_from_json(std::string_view text) {
    return record_of(strict_json<nlohmann::json>(text));
}

std::string to_json(const Reject& reject) {
    std::string raw;
    for (const char c : reject.raw.substr(0, kRawBytes)) {
        const auto byte = static_cast<unsigned char>(c);
        raw += byte >= ' ' && byte < 0x7f ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
    }
    Json json{{"v", 1}, {"kind", "reject"}, {"why", reject.why}, {"exit", 65}, {"raw", raw}};
    if (!reject.via.kind.empty()) json["via"] = json_of(reject.via);
    return json.dump();
}

}  // namespace hls::fetch
