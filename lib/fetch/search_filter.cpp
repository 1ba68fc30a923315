// SPDX-License-Identifier: Apache-2.0
#include "fetch/search_filter.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "fetch/box.hpp"
#include "geo/mgrs.hpp"
#include "geo/overlap.hpp"

namespace hls::fetch {
namespace {

using std::chrono::hours;

constexpr hours kLongestQuery{24 * 400};
constexpr double kDriftDeg = 0.1;  // of scenes about their nominal place

[[noreturn]] void refuse(const std::string& why, const std::string& hint = {}) {
    throw Error{Exit::usage, why, hint};
}

void check_words(const std::vector<std::string>& words, const std::vector<std::string>& known,
                 const char* what) {
    for (const auto& word : words)
        if (std::find(known.begin(), known.end(), word) == known.end())
            refuse(fmt::format("'{}' is no {} of this catalogue", word, what),
                   fmt::format("{}", fmt::join(known, ", ")));
}

void check_ranges(const std::vector<NumberRange>& ranges, int last, const char* what) {
    for (const auto& [low, high] : ranges)
        if (low < 1 || high > last || low > high)
            refuse(fmt::format("{} {}-{} does not exist", what, low, high),
                   fmt::format("they go from 1 to {}", last));
}

bool in_ranges(const std::vector<NumberRange>& ranges, int value) {
    return ranges.empty() || std::any_of(ranges.begin(), ranges.end(), [value](const auto& range) {
               return value >= range.first && value <= range.second;
           });
}

bool among(const std::vector<std::string>& words, const std::string& word) {
    return words.empty() || std::find(words.begin(), words.end(), word) != words.end();
}

// Whole box of a nominal scene and of what may drift out of it.
Box box_of(geo::PathRow scene) {
    std::vector<std::pair<double, double>> corners;
    for (const auto& corner : geo::scene_corners(scene))
        corners.emplace_back(corner.lon_deg, corner.lat_deg);
    Box box = *box_around(corners);
    return {box[0] - kDriftDeg, box[1] - kDriftDeg, box[2] + kDriftDeg, box[3] + kDriftDeg};
}

}  // namespace

std::vector<NumberRange> parse_ranges(const std::vector<std::string>& words,
                                      const std::string& option) {
    std::vector<NumberRange> result;
    for (const auto& word : words) {
        const auto dash = word.find('-');
        const auto low = to_int(std::string_view(word).substr(0, dash));
        const auto high =
            dash == std::string::npos ? low : to_int(std::string_view(word).substr(dash + 1));
        if (!low || !high || *low < 0 || *high > 999)
            refuse(fmt::format("{}: '{}' is no number or range", option, word), "33 or 30-35");
        result.emplace_back(static_cast<int>(*low), static_cast<int>(*high));
    }
    return result;
}

void check_query(Catalogue catalogue, const SearchQuery& query) {
    if (query.since >= query.until)
        refuse("the time window is empty", "--since must lie before --until");
    if (query.until - query.since > kLongestQuery)
        refuse("the time window is longer than 400 days", "search in pieces");
    const bool landsat = catalogue == Catalogue::landsatlook || catalogue == Catalogue::usgs_bucket;
    using Words = std::vector<std::string>;
    check_words(query.sensors, landsat ? Words{"L8", "L9"} : Words{"S2A", "S2B", "S2C"}, "sensor");
    check_words(query.levels, {"L1TP", "L1GT", "L1GS"}, "level");
    check_words(query.tiers, {"RT", "T1", "T2"}, "tier");
    for (const auto& tile : query.tiles) {
        const auto parsed = geo::parse_mgrs_tile(tile);
        if (!parsed || tile.starts_with('T')) refuse(fmt::format("'{}' is no tile", tile));
    }
    check_ranges(query.paths, geo::kWrsPaths, "path");
    check_ranges(query.rows, geo::kWrsRows, "row");
    if (query.bbox) {
        const auto& [west, south, east, north] = *query.bbox;
        if (west < -180 || west > 180 || east < -180 || east > 180 || south < -90 || north > 90 ||
            south >= north || west == east)
            refuse("the box is none", "west,south,east,north in degrees");
    }
    if (!landsat && (!query.paths.empty() || !query.rows.empty()))
        refuse("Sentinel-2 has no paths and rows", "--tile or --bbox");
}

std::set<geo::PathRow> scenes_of(const SearchQuery& query) {
    std::set<geo::PathRow> scenes;
    const auto add = [&](geo::PathRow scene) {
        if (in_ranges(query.paths, scene.path) && in_ranges(query.rows, scene.row))
            scenes.insert(scene);
    };
    for (const auto& tile : query.tiles)
        for (const auto& cover : geo::covering_scenes(*geo::parse_mgrs_tile(tile), geo::Rows::day))
            add(cover.scene);
    if (!query.bbox || !query.tiles.empty()) return scenes;
    for (int path = 1; path <= geo::kWrsPaths; ++path)
        for (int row = 1; row <= geo::kWrsRows; ++row)
            if (geo::is_day_row(row) && boxes_meet(*query.bbox, box_of({path, row})))
                add({path, row});
    return scenes;
}

SearchFilter::SearchFilter(Catalogue catalogue, const SearchQuery& query)
    : catalogue_(catalogue), query_(query) {
    const bool landsat = catalogue == Catalogue::landsatlook || catalogue == Catalogue::usgs_bucket;
    if (landsat && !query.tiles.empty()) scenes_ = scenes_of(query);
}

bool SearchFilter::passes(const GranuleRecord& record) const {
    const bool landsat = record.mission == "LS";
    if (record.mission.empty() || !among(query_.sensors, record.sensor)) return false;
    if (landsat ? !passes_landsat(record) : !among(query_.tiles, record.tile)) return false;
    if (!landsat && record.level != "L1C") return false;
    if (record.cloud && *record.cloud > query_.max_cloud) return false;
    if (query_.bbox && record.bbox && !boxes_meet(*query_.bbox, *record.bbox)) return false;
    return in_time(record) && !too_old(record);
}

bool SearchFilter::passes_landsat(const GranuleRecord& record) const {
    if (!record.id.starts_with("LC") || !among(query_.levels, record.level) ||
        !among(query_.tiers, record.tier))
        return false;
    if (!in_ranges(query_.paths, record.path) || !in_ranges(query_.rows, record.row)) return false;
    return query_.tiles.empty() || scenes_.contains({record.path, record.row});
}

// A listing knows only days, which count as a whole.
bool SearchFilter::in_time(const GranuleRecord& record) const {
    const std::string& text = query_.by_sensing ? record.sensed_at : record.published_at;
    if (!text.empty()) {
        const UtcTime at = parse_utc(text);
        return at >= query_.since && at < query_.until;
    }
    const std::string& day = query_.by_sensing ? record.acq_date : record.produced_at;
    if (catalogue_ != Catalogue::usgs_bucket || day.empty()) return true;
    const UtcTime at = parse_utc(day.substr(0, 10));
    return at + hours{24} > query_.since && at < query_.until;
}

bool SearchFilter::too_old(const GranuleRecord& record) const {
    if (query_.max_age_days <= 0) return false;
    const std::string& out = record.published_at.empty() ? record.produced_at : record.published_at;
    const std::string& sensed = record.sensed_at.empty() ? record.acq_date : record.sensed_at;
    return !out.empty() && !sensed.empty() &&
           parse_utc(out) - parse_utc(sensed) > hours{24 * query_.max_age_days};
}

}  // namespace hls::fetch
