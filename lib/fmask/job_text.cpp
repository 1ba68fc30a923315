// SPDX-License-Identifier: Apache-2.0
#include "fmask/job_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::fmask {
namespace {

constexpr int kWidestBuffer = 100;

[[noreturn]] void fail(std::string message, std::string hint) {
    throw Error{Exit::usage, std::move(message), std::move(hint)};
}

std::pair<int, int> parse_buffers(std::string_view text) {
    const auto words = split(text, ',');
    const auto pixels = [&](std::size_t i) {
        const auto value = words.size() == 2 ? to_int(words[i]).value_or(-1) : -1;
        if (value < 0 || value > kWidestBuffer)
            fail(fmt::format("not a pair of buffers: '{}'", text),
                 fmt::format("pixels around cloud and shadow, 0 to {}, as in --buffer 3,3",
                             kWidestBuffer));
        return static_cast<int>(value);
    };
    return {pixels(0), pixels(1)};
}

ShadowDepth parse_depth(std::string_view text) {
    const auto words = split(text, ':');
    const bool known = words.size() == 2 && (words[0] == "abs" || words[0] == "rel");
    const double value = known ? to_double(words[1]).value_or(0) : 0;
    if (value <= 0 || value >= 1)
        fail(fmt::format("not a depth of shadow: '{}'", text),
             "abs:REFLECTANCE or rel:SHARE, as in abs:0.02");
    return {words[0] == "rel", value};
}

std::vector<std::string> parse_accepted(std::string_view text) {
    constexpr std::array kKnown{"L1TP", "L1GT", "L1GS", "T1", "T2", "RT"};
    std::vector<std::string> words;
    if (text.empty()) return words;
    for (const auto word : split(text, ',')) {
        if (std::find(kKnown.begin(), kKnown.end(), word) == kKnown.end())
            fail(fmt::format("not a level or category: '{}'", word), "as in L1GT,T2");
        words.emplace_back(word);
    }
    return words;
}

Without parse_without(std::string_view text) {
    Without without;
    if (text.empty()) return without;
    for (const auto word : split(text, ',')) {
        if (word == "thermal")
            without.thermal = true;
        else if (word == "cirrus")
            without.cirrus = true;
        else if (word == "angles")
            without.angles = true;
        else if (word == "parallax")
            without.parallax = true;
        else
            fail(fmt::format("--without knows no '{}'", word),
                 "thermal, cirrus, angles and parallax, with commas");
    }
    return without;
}

void check_range(const std::optional<double>& value, double low, double high,
                 std::string_view option) {
    const double given = value.value_or(low);
    if (!(given >= low && given <= high))
        fail(fmt::format("{} must be from {} to {}, not {}", option, low, high, given), "");
}

}  // namespace

void apply_text(const MaskJobText& text, MaskJob& job) {
    if (!text.buffer.empty()) job.rules.buffers = parse_buffers(text.buffer);
    if (!text.shadow_depth.empty()) job.rules.depth = parse_depth(text.shadow_depth);
    if (text.match == "first") job.rules.match = MatchRule::first;
    if (text.match == "best") job.rules.match = MatchRule::best;
    if (text.match == "likely") job.rules.match = MatchRule::likely;
    job.options.accept = parse_accepted(text.accept);
    job.options.without = parse_without(text.without);
    check_range(job.options.angles.sun_zenith, 0, 90, "--sun-zenith");
    check_range(job.options.angles.sun_azimuth, -360, 360, "--sun-azimuth");
    check_range(job.options.angles.view_zenith, 0, 60, "--view-zenith");
    check_range(job.options.angles.view_azimuth, -360, 360, "--view-azimuth");
    check_range(job.rules.probability_offset, -1, 1, "--prob");
    check_range(job.rules.water_threshold, 0, 5, "--water-prob");
    make_profile(job.profile, Sensor::landsat);
}

}  // namespace hls::fmask
