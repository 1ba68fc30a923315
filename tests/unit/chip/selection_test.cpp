// SPDX-License-Identifier: Apache-2.0
// What decides which fields become chips, and where.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "chip/boa_offset.hpp"
#include "chip/burn.hpp"
#include "chip/class_map.hpp"
#include "chip/draw.hpp"
#include "chip/season.hpp"
#include "chip/shipped.hpp"
#include "chip/split.hpp"
#include "chip/thinning.hpp"
#include "chip/window.hpp"
#include "core/error.hpp"

namespace hls::chip {
namespace {

TEST(Draw, SameOnEveryMachine) {
    // Computed with an independent implementation of the definition.
    EXPECT_DOUBLE_EQ(draw(42,
                          "fields\x1f"
                          "1"),
                     0.6477995866713854);
    EXPECT_DOUBLE_EQ(draw(0, ""), 0.48368956501667804);
    EXPECT_NE(draw(42, "a"), draw(43, "a"));
}

TEST(Draw, IsUniform) {
    std::array<int, 10> bins{};
    constexpr int kCount = 200000;
    double sum = 0;
    for (int i = 0; i < kCount; ++i) {
        const double u = draw(42, "es_2023\x1f" + std::to_string(i));
        ASSERT_GE(u, 0);
        ASSERT_LT(u, 1);
        ++bins[static_cast<std::size_t>(u * 10)];
        sum += u;
    }
    EXPECT_NEAR(sum / kCount, .5, .002);
    for (const int bin : bins) EXPECT_NEAR(bin, kCount / 10, 500);
}

TEST(ClassMap, CodesInEveryDisguise) {
    EXPECT_EQ(normal_code(" 3301010100.0 "), "3301010100");
    EXPECT_EQ(normal_code("3301010100"), "3301010100");
    for (const char* bad : {"", "33010101", "3301010100.5", "33010101AB", "3.30101e9"})
        EXPECT_FALSE(normal_code(bad)) << bad;
}

TEST(ClassMap, ShippedMapsKnowTheirCodes) {
    const ClassMap strict = parse_class_map(shipped_class_map(), "strict");
    const ClassMap lenient = parse_class_map(shipped_lenient_class_map(), "lenient");
    EXPECT_EQ(strict.by_code.size(), 396U);
    EXPECT_EQ(strict.find("3301010403", ""), 0);  // summer barley is no winter cereal
    EXPECT_EQ(lenient.find("3301010403", ""), 5);
    EXPECT_EQ(strict.find("", "almond"), 4);
    EXPECT_FALSE(strict.find("3301010777", "no such crop"));
    EXPECT_EQ(strict.find_climbing("3303019977", ""), 3);
}

TEST(Window, LiesInTheTileThatHoldsItBest) {
    const ChipShape shape;
    // Near the north-western corner of 30TVK, which its neighbours overlap.
    const auto frame = tile_frame(*geo::parse_mgrs_tile("30TVK"), shape);
    for (const double x : {500., 3000., 50000., 109000.})
        for (const double y : {500., 9000., 50000., 109000.}) {
            const auto place =
                frame.utm.inverse({frame.upper_left.x_m + x, frame.upper_left.y_m - y});
            const auto window = place_window(place, shape);
            ASSERT_TRUE(window);
            EXPECT_GE(window->col, 0);
            EXPECT_GE(window->row, 0);
            EXPECT_LE(window->col + shape.size_px, shape.tile_px());
            EXPECT_LE(window->row + shape.size_px, shape.tile_px());
            EXPECT_EQ(window->col % 2, 0);
            EXPECT_EQ(window->row % 2, 0);
            const auto own = tile_frame(window->tile, shape);
            const auto point = own.utm.forward(place);
            const double col = (point.x_m - own.upper_left.x_m) / 10 - window->col;
            EXPECT_NEAR(col, shape.size_px / 2., 2.01);
        }
}

TEST(Window, SouthernTilesHaveTheirFalseNorthing) {
    const auto window = place_window({-58.4, -34.6}, ChipShape{});
    ASSERT_TRUE(window);
    EXPECT_EQ(window->tile.id(), "21HUB");
    EXPECT_EQ(tile_frame(window->tile, ChipShape{}).epsg, 32721);
    ChipShape hls;
    hls.pixel_m = 30;
    hls.signed_northing = true;
    EXPECT_EQ(tile_frame(window->tile, hls).epsg, 32621);
}

TEST(Burn, NeighboursShareNoPixelAndLeaveNone) {
    // Two polygons with a slanted common edge fill their hull exactly once.
    const std::vector<PixelRing> left{{{0, 0}, {5.3, 0}, {9.1, 20}, {0, 20}}};
    const std::vector<PixelRing> right{{{5.3, 0}, {20, 0}, {20, 20}, {9.1, 20}}};
    std::vector<int> count(400);
    for (const auto& polygon : {left, right})
        scan_polygon(polygon, 0, 20, 20, [&](int row, int from, int to) {
            for (int c = from; c < to; ++c) ++count[static_cast<std::size_t>(row * 20 + c)];
        });
    EXPECT_TRUE(std::ranges::all_of(count, [](int n) { return n == 1; }));
}

TEST(Burn, AreaWithinARingOfPixels) {
    std::vector<PixelRing> ring{{}, {}};
    for (int i = 0; i < 360; ++i) {
        const double a = i * std::numbers::pi / 180;
        ring[0].push_back({60 + 41.7 * std::cos(a), 55.2 + 37.9 * std::sin(a)});
        ring[1].push_back({60 + 10.1 * std::cos(-a), 55.2 + 9.3 * std::sin(-a)});
    }
    double pixels = 0;
    scan_polygon(ring, 0, 120, 120, [&](int, int from, int to) { pixels += to - from; });
    const double perimeter = 2 * std::numbers::pi * (39.8 + 9.7);
    EXPECT_NEAR(pixels, polygon_area(ring), perimeter / 2);
    EXPECT_NEAR(pixels, polygon_area(ring), .01 * polygon_area(ring));
    EXPECT_NEAR(polygon_area(ring), std::numbers::pi * (41.7 * 37.9 - 10.1 * 9.3), 1);
}

TEST(Split, ProjectionOfTheEuropeanGrid) {
    // Values of PROJ for EPSG:3035.
    const auto madrid = europe_laea({-3.7, 40.4});
    EXPECT_NEAR(madrid.x_m, 3159401.69662732, .01);
    EXPECT_NEAR(madrid.y_m, 2027957.63240773, .01);
    const auto origin = europe_laea({10, 52});
    EXPECT_NEAR(origin.x_m, 4321000, 1e-6);
    EXPECT_NEAR(origin.y_m, 3210000, 1e-6);
}

TEST(Split, SharesAndText) {
    const SplitRule rule = parse_split("block:5000 0.6,0.2,0.2");
    EXPECT_EQ(format_split(rule), "block:5000 0.6,0.2,0.2");
    std::map<std::string_view, int> counts;
    for (int r = 0; r < 100; ++r)
        for (int c = 0; c < 100; ++c) ++counts[split_of({c * .1, 40 + r * .1}, rule, 7)];
    EXPECT_NEAR(counts["train"], 6000, 200);
    EXPECT_NEAR(counts["val"], 2000, 200);
    for (const char* bad : {"block", "block:0", "block:10 .5,.5", "block:10 .5,.5,.5"})
        EXPECT_THROW(parse_split(bad), Error) << bad;
}

TEST(Season, WindowsMoveNorthAndWrapTheYear) {
    const auto south = season_windows(shipped_seasons(), "shipped", 2023, 40);
    const auto north = season_windows(shipped_seasons(), "shipped", 2023, 49);
    const auto cereals = [](const std::vector<SeasonWindow>& windows) {
        return *std::ranges::find(windows, "cereals", &SeasonWindow::name);
    };
    EXPECT_EQ(format_day(cereals(south).best.from), "2023-03-15");
    EXPECT_EQ(format_day(cereals(north).best.from), "2023-04-04");  // 10 days for 4 degrees
    const auto winter = season_windows(
        R"({"reference_latitude_deg":41,"shift_days_per_deg":0,"groups":{"winter":{"classes":[1],"from":"11-15","to":"02-10","fallback":["10-15","03-10"]}}})",
        "test", 2023, 40);
    EXPECT_EQ(format_day(winter[0].best.from), "2022-11-15");
    EXPECT_EQ(format_day(winter[0].best.to), "2023-02-10");
    EXPECT_THROW(season_windows("{}", "test", 2023, 40), Error);
}

// All rows of the offset rules.
TEST(BoaOffset, EveryRule) {
    const auto pixels = [](double value) { return [value] { return std::optional(value); }; };
    const auto never = []() -> std::optional<double> {
        ADD_FAILURE() << "the pixels were asked";
        return std::nullopt;
    };
    constexpr auto baseline = OffsetRule::baseline, flag_and_pixels = OffsetRule::flag_and_pixels;
    using enum OffsetChoice;
    const auto new_one = parse_baseline("05.09"), old_one = parse_baseline("03.01");
    EXPECT_EQ(boa_offset({automatic, baseline, new_one, {}}, never).offset, -1000);
    EXPECT_EQ(boa_offset({automatic, baseline, old_one, {}}, never).offset, 0);
    EXPECT_FALSE(boa_offset({automatic, baseline, {}, {}}, never).offset);
    EXPECT_EQ(boa_offset({automatic, flag_and_pixels, old_one, {}}, never).offset, 0);
    EXPECT_EQ(boa_offset({automatic, flag_and_pixels, new_one, true}, never).offset, 0);
    EXPECT_EQ(boa_offset({automatic, flag_and_pixels, new_one, false}, pixels(1100)).offset, -1000);
    EXPECT_EQ(boa_offset({automatic, flag_and_pixels, new_one, false}, pixels(120)).offset, 0);
    EXPECT_FALSE(boa_offset({automatic, flag_and_pixels, new_one, {}}, pixels(650)).offset);
    EXPECT_EQ(boa_offset({automatic, flag_and_pixels, new_one, {}}, pixels(800)).offset, -1000);
    EXPECT_EQ(boa_offset({trust_flag, flag_and_pixels, new_one, false}, never).offset, -1000);
    EXPECT_EQ(boa_offset({OffsetChoice::none, baseline, new_one, {}}, never).offset, 0);
    EXPECT_EQ(boa_offset({minus_1000, baseline, old_one, {}}, never).offset, -1000);
    EXPECT_EQ(boa_offset({automatic, OffsetRule::none, {}, {}}, never).offset, 0);
    EXPECT_LT(*parse_baseline("04.00"), *parse_baseline("10.00"));
    EXPECT_FALSE(parse_baseline("4"));
}

TEST(Thinning, KeepsWhatOverlapsLittle) {
    const auto tile = *geo::parse_mgrs_tile("30TVK");
    Thinning thinning(256, .5);
    EXPECT_TRUE(thinning.keep({tile, 1000, 1000}));
    EXPECT_FALSE(thinning.keep({tile, 1050, 1000}));
    EXPECT_TRUE(thinning.keep({tile, 1090, 1000}));
    EXPECT_TRUE(thinning.keep({*geo::parse_mgrs_tile("30TUK"), 1000, 1000}));
    EXPECT_NEAR(overlap({tile, 0, 0}, {tile, 128, 0}, 256), 1. / 3, 1e-12);
}

}  // namespace
}  // namespace hls::chip
