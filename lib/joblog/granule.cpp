// SPDX-License-Identifier: Apache-2.0
#include "joblog/granule.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "geo/mgrs.hpp"
#include "granule/landsat.hpp"
#include "granule/landsat_message.hpp"
#include "granule/sentinel2.hpp"
#include "joblog/json_member.hpp"

namespace hls::joblog {
namespace {

using Json = nlohmann::json;

// S2B_MSIL1C_20240307T075819_N0510_R035_T35HKD_20240307T101522
std::optional<Granule> sentinel2_of_id(std::string_view id) {
    const auto product = granule::parse_sentinel2_product_id(id);
    if (!product || product->level != "MSIL1C") return std::nullopt;
    const auto tile = geo::parse_mgrs_tile(product->tile);
    if (!tile || tile->id() != product->tile) return std::nullopt;
    constexpr std::size_t kTimeAt = 11, kTimeLength = 15;
    Granule granule;
    granule.id = id;
    granule.mission = Mission::sentinel2;
    granule.sensor = product->satellite;
    granule.level = "L1C";
    granule.baseline = fmt::format("{:02}{:02}", product->baseline.major, product->baseline.minor);
    granule.tile = product->tile;
    granule.orbit = product->relative_orbit;
    granule.sensing_name = id.substr(kTimeAt, kTimeLength);
    granule.sensed_at = product->sensing;
    granule.acq_date = format_utc(product->sensing).substr(0, 10);
    return granule;
}

std::optional<Granule> landsat_of_id(std::string_view id) {
    const auto product = granule::parse_landsat_product_id(id);
    if (!product || product->satellite < 8 || product->level.substr(0, 2) != "L1")
        return std::nullopt;
    Granule granule;
    granule.id = id;
    granule.sensor = fmt::format("L{}", product->satellite);
    granule.level = product->level;
    granule.tier = product->category;
    granule.path = product->wrs_path;
    granule.row = product->wrs_row;
    granule.acq_date =
        fmt::format("{}-{}-{}", id.substr(17, 4), id.substr(21, 2), id.substr(23, 2));
    granule.produced_at = std::chrono::sys_days(product->processed);
    return granule;
}

[[noreturn]] void refuse(std::string_view place, std::string_view what) {
    throw Error{Exit::bad_input, fmt::format("{}: {}", place, what),
                "expected a granule record of hls-fetch, a message of USGS, or a product id"};
}

Granule require_id(std::string_view id, std::string_view place) {
    if (auto granule = granule_of_id(id)) return *std::move(granule);
    constexpr std::size_t kShown = 80;
    refuse(place, fmt::format("no Level-1 product id: '{}'", id.substr(0, kShown)));
}

std::string text_of(const Json& record, const char* key) {
    const auto found = record.find(key);
    return found != record.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<UtcTime> time_of(const Json& record, const char* key, std::string_view place) {
    const std::string text = text_of(record, key);
    if (text.empty()) return std::nullopt;
    try {
        return parse_utc(text);
    } catch (const Error&) {
        refuse(place, fmt::format("{} is no time: '{}'", key, text));
    }
}

void set_if_given(std::string& value, const Json& record, const char* key) {
    if (auto text = text_of(record, key); !text.empty()) value = std::move(text);
}

// Where the bytes are: the S3 address if there is one, which needs no login of an agency.
std::string address_of(const Json& record) {
    const auto urls = record.find("urls");
    if (urls == record.end() || !urls->is_array()) return {};
    std::string first;
    for (const Json& url : *urls) {
        if (!url.is_object()) continue;
        const std::string href = text_of(url, "href");
        if (text_of(url, "rel") == "s3") return href;
        if (first.empty()) first = href;
    }
    return first;
}

Granule granule_of_record(const Json& record, std::string_view place) {
    Granule granule = require_id(text_of(record, "id"), place);
    set_if_given(granule.datastrip, record, "datastrip");
    set_if_given(granule.source, record, "source");
    set_if_given(granule.uuid, record, "uuid");
    set_if_given(granule.local, record, "local");
    granule.uri = address_of(record);
    const auto override_time = [&](std::optional<UtcTime>& value, const char* key) {
        if (const auto time = time_of(record, key, place)) value = time;
    };
    override_time(granule.sensed_at, "sensed_at");
    override_time(granule.published_at, "published_at");
    override_time(granule.produced_at, "produced_at");
    if (const auto size = record.find("size"); size != record.end() && size->is_number_integer())
        granule.size = size->get<std::int64_t>();
    if (const auto sums = record.find("sums"); sums != record.end() && sums->is_object())
        granule.sums = sums->dump();
    const std::string event = text_of(record, "event");
    granule.withdrawn = event == "withdrawn";
    granule.absent = event == "absent";
    if (const auto accept = record.find("accept"); accept != record.end() && accept->is_boolean())
        granule.accept = accept->get<bool>();
    return granule;
}

Json require_json(std::string_view line, std::string_view place) {
    Json record = parse_json<Json>(line);
    if (record.is_discarded()) refuse(place, "no JSON");
    return record;
}

}  // namespace

std::string Granule::group() const {
    if (mission == Mission::landsat) return fmt::format("LS/{:03}/{:03}/{}", path, row, acq_date);
    return fmt::format("{}/{}/R{:03}/{}", sensor, sensing_name, orbit, tile);
}

std::string Granule::ac_key() const {
    if (mission == Mission::sentinel2) return "ac:" + id;
    return fmt::format("ac:{:03}/{:03}/{}", path, row, acq_date);
}

bool Granule::acceptable() const {
    if (mission == Mission::sentinel2) return accept;
    return accept && level == "L1TP" && (tier == "T1" || tier == "RT");
}

std::optional<Granule> granule_of_id(std::string_view id) {
    for (const std::string_view suffix : {".zip", ".tar", ".SAFE"})
        if (id.ends_with(suffix)) id.remove_suffix(suffix.size());
    if (auto landsat = landsat_of_id(id)) return landsat;
    return sentinel2_of_id(id);
}

std::optional<Granule> parse_granule_line(std::string_view line, std::string_view place) {
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    line = trim(line);
    if (line.empty()) return std::nullopt;
    if (line.front() != '{') return require_id(line, place);
    const Json record = require_json(line, place);
    const std::string kind = text_of(record, "kind");
    if (kind == "reject") return std::nullopt;
    if (kind == "granule") return granule_of_record(record, place);
    if (!kind.empty()) refuse(place, fmt::format("a record of kind '{}'", kind));
    const auto message = granule::parse_landsat_message(line, place);
    Granule granule = require_id(message.product_id, place);
    granule.source = "usgs";
    granule.uri = message.s3_location;
    return granule;
}

}  // namespace hls::joblog
