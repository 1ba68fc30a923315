// SPDX-License-Identifier: Apache-2.0
// SceneStatistics <-> JSON.
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "fmask/scene_statistics.hpp"

namespace hls::fmask {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "hls-fmask scene statistics 1";

Json optional_json(const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
}

// Members in the order of the file: reading and writing share the list.
template <typename Statistics, typename Visit>
void for_each_member(Statistics& s, Visit visit) {
    visit("product_id", s.product_id);
    visit("profile", s.profile);
    visit("thermal", s.thermal);
    visit("valid_pixels", s.valid_pixels);
    visit("clear_pixels", s.clear_pixels);
    visit("enough_clear", s.enough_clear);
    visit("much_snow", s.much_snow);
    visit("cirrus_base_1e-4", s.cirrus_base);
    visit("cirrus_base_from_m", s.cirrus_base_from_m);
    visit("water_occurrence_above_percent", s.water_occurrence_above);
    visit("built_up_below_c", s.built_up_below_c);
    visit("land_low_c", s.land_low_c);
    visit("land_high_c", s.land_high_c);
    visit("water_high_c", s.water_high_c);
    visit("hot_low", s.hot_low);
    visit("hot_high", s.hot_high);
    visit("lapse_c_per_m", s.lapse_c_per_m);
    visit("lowest_m", s.lowest_m);
    visit("land_threshold", s.land_threshold);
    visit("water_threshold", s.water_threshold);
    visit("nir_background_1e-4", s.nir_background);
    visit("swir1_background_1e-4", s.swir1_background);
}

struct ReadMember {
    const Json& json;

    template <typename T>
    void operator()(const char* name, T& value) const {
        value = json.at(name).get<T>();
    }
    void operator()(const char* name, std::optional<double>& value) const {
        const Json& member = json.at(name);
        value = member.is_null() ? std::nullopt : std::optional(member.get<double>());
    }
};

void check(const SceneStatistics& s, const std::string& path) {
    const bool sound = (!s.thermal || !s.enough_clear || (s.land_low_c && s.land_high_c)) &&
                       s.nir_background >= 0 && s.swir1_background >= 0;
    if (!sound) throw Error{Exit::bad_input, fmt::format("{}: incomplete scene statistics", path)};
}

}  // namespace

std::string format_statistics(const SceneStatistics& statistics) {
    Json json;
    json["format"] = kFormat;
    json["sensor"] = sensor_name(statistics.sensor);
    for_each_member(statistics, [&](const char* name, const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::optional<double>>)
            json[name] = optional_json(value);
        else
            json[name] = value;
    });
    return json.dump(1) + "\n";
}

SceneStatistics read_statistics(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw Error{Exit::missing_input, fmt::format("cannot read {}", path.string())};
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    SceneStatistics statistics;
    try {
        const Json json = Json::parse(text);
        if (json.at("format") != kFormat)
            throw Error{Exit::bad_input, fmt::format("{}: not scene statistics", path.string())};
        statistics.sensor =
            json.at("sensor") == sensor_name(Sensor::landsat) ? Sensor::landsat : Sensor::sentinel2;
        for_each_member(statistics, ReadMember{json});
    } catch (const Json::exception&) {
        throw Error{Exit::bad_input, fmt::format("{}: not scene statistics", path.string()),
                    "a file that --stats wrote"};
    }
    check(statistics, path.string());
    return statistics;
}

}  // namespace hls::fmask
