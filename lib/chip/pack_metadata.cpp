// SPDX-License-Identifier: Apache-2.0
// STAC 1.0.0 (with the projection, file and ML-AOI extensions) and Croissant 1.0 of a data set.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "chip/pack.hpp"
#include "core/error.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "geo/utm.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::ordered_json;
namespace stdfs = std::filesystem;

constexpr const char* kTiff = "image/tiff; application=geotiff";
constexpr const char* kProjection =
    "https://stac-extensions.github.io/projection/v1.1.0/schema.json";
constexpr const char* kFile = "https://stac-extensions.github.io/file/v2.1.0/schema.json";
constexpr const char* kMlAoi = "https://stac-extensions.github.io/ml-aoi/v0.2.0/schema.json";
// SHA-256 as a multihash: code 0x12, 32 bytes.
constexpr const char* kSha256 = "1220";

struct Outline {
    std::array<geo::LonLat, 4> corners;
    double west = 180, south = 90, east = -180, north = -90;
};

Outline outline_of(const ChipRecord& chip) {
    constexpr int kSouthern = 327;
    const geo::Utm utm({chip.epsg % 100, chip.epsg / 100 == kSouthern});
    const double side = chip.pixel_m * chip.size_px;
    Outline outline;
    const std::array<std::array<double, 2>, 4> places{
        {{0, 0}, {0, -side}, {side, -side}, {side, 0}}};
    for (std::size_t i = 0; i < 4; ++i) {
        const auto at = utm.inverse({chip.ulx_m + places[i][0], chip.uly_m + places[i][1]});
        outline.corners[i] = at;
        outline.west = std::min(outline.west, at.lon_deg);
        outline.east = std::max(outline.east, at.lon_deg);
        outline.south = std::min(outline.south, at.lat_deg);
        outline.north = std::max(outline.north, at.lat_deg);
    }
    return outline;
}

Json ring(const Outline& outline) {
    Json points = Json::array();
    for (std::size_t i = 0; i <= outline.corners.size(); ++i) {
        const auto& corner = outline.corners[i % outline.corners.size()];
        points.push_back({corner.lon_deg, corner.lat_deg});
    }
    return Json::array({points});
}

Json link(const std::string& relation, const std::string& href) {
    return {{"rel", relation}, {"href", href}, {"type", "application/json"}};
}

std::string item_path(const ChipRecord& chip) {
    const std::string digest = fs::digest_of(fs::DigestKind::sha256, chip.chip);
    return fmt::format("items/{}/{}.json", digest.substr(0, 2), chip.chip);
}

Json asset(const stdfs::path& item_folder, const stdfs::path& file, const std::string& sha256,
           const std::string& role) {
    return {{"href", file.lexically_relative(item_folder).generic_string()},
            {"type", kTiff},
            {"roles", Json::array({role})},
            {"file:checksum", kSha256 + sha256}};
}

// Of a stack the first and the last day, as STAC wants it for what has no single one.
void add_times(const ChipRecord& chip, Json& properties) {
    const auto scenes = chip.scenes();
    if (!chip.is_stack()) {
        properties["datetime"] = scenes.front()->datetime;
        properties["hls-chip:scene"] = scenes.front()->id;
        return;
    }
    properties["datetime"] = nullptr;
    properties["start_datetime"] = scenes.front()->datetime;
    properties["end_datetime"] = scenes.back()->datetime;
    for (const ChipDate& date : chip.dates)
        properties["hls-chip:scenes"].push_back(date.scene ? Json(date.scene->id) : Json(nullptr));
}

Json item_of(const ChipRecord& chip, const PackRequest& request, const stdfs::path& stac_folder) {
    const Outline outline = outline_of(chip);
    const stdfs::path folder = (stac_folder / item_path(chip)).parent_path();
    const stdfs::path data = stdfs::absolute(request.folder).lexically_normal();
    Json item;
    item["type"] = "Feature";
    item["stac_version"] = "1.0.0";
    item["stac_extensions"] = {kProjection, kFile, kMlAoi};
    item["id"] = chip.chip;
    item["collection"] = request.name;
    item["geometry"] = {{"type", "Polygon"}, {"coordinates", ring(outline)}};
    item["bbox"] = {outline.west, outline.south, outline.east, outline.north};
    item["properties"] = {
        {"gsd", chip.pixel_m},
        {"proj:epsg", chip.epsg},
        {"proj:shape", {chip.size_px, chip.size_px}},
        {"proj:transform", {chip.pixel_m, 0, chip.ulx_m, 0, -chip.pixel_m, chip.uly_m}},
        {"ml-aoi:split", chip.split == "val" ? "validate" : chip.split},
        {"hls-chip:class", chip.klass},
        {"hls-chip:split", chip.split},
        {"hls-chip:parcel", chip.parcel_id},
        {"hls-chip:bands", chip.bands},
        {"hls-chip:valid_fraction", chip.valid_fraction()}};
    add_times(chip, item["properties"]);
    // The extension knows three sets; chips of the buffer belong to none of them.
    if (chip.split == "buffer") item["properties"].erase("ml-aoi:split");
    item["links"] = {link("root", "../../collection.json"), link("parent", "../../collection.json"),
                     link("collection", "../../collection.json")};
    for (const ChipFile& file : files_of(chip))
        item["assets"][file.kind] =
            asset(folder, data / file.path, file.sha256, file.kind == "image" ? "data" : "labels");
    return item;
}

Json collection_of(const PackRequest& request, const std::vector<ChipRecord>& chips) {
    double west = 180, south = 90, east = -180, north = -90;
    std::string first, last;
    std::set<int> classes;
    std::set<std::string> splits, tiles;
    Json links = {link("root", "./collection.json")};
    for (const ChipRecord& chip : chips) {
        const Outline outline = outline_of(chip);
        west = std::min(west, outline.west);
        south = std::min(south, outline.south);
        east = std::max(east, outline.east);
        north = std::max(north, outline.north);
        const auto scenes = chip.scenes();
        if (first.empty() || scenes.front()->datetime < first) first = scenes.front()->datetime;
        last = std::max(last, scenes.back()->datetime);
        classes.insert(chip.klass);
        splits.insert(chip.split);
        tiles.insert(chip.tile);
        Json to_item = link("item", "./" + item_path(chip));
        to_item["type"] = "application/geo+json";
        links.push_back(std::move(to_item));
    }
    Json json;
    json["type"] = "Collection";
    json["stac_version"] = "1.0.0";
    json["id"] = request.name;
    json["description"] =
        fmt::format("{} chips of satellite imagery around agricultural parcels, with class masks",
                    chips.size());
    json["license"] = request.license;
    json["extent"] = {{"spatial", {{"bbox", Json::array({{west, south, east, north}})}}},
                      {"temporal", {{"interval", Json::array({{first, last}})}}}};
    json["summaries"] = {{"hls-chip:class", classes}, {"hls-chip:split", splits}, {"tiles", tiles}};
    json["links"] = std::move(links);
    return json;
}

Json croissant_context() {
    return Json::parse(R"({
        "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/", "citeAs": "cr:citeAs", "column": "cr:column",
        "conformsTo": "dct:conformsTo", "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract",
        "field": "cr:field", "fileObject": "cr:fileObject", "fileProperty": "cr:fileProperty",
        "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
        "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
        "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
        "repeated": "cr:repeated", "replace": "cr:replace", "separator": "cr:separator",
        "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform"})");
}

Json file_set(const std::string& id, const std::string& format, const std::string& pattern,
              const std::vector<PackedShard>& shards) {
    Json containers = Json::array();
    for (const PackedShard& shard : shards) containers.push_back({{"@id", shard.file}});
    return {
        {"@type", "cr:FileSet"},    {"@id", id},          {"name", id}, {"containedIn", containers},
        {"encodingFormat", format}, {"includes", pattern}};
}

Json field(const std::string& name, const std::string& what, const std::string& type, Json source) {
    return {{"@type", "cr:Field"}, {"@id", "chips/" + name}, {"name", "chips/" + name},
            {"description", what}, {"dataType", type},       {"source", std::move(source)}};
}

Json content_of(const std::string& set) {
    return {{"fileSet", {{"@id", set}}}, {"extract", {{"fileProperty", "content"}}}};
}

Json member_of(const std::string& path) {
    return {{"fileSet", {{"@id", "records"}}}, {"extract", {{"jsonPath", path}}}};
}

// When chips were seen; those of stacks several times, null where a date is missing.
Json time_field(const std::vector<ChipRecord>& chips) {
    if (std::ranges::none_of(chips, &ChipRecord::is_stack))
        return field("datetime", "of the scene", "sc:Date", member_of("$.scene.datetime"));
    Json times = field("datetime", "of the scenes, the first date first", "sc:Date",
                       member_of("$.dates[*].scene.datetime"));
    times["repeated"] = true;
    return times;
}

}  // namespace

void write_stac(const PackRequest& request, const stdfs::path& final_output,
                const std::vector<ChipRecord>& chips) {
    const stdfs::path folder = stdfs::absolute(final_output / "stac").lexically_normal();
    const auto write = [&](const std::string& file, const Json& json) {
        const stdfs::path path = request.output / "stac" / file;
        stdfs::create_directories(path.parent_path());
        fs::write_text_atomically(path, json.dump(2) + "\n", fs::IfExists::replace);
    };
    for (const ChipRecord& chip : chips) write(item_path(chip), item_of(chip, request, folder));
    write("collection.json", collection_of(request, chips));
}

void write_croissant(const PackRequest& request, const std::vector<ChipRecord>& chips,
                     const std::vector<PackedShard>& shards) {
    Json json;
    json["@context"] = croissant_context();
    json["@type"] = "sc:Dataset";
    json["conformsTo"] = "http://mlcommons.org/croissant/1.0";
    json["name"] = request.name;
    json["description"] = fmt::format(
        "{} chips of satellite imagery around agricultural parcels, each with a class mask. Class "
        "0 "
        "means unlabelled, not background.",
        chips.size());
    json["license"] = request.license;
    std::string last;
    for (const ChipRecord& chip : chips) last = std::max(last, chip.scenes().back()->datetime);
    json["datePublished"] = last.substr(0, 10);  // not before its last image
    json["url"] = "index.jsonl";
    json["distribution"] = Json::array();
    for (const PackedShard& shard : shards)
        json["distribution"].push_back({{"@type", "cr:FileObject"},
                                        {"@id", shard.file},
                                        {"name", shard.file},
                                        {"contentUrl", shard.file},
                                        {"contentSize", fmt::format("{} B", shard.bytes)},
                                        {"encodingFormat", "application/x-tar"},
                                        {"sha256", shard.sha256}});
    json["distribution"].push_back(file_set("images", "image/tiff", "*.image.tif", shards));
    json["distribution"].push_back(file_set("masks", "image/tiff", "*.mask.tif", shards));
    json["distribution"].push_back(file_set("records", "application/json", "*.json", shards));
    json["recordSet"] = Json::array(
        {{{"@type", "cr:RecordSet"},
          {"@id", "chips"},
          {"name", "chips"},
          {"field",
           {field("image",
                  "uint16 bands, of stacks those of the first date first, reflectance x 10000, 0 "
                  "no data",
                  "sc:ImageObject", content_of("images")),
            field("mask", "uint8 classes", "sc:ImageObject", content_of("masks")),
            field("chip", "name", "sc:Text", member_of("$.chip")),
            field("class", "class of the parcel at the centre", "sc:Integer", member_of("$.class")),
            field("split", "train, val, test or buffer", "sc:Text", member_of("$.split")),
            time_field(chips)}}}});
    fs::write_text_atomically(request.output / "croissant.json", json.dump(2) + "\n",
                              fs::IfExists::replace);
}

}  // namespace hls::chip
