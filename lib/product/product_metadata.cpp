// SPDX-License-Identifier: Apache-2.0
// Facts that CMR, STAC and the manifest share, and the manifest itself.
#include "product/product_metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::product {
namespace {

using Json = nlohmann::ordered_json;

// The published chain cuts the last digit of the fraction: seven digits of Landsat become
// microseconds, six of Sentinel-2 become tens of them.
UtcTime catalogue_time(std::string_view text) {
    std::string shorter(trim(text));
    if (shorter.find('.') != std::string::npos && shorter.ends_with('Z'))
        shorter.replace(shorter.size() - 2, 2, "Z");
    return parse_utc(shorter);
}

std::vector<std::string> sensing_times(const ProductInfo& info) {
    std::vector<std::string> times;
    if (const auto* scenes = std::get_if<std::vector<LandsatSource>>(&info.source)) {
        for (const auto& scene : *scenes) times.push_back(scene.sensing_time);
    } else {
        for (const auto piece : split(std::get<Sentinel2Source>(info.source).sensing_time, '+'))
            times.emplace_back(trim(piece));
    }
    if (times.empty()) throw Error{Exit::internal, "a product of no scene"};
    return times;
}

std::string_view file_type(std::string_view name, bool gibs) {
    if (name.ends_with(".tif")) return gibs ? "browse" : "data";
    return name.ends_with(".jpg") ? "browse" : "metadata";
}

}  // namespace

TimeRange sensing_range(const ProductInfo& info) {
    std::vector<UtcTime> times;
    for (const auto& text : sensing_times(info)) times.push_back(catalogue_time(text));
    const auto [begin, end] = std::minmax_element(times.begin(), times.end());
    return {*begin, *end};
}

std::string platform_name(const ProductInfo& info) {
    if (const auto* scenes = std::get_if<std::vector<LandsatSource>>(&info.source)) {
        const std::string& product = scenes->at(0).product_id;  // LC08_...
        return fmt::format("LANDSAT-{}", product.size() > 3 ? product.substr(3, 1) : "8");
    }
    return std::get<Sentinel2Source>(info.source).spacecraft;
}

std::string collection_name(const granule::HlsId& id) {
    return fmt::format("HLS{}{}", granule::hls_sensor_name(id.sensor), id.vi ? "_VI" : "");
}

std::string product_doi(const granule::HlsId& id) {
    return fmt::format("10.5067/HLS/{}.002", collection_name(id));
}

std::string manifest_json(const Manifest& manifest) {
    Json files = Json::array();
    for (const auto& file : manifest.files) {
        Json entry{{"name", file.name},
                   {"size", file.bytes},
                   {"checksum", file.sha512},
                   {"checksumType", "SHA512"},
                   {"uri", manifest.uri_prefix.empty()
                               ? file.name
                               : fmt::format("{}/{}", manifest.uri_prefix, file.name)},
                   {"type", file_type(file.name, manifest.gibs)}};
        if (manifest.gibs)
            entry["subtype"] = file.name.ends_with(".tif") ? "geotiff" : "ImageMetadata-v1.2";
        files.push_back(std::move(entry));
    }
    const Json document{{"collection", manifest.collection},
                        {"identifier", manifest.identifier},
                        {"duplicationid", manifest.granule_id},
                        {"version", "1.4"},
                        {"submissionTime", format_utc(manifest.submission_time)},
                        {"product",
                         {{"name", manifest.product_name},
                          {"dataVersion", "2.0"},
                          {"id", manifest.granule_id},
                          {"files", std::move(files)}}}};
    return document.dump(2) + "\n";
}

}  // namespace hls::product
