// SPDX-License-Identifier: Apache-2.0
#include "fetch/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "core/parse.hpp"
#include "core/time.hpp"
#include "fetch/box.hpp"

namespace hls::fetch {

using Json = nlohmann::json;

template <>
const Json& member_at(const Json& object, const char* name) {
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto it = object.find(name);
    return it == object.end() ? nothing : *it;
}
template <>
std::string text_at(const Json& object, const char* name);
template <>
std::optional<double> number_at(const Json& object, const char* name);
template <>
std::string instant_at(const Json& object, const char* name);

namespace {

constexpr int kDeepest = 64;

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

// Box of a GeoJSON geometry.
std::optional<Box> box_of(const Json& geometry) {
    std::vector<std::pair<double, double>> points;
    const std::function<void(const Json&)> visit = [&](const Json& node) {
        if (!node.is_array()) return;
        if (node.size() >= 2 && node[0].is_number() && node[1].is_number())
            points.emplace_back(node[0].get<double>(), node[1].get<double>());
        else
            for (const auto& child : node) visit(child);
    };
    visit(member_at(geometry, "coordinates"));
    return box_around(points);
}

std::optional<std::array<double, 4>> box_at(const Json& object, const char* name) {
    const Json& list = member_at(object, name);
    if (!list.is_array() || (list.size() != 4 && list.size() != 6)) return std::nullopt;
    std::array<double, 4> box{};
    const std::size_t half = list.size() / 2;
    const std::array<std::size_t, 4> at{0, 1, half, half + 1};
    for (std::size_t i = 0; i < 4; ++i) {
        if (!list[at[i]].is_number()) return std::nullopt;
        box[i] = list[at[i]].get<double>();
    }
    return box;
}

void add_sums(GranuleRecord& record, const Json& checksums) {
    if (!checksums.is_array()) return;
    for (const auto& sum : checksums) {
        const std::string algorithm = lower(text_at(sum, "Algorithm"));
        const std::string value = lower(text_at(sum, "Value"));
        if (!algorithm.empty() && !value.empty()) record.sums[algorithm] = value;
    }
}

void add_odata_attribute(GranuleRecord& record, const Json& attribute) {
    const std::string name = text_at(attribute, "Name");
    if (name == "cloudCover") record.cloud = number_at(attribute, "Value");
    if (name == "processingDate") record.produced_at = instant_at(attribute, "Value");
    if (name == "datastripId" || name == "datastripIdentifier")
        record.datastrip = text_at(attribute, "Value");
}

// A SHA2-512 multihash: 0x13 0x40 and the digest.
std::string sha512_of_multihash(const std::string& text) {
    return text.size() == 132 && text.starts_with("1340") ? lower(text.substr(4)) : std::string{};
}

void add_landsat_assets(GranuleRecord& record, const Json& assets) {
    if (!assets.is_object()) return;
    for (const auto& asset : assets) {
        const Json& s3 = member_at(member_at(asset, "alternate"), "s3");
        std::string href = text_at(s3, "href");
        if (href.empty()) href = text_at(asset, "href");
        const std::string sum = sha512_of_multihash(text_at(asset, "file:checksum"));
        if (!sum.empty()) record.file_sums[href.substr(href.rfind('/') + 1)] = sum;
    }
}

// The product's name is in another place with every catalogue.
std::string stac_product_id(const Json& item) {
    const Json& properties = member_at(item, "properties");
    for (const auto& candidate :
         {text_at(properties, "s2:product_uri"), text_at(item, "id"), text_at(properties, "title"),
          text_at(properties, "productIdentifier"), text_at(properties, "identifier"),
          text_at(properties, "landsat:product_id")}) {
        GranuleRecord probe;
        probe.id = normalised_id(candidate);
        if (describe_by_id(probe)) return probe.id;
    }
    return normalised_id(text_at(item, "id"));
}

}  // namespace

template <>
Json strict_json(std::string_view text) {
    std::vector<std::set<std::string>> keys;
    const auto refuse = [](const std::string& why) { throw Error{Exit::bad_input, why}; };
    const Json value = Json::parse(
        text,
        [&](int depth, Json::parse_event_t event, Json& parsed) {
            if (depth > kDeepest) refuse("JSON is nested too deeply");
            if (event == Json::parse_event_t::object_start) keys.emplace_back();
            if (event == Json::parse_event_t::object_end) keys.pop_back();
            if (event == Json::parse_event_t::key &&
                !keys.back().insert(parsed.get<std::string>()).second)
                refuse("a key appears twice in one JSON object");
            return true;
        },
        false);
    if (value.is_discarded()) refuse("not JSON");
    return value;
}

template <>
std::string text_at(const Json& object, const char* name) {
    const Json& value = member_at(object, name);
    return value.is_string() ? value.get<std::string>() : std::string{};
}

template <>
std::optional<double> number_at(const Json& object, const char* name) {
    const Json& value = member_at(object, name);
    if (value.is_number()) return value.get<double>();
    return value.is_string() ? to_double(value.get_ref<const std::string&>()) : std::nullopt;
}

template <>
std::string instant_at(const Json& object, const char* name) {
    std::string text = text_at(object, name);
    if (text.size() > 5 && (text[text.size() - 5] == '+' || text[text.size() - 5] == '-') &&
        text.find('T') != std::string::npos && text.find('T') < text.size() - 5)
        text.insert(text.size() - 2, ":");  // +0000
    try {
        return text.empty() ? text : format_utc(parse_utc(text), 3);
    } catch (const Error&) {
        return {};
    }
}

namespace {

bool is_plain_word(std::string_view text) {
    return text.find_first_not_of(
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") == text.npos;
}

}  // namespace

template <>
GranuleRecord record_of(const Json& json) {
    GranuleRecord record;
    if (member_at(json, "kind") != "granule" || member_at(json, "v") != 1)
        throw Error{Exit::bad_input, "not a granule record of version 1"};
    const auto text = [&](const char* name, std::string& value) { value = text_at(json, name); };
    text("event", record.event);
    text("id", record.id);
    text("requested_id", record.requested_id);
    text("uuid", record.uuid);
    // It goes into questions and addresses.
    if (!is_plain_word(record.uuid)) throw Error{Exit::bad_input, "no uuid: " + record.uuid};
    text("source", record.source);
    text("sensed_at", record.sensed_at);
    text("produced_at", record.produced_at);
    describe_by_id(record);
    text("published_at", record.published_at);
    text("modified_at", record.modified_at);
    text("datastrip", record.datastrip);
    record.cloud = number_at(json, "cloud");
    record.sun_elevation = number_at(json, "sun_elev");
    record.bbox = box_at(json, "bbox");
    if (const auto size = number_at(json, "size")) record.size = static_cast<std::int64_t>(*size);
    for (const auto& [name, sums] :
         {std::pair{"sums", &record.sums}, std::pair{"file_sums", &record.file_sums}})
        if (const Json& object = member_at(json, name); object.is_object())
            for (const auto& [key, value] : object.items())
                if (value.is_string()) (*sums)[key] = value.get<std::string>();
    if (const Json& urls = member_at(json, "urls"); urls.is_array())
        for (const auto& url : urls)
            record.urls.push_back(
                {text_at(url, "rel"), text_at(url, "href"), text_at(url, "auth")});
    record.online = member_at(json, "online") != false;
    record.need_lookup = member_at(json, "need_lookup") == true;
    record.accept = member_at(json, "accept") != false;
    text("why", record.why);
    const Json& via = member_at(json, "via");
    record.via = {text_at(via, "kind"), text_at(via, "ack"), text_at(via, "time")};
    return record;
}

template <>
GranuleRecord record_of_odata(const Json& product) {
    GranuleRecord record;
    record.source = "cdse";
    record.uuid = text_at(product, "Id");
    record.id = normalised_id(text_at(product, "Name"));
    if (record.id.empty()) {  // ONDA's dialect
        record.id = normalised_id(text_at(product, "name"));
        record.uuid = text_at(product, "id");
        record.source = "onda";
    }
    record.published_at = instant_at(product, "PublicationDate");
    record.modified_at = instant_at(product, "ModificationDate");
    record.sensed_at = instant_at(member_at(product, "ContentDate"), "Start");
    record.online = member_at(product, "Online") != false;
    if (const auto size = number_at(product, "ContentLength"); size && *size > 0)
        record.size = static_cast<std::int64_t>(*size);
    add_sums(record, member_at(product, "Checksum"));
    if (const Json& attributes = member_at(product, "Attributes"); attributes.is_array())
        for (const auto& attribute : attributes) add_odata_attribute(record, attribute);
    std::string path = text_at(product, "S3Path");
    if (const Json& locations = member_at(product, "Locations"); locations.is_array())
        for (const auto& location : locations) {
            if (text_at(location, "FormatType") != "Extracted") continue;
            if (path.empty()) path = text_at(location, "S3Path");
            if (record.sums.empty()) add_sums(record, member_at(location, "Checksum"));
        }
    record.bbox = box_of(member_at(product, "GeoFootprint"));
    describe_by_id(record);
    if (record.source == "cdse" && !record.uuid.empty())
        record.urls.push_back({"zip",
                               "https://download.dataspace.copernicus.eu/odata/v1/Products(" +
                                   record.uuid + ")/$value",
                               "cdse"});
    constexpr std::string_view kRoot = "/eodata/";
    if (path.starts_with(kRoot))
        record.urls.push_back({"s3", "s3://eodata/" + path.substr(kRoot.size()) + '/', "eodata"});
    return record;
}

namespace {

std::string first_instant(const Json& object, std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (auto text = instant_at(object, name); !text.empty()) return text;
    return {};
}

// Where a Sentinel-2 item of any catalogue says that its product lies.
void add_sentinel2_places(GranuleRecord& record, const Json& item) {
    constexpr std::string_view kTiles = "s3://sentinel-s2-l1c/";
    constexpr std::string_view kStore = "s3://eodata/", kRoot = "/eodata/";
    const Json& properties = member_at(item, "properties");
    record.source = "other";
    if (!text_at(properties, "s2:product_uri").empty()) record.source = "earthsearch";
    std::string store = text_at(properties, "productIdentifier");
    if (store.starts_with(kRoot)) store = std::string(kStore) + store.substr(kRoot.size());
    if (const Json& assets = member_at(item, "assets"); assets.is_object())
        for (const auto& asset : assets) {
            std::string href = text_at(asset, "href");
            if (!href.starts_with("s3://"))
                href = text_at(member_at(member_at(asset, "alternate"), "s3"), "href");
            if (href.starts_with(kTiles) && record.urls.empty()) {
                // The tile's folder is the one its first file lies in.
                record.source = "earthsearch";
                record.urls.push_back({"s3", href.substr(0, href.rfind('/') + 1), "aws"});
            }
            if (href.starts_with(kStore) && !store.starts_with(kStore)) store = href;
        }
    const auto end = store.find(record.id + ".SAFE");
    if (!store.starts_with(kStore) || end == std::string::npos) return;
    record.source = "cdse";
    record.urls.push_back({"s3", store.substr(0, end) + record.id + ".SAFE/", "eodata"});
    if (const std::string id = text_at(item, "id"); id.size() == 36) record.uuid = id;
}

}  // namespace

template <>
GranuleRecord record_of_stac(const Json& item) {
    GranuleRecord record;
    const Json& properties = member_at(item, "properties");
    record.event = "listed";
    record.id = stac_product_id(item);
    record.sensed_at = first_instant(properties, {"datetime", "startDate", "start_datetime"});
    record.published_at = first_instant(properties, {"created", "published"});
    record.modified_at = instant_at(properties, "updated");
    record.cloud = number_at(properties, "eo:cloud_cover");
    if (!record.cloud) record.cloud = number_at(properties, "cloudCover");
    record.sun_elevation = number_at(properties, "view:sun_elevation");
    record.datastrip = text_at(properties, "s2:datastrip_id");
    record.bbox = box_at(item, "bbox");
    if (!record.bbox) record.bbox = box_of(member_at(item, "geometry"));
    describe_by_id(record);
    if (record.mission == "LS") {
        record.source = "usgs";
        add_landsat_assets(record, member_at(item, "assets"));
        if (const auto prefix = landsat_s3_prefix(record.id); !prefix.empty())
            record.urls.push_back({"s3", prefix, "usgs"});
    } else {
        add_sentinel2_places(record, item);
    }
    return record;
}

template <>
GranuleRecord record_of_aws_product(const Json& product) {
    GranuleRecord record;
    record.source = "aws-s2";
    record.id = normalised_id(text_at(product, "name"));
    record.uuid = text_at(product, "id");
    record.sensed_at = instant_at(product, "timestamp");
    record.published_at = instant_at(product, "s3Ingestion");
    describe_by_id(record);
    const Json& tiles = member_at(product, "tiles");
    if (tiles.is_array() && !tiles.empty()) {
        record.datastrip = text_at(member_at(tiles[0], "datastrip"), "id");
        if (const std::string path = text_at(tiles[0], "path"); path.starts_with("tiles/"))
            record.urls.push_back({"s3", "s3://sentinel-s2-l1c/" + path + '/', "aws"});
    }
    return record;
}

template <>
GranuleRecord record_of_aws_tile(const Json& tile) {
    GranuleRecord record;
    record.source = "aws-s2";
    record.id = normalised_id(text_at(tile, "productName"));
    const Json& strip = member_at(tile, "datastrip");
    if (record.id.empty()) {  // products/2022/1/1/<name>/datastrip/0
        const std::string path = text_at(strip, "path");
        for (const auto piece : split(path, '/')) {
            GranuleRecord probe;
            probe.id = normalised_id(piece);
            if (describe_by_id(probe)) record.id = probe.id;
        }
    }
    record.datastrip = text_at(strip, "id");
    record.cloud = number_at(tile, "cloudyPixelPercentage");
    if (!record.cloud) record.cloud = number_at(tile, "cloudCoverage");
    describe_by_id(record);
    if (const std::string path = text_at(tile, "path"); path.starts_with("tiles/"))
        record.urls.push_back({"s3", "s3://sentinel-s2-l1c/" + path + '/', "aws"});
    return record;
}

}  // namespace hls::fetch
