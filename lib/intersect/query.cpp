// SPDX-License-Identifier: Apache-2.0
#include "intersect/query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <istream>
#include <iterator>

#include "core/parse.hpp"
#include "fs/archive.hpp"
#include "fs/read_text.hpp"
#include "geo/overlap.hpp"
#include "granule/landsat_message.hpp"
#include "intersect/scene_footprint.hpp"

namespace hls::intersect {
namespace {

constexpr std::size_t kMaxTextBytes = 64 << 20;

constexpr std::size_t kLongestShown = 60;

bool all_of(std::string_view text, auto predicate) {
    return !text.empty() && std::all_of(text.begin(), text.end(), predicate);
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_upper(char c) noexcept {
    return c >= 'A' && c <= 'Z';
}

// "18SUJ" or "T18SUJ", whether or not such a tile exists.
bool looks_like_tile(std::string_view text) {
    if (text.size() == 6 && text.front() == 'T') text.remove_prefix(1);
    return text.size() == 5 && is_digit(text[0]) && is_digit(text[1]) &&
           all_of(text.substr(2), is_upper);
}

std::string shown(std::string_view text) {
    return text.size() <= kLongestShown ? std::string(text)
                                        : std::string(text.substr(0, kLongestShown)) + "...";
}

// Names the tile that was probably meant.
std::string tile_hint(std::string_view text) {
    const auto tile = geo::parse_mgrs_tile(text);
    if (!tile) return "ids look like 18SUJ: zone, band, column letter of the zone, row letter";
    if (geo::in_tiling_grid(*tile)) return "do you mean " + tile->id() + "?";
    const geo::EastNorth corner = tile->upper_left();
    const geo::LonLat center =
        geo::Utm({tile->zone})
            .inverse({corner.x_m + geo::kTileSizeM / 2, corner.y_m - geo::kTileSizeM / 2});
    const auto there = geo::tiles_at(center, geo::TileList::grid());
    if (there.empty()) return "the grid ends at 84 degrees";
    return "the grid covers that place with " + there.front().id();
}

void set_scene(Query& query, geo::PathRow scene) {
    query.scene = scene;
    query.region = geo::scene_region(scene);
}

void set_message(Query& query, std::string_view json, std::string_view source) {
    const auto message = granule::parse_landsat_message(json, source);
    set_scene(query, {message.id.wrs_path, message.id.wrs_row});
}

void set_json(Query& query, std::string_view json, std::string_view source) {
    if (json.find("landsat_product_id") != std::string_view::npos)
        return set_message(query, json, source);
    geo::GeoShapes shapes = geo::parse_geojson(json, source);
    query.region = std::move(shapes.region);
    query.points = std::move(shapes.points);
}

[[noreturn]] void refuse(std::string_view place, std::string_view text, Exit code) {
    throw Error{code, fmt::format("{}: '{}' is nothing to look for", place, shown(text)),
                "give PPPRRR, a tile, LON,LAT, W,S,E,N, GeoJSON, or an MTL, GeoJSON or message "
                "file"};
}

// LON,LAT or WEST,SOUTH,EAST,NORTH.
void set_numbers(Query& query, std::string_view text, std::string_view place, Exit code) {
    std::vector<double> numbers;
    for (const std::string_view piece : split(text, ',')) {
        const auto number = to_double(trim(piece));
        if (!number) refuse(place, text, code);
        numbers.push_back(*number);
    }
    if (numbers.size() != 2 && numbers.size() != 4) refuse(place, text, code);
    const auto in_range = [&](std::size_t i) {
        return std::abs(numbers[i]) <= (i % 2 == 0 ? 180 : 90);
    };
    for (std::size_t i = 0; i < numbers.size(); ++i)
        if (!in_range(i))
            throw Error{code, fmt::format("{}: {} is not on the Earth", place, shown(text)),
                        "longitude comes before latitude, both in degrees"};
    if (numbers.size() == 2) {
        query.points.push_back({numbers[0], numbers[1]});
        return;
    }
    if (numbers[1] >= numbers[3] || numbers[0] == numbers[2])
        throw Error{code, fmt::format("{}: box {} is empty", place, shown(text)),
                    "the order is WEST,SOUTH,EAST,NORTH"};
    query.region = geo::Region::of_bounds({numbers[0], numbers[1], numbers[2], numbers[3]});
}

constexpr std::size_t kLargestMtl = 1 << 20;

struct File {
    std::string name;  // for messages
    std::string text;
};

// The one name that is an MTL's.
std::string only_mtl(const std::vector<std::string>& names, const std::string& product, Exit code) {
    std::vector<std::string> found;
    for (const std::string& name : names)
        if (name.ends_with("_MTL.txt")) found.push_back(name);
    if (found.size() == 1) return found.front();
    throw Error{code, fmt::format("{}: holds {} _MTL.txt files, not one", product, found.size())};
}

bool is_tar(const std::filesystem::path& path) {
    const std::string name = path.filename();
    return name.ends_with(".tar") || name.ends_with(".tar.gz") || name.ends_with(".tgz");
}

// The file, or the MTL of a product folder or archive.
File read_file(const std::filesystem::path& path) {
    std::error_code problem;
    std::vector<std::string> names;
    if (std::filesystem::is_directory(path, problem)) {
        for (const auto& entry : std::filesystem::directory_iterator(path, problem))
            names.push_back(entry.path().filename());
        const auto mtl = path / only_mtl(names, path, Exit::missing_input);
        return {mtl, fs::read_text(mtl, kMaxTextBytes)};
    }
    if (is_tar(path)) {
        for (const auto& member : fs::list_archive(path)) names.push_back(member.name);
        const std::string mtl = only_mtl(names, path, Exit::bad_input);
        return {path / mtl, fs::read_archive_member(path, mtl, kLargestMtl)};
    }
    return {path, fs::read_text(path, kMaxTextBytes)};
}

void set_file(Query& query, const std::filesystem::path& path) {
    const File file = read_file(path);
    if (trim(file.text).starts_with('{')) return set_json(query, file.text, file.name);
    const auto mtl = granule::parse_landsat_mtl(file.text, file.name, granule::MtlUse::ac_scene);
    query.scene = geo::PathRow{mtl.wrs_path, mtl.wrs_row};
    query.region = scene_footprint(mtl);
}

}  // namespace

Query parse_query(std::string_view raw, std::string_view place, Exit code) {
    const std::string_view text = trim(raw);
    Query query;
    query.text = text;
    std::error_code problem;
    if (text.size() == 6 && all_of(text, is_digit)) {
        const auto scene = geo::parse_path_row(text);
        if (!scene)
            throw Error{code, fmt::format("{}: path/row {} does not exist", place, text),
                        "paths are 001 to 233, rows 001 to 248"};
        set_scene(query, *scene);
    } else if (looks_like_tile(text)) {
        query.tile = geo::parse_mgrs_tile(text);
        const std::string_view id = text.size() == 6 ? text.substr(1) : text;
        if (!query.tile || !geo::in_tiling_grid(*query.tile) || query.tile->id() != id)
            throw Error{code, fmt::format("{}: tile {} does not exist", place, id), tile_hint(id)};
    } else if (text.starts_with('{')) {
        set_json(query, text, place);
    } else if (const auto product = granule::parse_landsat_product_id(text);
               product && !std::filesystem::exists(text, problem)) {
        set_scene(query, {product->wrs_path, product->wrs_row});
    } else if (text.find_first_not_of("0123456789.,+-eE \t") == std::string_view::npos &&
               text.find(',') != std::string_view::npos) {
        set_numbers(query, text, place, code);
    } else if (std::filesystem::exists(text, problem)) {
        set_file(query, text);
    } else if (text.find_first_of("/.") != std::string_view::npos) {
        throw Error{Exit::missing_input, fmt::format("{}: no such file", text)};
    } else {
        refuse(place, text, code);
    }
    return query;
}

std::optional<Query> QueryReader::next() {
    std::string text;
    int first_line = 0;
    int depth = 0;  // of braces, of an object that runs over several lines
    bool in_string = false;
    std::string line;
    while (std::getline(in_, line)) {
        ++line_;
        const std::string_view words = trim(line);
        if (depth == 0 && (words.empty() || words.front() == '#')) continue;
        if (depth == 0) first_line = line_;
        if (depth == 0 && words.front() != '{') {
            text = words;
            break;
        }
        text += line + '\n';
        for (std::size_t i = 0; i < line.size(); ++i) {
            if (in_string && line[i] == '\\')
                ++i;
            else if (line[i] == '"')
                in_string = !in_string;
            else if (!in_string && line[i] == '{')
                ++depth;
            else if (!in_string && line[i] == '}')
                --depth;
        }
        if (depth <= 0) break;
    }
    if (text.empty()) return std::nullopt;
    return parse_query(text, fmt::format("{} line {}", name_, first_line), Exit::bad_input);
}

}  // namespace hls::intersect
