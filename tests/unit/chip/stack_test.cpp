// SPDX-License-Identifier: Apache-2.0
// Chips of several dates: parts of a series, scenes of each part, pixels that went to a file, and
// what tasks and records say of them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "chip/band_spill.hpp"
#include "chip/chip_files.hpp"
#include "chip/scene_finder.hpp"
#include "chip/shipped.hpp"
#include "chip/stack_scenes.hpp"
#include "core/error.hpp"
#include "io/raster.hpp"
#include "servers/server.hpp"

namespace hls::chip {
namespace {

DateRange days(const char* from, const char* to) {
    return {parse_day(from), parse_day(to)};
}

TEST(Series, PartsCoverEveryDayOnce) {
    for (const int dates : {1, 2, 3, 7, 36, 73}) {
        const auto parts = parts_of({days("2023-01-01", "2023-12-31"), dates, 1});
        ASSERT_EQ(parts.size(), static_cast<std::size_t>(dates));
        EXPECT_EQ(format_day(parts.front().best.from), "2023-01-01");
        EXPECT_EQ(format_day(parts.back().best.to), "2023-12-31");
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto length = (parts[i].best.to - parts[i].best.from).count() + 1;
            EXPECT_GE(length, 365 / dates);
            EXPECT_LE(length, 365 / dates + 1);
            EXPECT_EQ(parts[i].best.from, parts[i].fallback.from);
            const auto before = i == 0 ? parse_day("2022-12-31") : parts[i - 1].best.to;
            EXPECT_EQ(parts[i].best.from - before, std::chrono::days(1));
        }
    }
    EXPECT_THROW(parts_of({days("2023-06-01", "2023-06-03"), 4, 1}), Error);
}

TEST(Series, EndsAreDaysOrDaysOfTheHarvestYear) {
    const auto text = [](const DateRange& range) {
        return format_day(range.from) + "/" + format_day(range.to);
    };
    EXPECT_EQ(text(parse_series("03-15", "09-30", 2023)), "2023-03-15/2023-09-30");
    EXPECT_EQ(text(parse_series("10-01", "06-30", 2023)), "2022-10-01/2023-06-30");
    EXPECT_EQ(text(parse_series("2021-10-01", "06-30", 2023)), "2021-10-01/2023-06-30");
    for (const char* bad : {"3-15", "02-30", "spring", ""})
        EXPECT_THROW(parse_series(bad, "09-30", 2023), Error) << bad;
    EXPECT_THROW(parse_series("2023-09-30", "2023-03-15", 2023), Error);
    const auto seasons = season_windows(shipped_seasons(), "shipped", 2023, 40);
    EXPECT_EQ(text(series_of_seasons(seasons)), "2023-03-15/2023-09-15");
}

TEST(BandSpill, GivesBackWhatLiesUnderABox) {
    BandSpill spill;
    BandSpill::Slot slots[2];
    for (const int factor : {1, 2}) {
        BandPatch patch{factor, 10, 20, Plane<std::uint16_t>(30, 40)};
        for (int r = 0; r < 30; ++r)
            for (int c = 0; c < 40; ++c)
                patch.pixels(r, c) = static_cast<std::uint16_t>(factor * 10000 + r * 100 + c);
        slots[factor - 1] = spill.put(patch);
    }
    BandPatch part;
    for (const int factor : {1, 2, 1}) {
        const PixelBox box{11 * factor + 1, 23 * factor, 8, 6};
        spill.get(slots[factor - 1], box, part);
        for (int r = box.row; r < box.row + box.rows; ++r)
            for (int c = box.col; c < box.col + box.cols; ++c)
                ASSERT_EQ(part.at(r, c),
                          factor * 10000 + (r / factor - 20) * 100 + (c / factor - 10));
    }
}

TEST(BandSpill, SaysWhereItCannotWrite) {
    const test::Environment nowhere{"TMPDIR", "/nowhere"};
    BandSpill spill;
    try {
        spill.put({1, 0, 0, Plane<std::uint16_t>(2, 2)});
        FAIL() << "there is no such folder";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::io_error);
    }
}

constexpr int kTilePx = 3660;
const std::vector<std::string> kLayers{"B02", "B03", "B04", "B8A", "B11", "B12", "Fmask"};

// Value of band 0..5 of a scene; scenes differ by `number`.
std::int16_t value_of(int number, std::size_t band, int row, int col) {
    return static_cast<std::int16_t>(1000 * number + 100 * static_cast<int>(band) +
                                     (row + col) % 97);
}

// HLS of tile 30TVK with data in its first 256 pixels. Fmask: `cloudy` columns from the left.
class StackTest : public testing::Test {
 protected:
    void add_scene(int number, const std::string& day, int cloudy) {
        const std::string id = "HLS.S30.T30TVK." + day;
        std::filesystem::create_directories(folder_ / id);
        std::string assets;
        for (std::size_t b = 0; b < kLayers.size(); ++b) {
            const std::string path = (folder_ / id / (kLayers[b] + ".tif")).string();
            if (kLayers[b] == "Fmask")
                write<std::uint8_t>(path, io::PixelType::u8, 255,
                                    [&](int, int c) { return c < cloudy ? 2 : 64; });
            else
                write<std::int16_t>(path, io::PixelType::i16, -9999,
                                    [&](int r, int c) { return value_of(number, b, r, c); });
            assets += (b == 0 ? "" : ",") + std::string("\"") + kLayers[b] + "\":{\"href\":\"" +
                      id + "/" + kLayers[b] + ".tif\"}";
        }
        std::ofstream(folder_ / (id + ".json"))
            << R"({"type":"Feature","id":")" << id
            << R"(","collection":"HLSS30_2.0","bbox":[-4.2,40.5,-2.9,41.5],"geometry":{"type":"Polygon","coordinates":[[[-4.2,40.5],[-2.9,40.5],[-2.9,41.5],[-4.2,41.5],[-4.2,40.5]]]},"properties":{"datetime":")"
            << day << R"(T11:00:00Z","eo:cloud_cover":5},"assets":{)" << assets << "}}";
    }

    template <typename T, typename Value>
    void write(const std::string& path, io::PixelType type, T nodata, Value value) {
        const auto frame = tile_frame(*geo::parse_mgrs_tile("30TVK"), task_.shape);
        io::Layer layer;
        layer.type = type;
        layer.nodata = nodata;
        io::RasterOptions options;
        options.sparse = true;
        io::RasterWriter writer(
            path, {kTilePx, kTilePx, frame.upper_left.x_m, frame.upper_left.y_m, 30, frame.epsg},
            layer, options);
        Plane<T> rows(kTilePx, kTilePx, nodata);
        for (int r = 0; r < 256; ++r)
            for (int c = 0; c < 256; ++c) rows(r, c) = static_cast<T>(value(r, c));
        writer.write_rows(0, std::as_const(rows).view());
        writer.close();
    }

    // The stack of a window, with `kept_bytes` of bands in memory.
    std::optional<ChipStack> cut(const Series& series, int col, std::size_t kept_bytes,
                                 std::string& rejected) {
        NetTally tally;
        const auto found = find_in_folder(folder_.path(), {})(task_);
        SceneStore store({task_, table_, OffsetChoice::automatic, {access_, tally, 1}, kept_bytes},
                         found.items, {0, 0, 256, 256});
        StackScenes scenes(store, parts_of(series), series.least_dates);
        const ChipWindow window{*geo::parse_mgrs_tile("30TVK"), col, 32};
        // Twice: the second time the first scenes were put away.
        (void)scenes.cut(window, rejected);
        auto stack = scenes.cut(window, rejected);
        if (stack)
            for (auto& of_date : *stack)
                if (of_date) of_date->stored = nullptr;
        return stack;
    }

    void SetUp() override {
        task_.cell.tile = "30TVK";
        task_.imagery.profile = "hls-6";
        task_.imagery.collections = {"HLSS30_2.0"};
        task_.shape = {64, 30, 2, true};
    }

    test::TemporaryFolder folder_;
    ImageryTable table_ = parse_imagery_table(shipped_imagery(), "imagery.json");
    ImageryAccess access_{table_};
    Task task_;
};

TEST_F(StackTest, EachPartGivesItsBestSceneAndFilesGiveBackThePixels) {
    add_scene(1, "2023-04-10", 0);
    add_scene(2, "2023-05-20", 128);  // clouds over the first 128 columns
    add_scene(3, "2023-06-10", 0);    // of the same part, farther from its middle
    add_scene(4, "2023-08-15", 256);  // all clouds
    const Series series{days("2023-04-01", "2023-08-31"), 3, 2};  // 51 days each
    for (const std::size_t kept : {std::size_t{1} << 30, std::size_t{0}}) {
        std::string rejected;
        const auto clouded = cut(series, 20, kept, rejected);
        ASSERT_TRUE(clouded);
        EXPECT_EQ((*clouded)[0]->scene.id, "HLS.S30.T30TVK.2023-04-10");
        EXPECT_EQ((*clouded)[1]->scene.id, "HLS.S30.T30TVK.2023-06-10");
        EXPECT_FALSE((*clouded)[2]);
        for (std::size_t b = 0; b < 6; ++b)
            for (int r = 0; r < 64; ++r)
                for (int c = 0; c < 64; ++c) {
                    ASSERT_EQ((*clouded)[0]->bands[b](r, c), value_of(1, b, 32 + r, 20 + c));
                    ASSERT_EQ((*clouded)[1]->bands[b](r, c), value_of(3, b, 32 + r, 20 + c));
                }
    }
    std::string rejected;
    EXPECT_FALSE(cut({series.days, 3, 3}, 20, 0, rejected));
    EXPECT_EQ(rejected, "dates");
    EXPECT_FALSE(cut({days("2023-08-01", "2023-08-31"), 2, 1}, 20, 0, rejected));
    EXPECT_EQ(rejected, "dates") << "no scene in one part, clouds in the other";
    EXPECT_FALSE(cut({days("2023-08-10", "2023-08-20"), 1, 1}, 20, 0, rejected));
    EXPECT_EQ(rejected, "cloud");
}

ChipRecord record_of(const std::vector<const char*>& scenes) {
    ChipRecord record;
    record.klass = 5;
    record.tile = "30TVK";
    record.key =
        "fields\x1f"
        "7";
    record.parcel_id = "7";
    record.split = "train";
    record.size_px = 64;
    record.bands = {"red", "nir"};
    for (const char* day : scenes) {
        auto& date = record.dates.emplace_back();
        if (scenes.size() > 1) {
            date.from = "2023-04-01";
            date.to = "2023-05-01";
        }
        if (*day == '\0') continue;
        date.scene = SceneUse{"series", std::string("S2_") + day,
                              "c",      std::string(day) + "T11:00:00Z",
                              {},       99,
                              0,        "none",
                              {}};
        date.valid_fraction = 0.9;
        date.clamped_px = 3;
    }
    return record;
}

TEST(StackRecord, IsReadAsItWasWritten) {
    for (const auto& scenes : {std::vector{"2023-04-20"}, {"2023-04-20", "", "2023-08-01"}}) {
        const ChipRecord record = record_of(scenes);
        const std::string line = format_chip_record(record);
        const ChipRecord again = parse_chip_record(line);
        EXPECT_EQ(format_chip_record(again), line);
        EXPECT_EQ(again.dates.size(), scenes.size());
        EXPECT_EQ(again.is_stack(), scenes.size() > 1);
    }
    const ChipRecord stack = record_of({"2023-04-20", "", "2023-08-01"});
    EXPECT_NEAR(stack.valid_fraction(), 0.6, 1e-12);
    EXPECT_EQ(stack.clamped_px(), 6);
    EXPECT_EQ(stack.scenes().size(), 2U);
    EXPECT_THROW(parse_chip_record(format_chip_record(record_of({"", ""}))), Error);
}

TEST(StackRecord, NamesFollowFromAllDates) {
    const std::string whole = chip_name(record_of({"2023-04-20", "2023-06-11", "2023-08-01"}));
    EXPECT_EQ(whole.substr(0, 29), "c5_30TVK_20230420-20230801_7_");
    const std::string hole = chip_name(record_of({"2023-04-20", "", "2023-08-01"}));
    const std::string two = chip_name(record_of({"2023-04-20", "2023-08-01"}));
    EXPECT_NE(hole, whole);
    EXPECT_NE(hole, two);
    EXPECT_EQ(hole.substr(0, 28), two.substr(0, 28));
    // The name of a chip of one date says what it always said.
    EXPECT_EQ(chip_name(record_of({"2023-04-20"})).substr(0, 20), "c5_30TVK_20230420_7_");
}

}  // namespace
}  // namespace hls::chip
