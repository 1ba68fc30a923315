// SPDX-License-Identifier: Apache-2.0
#include "granule/hls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"

namespace hls::granule {
namespace {

constexpr std::string_view kVersion = ".v2.0";
constexpr std::string_view kTifEnding = ".tif";

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_one_of(char c, std::string_view set) noexcept {
    return set.find(c) != std::string_view::npos;
}

// Zone 01..60, latitude band, column and row letter, as tiling.md 1.1 spells them.
bool is_tile_id(std::string_view text) noexcept {
    if (text.size() != 5 || !is_digit(text[0]) || !is_digit(text[1])) return false;
    const int zone = (text[0] - '0') * 10 + (text[1] - '0');
    return zone >= 1 && zone <= 60 && is_one_of(text[2], "CDEFGHJKLMNPQRSTUVWX") &&
           is_one_of(text[3], "ABCDEFGHJKLMNPQRSTUVWXYZ") &&
           is_one_of(text[4], "ABCDEFGHJKLMNPQRSTUV");
}

// Exactly `width` digits at the front, removed from `text`; -1 if they are not there or not in
// [low, high].
int take_number(std::string_view& text, std::size_t width, int low, int high) noexcept {
    if (text.size() < width) return -1;
    int value = 0;
    for (const char c : text.substr(0, width)) {
        if (!is_digit(c)) return -1;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(width);
    return value < low || value > high ? -1 : value;
}

bool take(std::string_view& text, std::string_view front) noexcept {
    if (!text.starts_with(front)) return false;
    text.remove_prefix(front.size());
    return true;
}

bool is_leap(int year) noexcept {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::optional<HlsSensor> take_sensor(std::string_view& text) noexcept {
    if (take(text, "L30")) return HlsSensor::l30;
    if (take(text, "S30")) return HlsSensor::s30;
    return std::nullopt;
}

// "2020181T161234" into the fields of `id`.
bool take_time(std::string_view& text, HlsId& id) noexcept {
    id.year = take_number(text, 4, 1980, 2999);
    id.day_of_year = take_number(text, 3, 1, 366);
    if (id.year < 0 || id.day_of_year < 0 || (id.day_of_year == 366 && !is_leap(id.year)) ||
        !take(text, "T"))
        return false;
    id.hour = take_number(text, 2, 0, 23);
    id.minute = take_number(text, 2, 0, 59);
    id.second = take_number(text, 2, 0, 60);
    return id.hour >= 0 && id.minute >= 0 && id.second >= 0;
}

}  // namespace

std::string_view hls_sensor_name(HlsSensor sensor) noexcept {
    return sensor == HlsSensor::l30 ? "L30" : "S30";
}

HlsId make_hls_id(HlsSensor sensor, std::string_view tile, UtcTime sensing_time) {
    if (!is_tile_id(tile))
        throw Error{Exit::internal, fmt::format("'{}' is not an MGRS tile id", tile)};
    const CivilDate date = civil_date(sensing_time);
    const auto midnight = std::chrono::floor<std::chrono::days>(sensing_time);
    const std::chrono::hh_mm_ss time{
        std::chrono::floor<std::chrono::seconds>(sensing_time - midnight)};
    HlsId id;
    id.sensor = sensor;
    id.tile = tile;
    id.year = date.year;
    id.day_of_year = date.day_of_year;
    id.hour = static_cast<int>(time.hours().count());
    id.minute = static_cast<int>(time.minutes().count());
    id.second = static_cast<int>(time.seconds().count());
    return id;
}

std::optional<HlsId> parse_hls_id(std::string_view text) noexcept {
    HlsId id;
    if (!take(text, "HLS")) return std::nullopt;
    id.vi = take(text, "-VI");
    if (!take(text, ".")) return std::nullopt;
    const auto sensor = take_sensor(text);
    if (!sensor || !take(text, ".T") || !is_tile_id(text.substr(0, 5))) return std::nullopt;
    id.sensor = *sensor;
    id.tile = text.substr(0, 5);
    text.remove_prefix(5);
    if (!take(text, ".") || !take_time(text, id) || text != kVersion) return std::nullopt;
    return id;
}

std::string producer_granule_id(const HlsId& id) {
    return fmt::format("HLS{}.{}.T{}.{:04}{:03}T{:02}{:02}{:02}", id.vi ? "-VI" : "",
                       hls_sensor_name(id.sensor), id.tile, id.year, id.day_of_year, id.hour,
                       id.minute, id.second);
}

std::string format_hls_id(const HlsId& id) {
    return producer_granule_id(id) + std::string(kVersion);
}

std::string hls_layer_file(const HlsId& id, std::string_view layer) {
    return fmt::format("{}.{}{}", format_hls_id(id), layer, kTifEnding);
}

std::optional<HlsLayerFile> parse_hls_layer_file(std::string_view file_name) noexcept {
    if (!file_name.ends_with(kTifEnding)) return std::nullopt;
    file_name.remove_suffix(kTifEnding.size());
    const auto dot = file_name.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view layer = file_name.substr(dot + 1);
    const bool sound = !layer.empty() && std::all_of(layer.begin(), layer.end(), [](char c) {
        return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
    const auto id = parse_hls_id(file_name.substr(0, dot));
    if (!sound || !id) return std::nullopt;
    return HlsLayerFile{*id, std::string(layer)};
}

}  // namespace hls::granule
