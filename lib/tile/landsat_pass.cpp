// SPDX-License-Identifier: Apache-2.0
#include "tile/landsat_pass.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"

namespace hls::tile {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;

// A day side pass is 20 minutes of 124 rows; a tile needs a few neighbours of them.
constexpr minutes kLongestPass{10};
// Between the centres of neighbouring rows by day, 23.87 to 23.89 s in published products.
constexpr microseconds kRowInterval{23'880'000};
constexpr int kPaths = 233;
constexpr int kRows = 248;

constexpr std::string_view kRowsHint = "give rows as in 067,068 or 003067,003068";

int parse_part(std::string_view text, int highest, std::string_view whole) {
    const auto value = to_int(text).value_or(0);
    if (value < 1 || value > highest)
        throw Error{Exit::usage, fmt::format("{} is not a list of WRS-2 rows", whole),
                    std::string(kRowsHint)};
    return static_cast<int>(value);
}

void add_row(std::string_view row, std::string_view whole, IntendedRows& intended) {
    constexpr std::size_t kPathDigits = 3;
    if (row.size() == 2 * kPathDigits) {
        const int path = parse_part(row.substr(0, kPathDigits), kPaths, whole);
        if (intended.path && *intended.path != path)
            throw Error{Exit::usage, fmt::format("{}: rows of two paths", whole),
                        std::string(kRowsHint)};
        intended.path = path;
        row.remove_prefix(kPathDigits);
    }
    intended.rows.push_back(parse_part(row, kRows, whole));
}

void require_one_pass(const std::vector<scene::AcScene>& scenes) {
    const std::string hint = "give the scenes of one path and day";
    const scene::AcScene& first = scenes.front();
    for (const scene::AcScene& other : scenes) {
        if (other.wrs_path != first.wrs_path)
            throw Error{Exit::bad_input,
                        fmt::format("{} is of path {}, {} of path {}", other.product_id,
                                    other.wrs_path, first.product_id, first.wrs_path),
                        hint};
        if (std::chrono::abs(other.sensing_time - first.sensing_time) > kLongestPass)
            throw Error{Exit::bad_input,
                        fmt::format("{} was sensed at {}, {} at {}", other.product_id,
                                    format_utc(other.sensing_time), first.product_id,
                                    format_utc(first.sensing_time)),
                        hint};
    }
}

void require_different_rows(const std::vector<scene::AcScene>& ordered) {
    for (std::size_t i = 1; i < ordered.size(); ++i)
        if (ordered[i].wrs_row == ordered[i - 1].wrs_row)
            throw Error{Exit::bad_input,
                        fmt::format("{} and {} are both of row {}", ordered[i - 1].product_id,
                                    ordered[i].product_id, ordered[i].wrs_row),
                        "give one scene of each row"};
}

void require_intended(const std::vector<scene::AcScene>& scenes, const IntendedRows& intended) {
    for (const scene::AcScene& scene : scenes) {
        if (intended.path && scene.wrs_path != *intended.path)
            throw Error{Exit::bad_input, fmt::format("{} is of path {}, not {}", scene.product_id,
                                                     scene.wrs_path, *intended.path)};
        if (!intended.rows.empty() &&
            std::ranges::find(intended.rows, scene.wrs_row) == intended.rows.end())
            throw Error{Exit::usage, fmt::format("row {} of {} is not among --rows", scene.wrs_row,
                                                 scene.product_id)};
    }
}

void name_after_first_row(LandsatPass& pass, const IntendedRows& intended) {
    const scene::AcScene& northernmost = pass.scenes.front();
    pass.granule_time = northernmost.sensing_time;
    if (intended.rows.empty()) return;
    // Also where the first row is there: a time that was estimated for an earlier, partial product
    // may differ by a second, and the complete one takes over its name.
    if (intended.first_time) {
        pass.granule_time = *intended.first_time;
        return;
    }
    const int first = std::ranges::min(intended.rows);
    if (first == northernmost.wrs_row) return;
    pass.granule_time -= (northernmost.wrs_row - first) * kRowInterval;
    pass.time_estimated = true;
    log_info("sensing time of row {} estimated from {}", first, northernmost.product_id);
}

void leave_out_low_sun(std::vector<scene::AcScene>& scenes) {
    const auto low = [](const scene::AcScene& scene) {
        return 90 - scene.sun_elevation_deg > kHighestSunZenith;
    };
    if (std::ranges::all_of(scenes, low))
        throw Error{Exit::low_sun,
                    fmt::format("{}: the sun stands {:.1f} deg high, less than {} deg",
                                scenes.front().product_id, scenes.front().sun_elevation_deg,
                                90 - kHighestSunZenith)};
    std::erase_if(scenes, low);
}

}  // namespace

IntendedRows parse_intended_rows(std::string_view rows, std::string_view first_time) {
    IntendedRows intended;
    if (!rows.empty())
        for (const std::string_view item : split(rows, ',')) add_row(trim(item), rows, intended);
    if (first_time.empty()) return intended;
    try {
        intended.first_time = parse_utc(first_time);
    } catch (const Error& error) {
        throw Error{Exit::usage, error.message, "give a time as in 2020-08-26T14:45:56"};
    }
    return intended;
}

LandsatPass make_landsat_pass(std::vector<scene::AcScene> scenes, const IntendedRows& intended) {
    if (scenes.empty()) throw Error{Exit::usage, "no scene given"};
    require_one_pass(scenes);
    require_intended(scenes, intended);
    LandsatPass pass;
    pass.scenes = std::move(scenes);
    std::ranges::stable_sort(pass.scenes, {}, &scene::AcScene::wrs_row);
    require_different_rows(pass.scenes);
    name_after_first_row(pass, intended);
    leave_out_low_sun(pass.scenes);
    return pass;
}

}  // namespace hls::tile
