// SPDX-License-Identifier: Apache-2.0
// Which file fills which slot: labels, the rules of winning, and whole plans over real files.
#include "zarr/slot_plan.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "core/error.hpp"
#include "io/raster.hpp"
#include "temporary_folder.hpp"

namespace hls::zarr {
namespace {

constexpr const char* kConfig = R"({
  "collection": "c", "store": "c.zarr", "source": "objects",
  "match": [{"regex": "^(?<time>\\d{8})_v(?<revision>\\d)\\.tif$", "time_format": "%Y%m%d"}],
  "slot_winner": ["capture:revision", "key"],
  "dims": {"time": {"append": true, "axis": "daily", "origin": "2024-01-01"},
           "y": {"chunk": 4}, "x": {"chunk": 4}},
  "variables": {"a": {"dtype": "int16", "fill": -1}}
})";

Candidate candidate(const std::string& key, const std::string& revision = "1") {
    Candidate made;
    made.key = key;
    made.captures["revision"] = revision;
    return made;
}

TEST(Slots, LabelsSortAsTimesDo) {
    Collection collection = parse_collection(kConfig, "c");
    const auto label = [&](const char* time, std::int64_t record = 0) {
        return slot_label(collection, parse_utc(time), {{"revision", "7"}}, record);
    };
    EXPECT_EQ(label("2024-01-01T23:59:59Z"), daily_label(0));
    EXPECT_EQ(label("2024-03-01"), daily_label(60));
    EXPECT_EQ(daily_row_of(label("2124-01-01")), 36524u);
    EXPECT_LT(label("2024-01-09"), label("2024-01-10"));
    EXPECT_THROW(label("2023-12-31T23:59:59Z"), Error);  // before the axis
    collection.axis.kind = AxisKind::irregular;
    EXPECT_LT(label("1950-01-01"), label("1969-12-31T23:59:59.999999Z"));
    EXPECT_LT(label("1969-12-31T23:59:59.999999Z"), label("1970-01-01"));
    EXPECT_LT(label("1999-12-31"), label("2000-01-01"));
    EXPECT_EQ(label("2000-01-01", 1), label("2000-01-01", 2));
    collection.axis.slot = {"time", "record", "revision"};
    EXPECT_LT(label("2000-01-01", 9), label("2000-01-01", 10));
    EXPECT_TRUE(label("2000-01-01").ends_with("|7"));
}

TEST(Slots, WinnersDoNotDependOnArrival) {
    const std::vector<std::string> rules{"production_time", "sequencer", "last_modified",
                                         "capture:revision"};
    Candidate a = candidate("a");
    Candidate b = candidate("b");
    EXPECT_TRUE(beats(b, a, rules));  // the key, when nothing else tells
    EXPECT_FALSE(beats(a, a, rules));
    a.captures["revision"] = "2";
    EXPECT_TRUE(beats(a, b, rules));
    b.modified = parse_utc("2024-01-02");
    EXPECT_TRUE(beats(b, a, rules));
    a.sequencer = "0A";
    b.sequencer = "9";
    EXPECT_TRUE(beats(a, b, rules));
    b.production = parse_utc("2020-01-01");
    EXPECT_TRUE(beats(b, a, rules));  // one that says when it was made beats one that does not
    a.production = parse_utc("2020-01-02");
    EXPECT_TRUE(beats(a, b, rules));
    EXPECT_FALSE(beats(b, a, rules));
}

class SlotPlanTest : public testing::Test {
 protected:
    SlotPlanTest() {
        std::filesystem::create_directory(folder_ / "objects");
        write("20240101_v1.tif", 0);
        Collection collection = parse_collection(kConfig, "c");
        collection.store = (folder_ / "c.zarr").string();
        collection.source = (folder_ / "objects").string();
        store_ = std::make_unique<CollectionStore>(collection, CollectionStore::Mode::create);
        writer_ = std::make_unique<Writer>(store_->state(), "test");
        create_store(*store_, *writer_, *open_source(path("20240101_v1.tif")));
    }

    std::string path(const std::string& key) const { return (folder_ / "objects/").string() + key; }
    void write(const std::string& key, std::int16_t value) {
        std::filesystem::remove(path(key));
        Plane<std::int16_t> pixels(4, 6, value);
        io::Layer layer;
        layer.type = io::PixelType::i16;
        layer.nodata = -1;
        io::RasterWriter file(path(key), {4, 6, 500000, 4200000, 30, 32610}, layer);
        file.write_rows<std::int16_t>(0, std::as_const(pixels).view());
        file.close();
    }

    SlotPlan plan(const std::vector<std::pair<std::string, Intent>>& work) {
        std::vector<WorkItem> items;
        for (const auto& [key, intent] : work) items.push_back({key, "", intent, std::nullopt});
        return SlotPlan(*store_, std::move(items));
    }
    // Decides, writes what was decided, and says what became of the files.
    std::vector<Outcome> apply(const std::vector<std::pair<std::string, Intent>>& work) {
        SlotPlan decided = plan(work);
        decided.find_slots();
        decided.decide();
        const auto reports = apply_batch(*store_, *writer_, items_of(work), {}).items;
        std::vector<Outcome> outcomes;
        const auto expected = decided.results();
        for (std::size_t i = 0; i < reports.size(); ++i) {
            outcomes.push_back(reports[i].outcome);
            EXPECT_EQ(reports[i].outcome, expected[i].outcome);
        }
        return outcomes;
    }
    static std::vector<WorkItem> items_of(const std::vector<std::pair<std::string, Intent>>& work) {
        std::vector<WorkItem> items;
        for (const auto& [key, intent] : work) items.push_back({key, "", intent, std::nullopt});
        return items;
    }
    std::string holder(std::uint64_t row) {
        const auto held = SlotTable(store_->state()).held(daily_label(row), "a");
        return held ? held->key : "";
    }

    TemporaryFolder folder_;
    std::unique_ptr<CollectionStore> store_;
    std::unique_ptr<Writer> writer_;
};

TEST_F(SlotPlanTest, TheBestFileHoldsTheSlotAndTheNextOneFollows) {
    write("20240105_v1.tif", 1);
    write("20240105_v2.tif", 2);
    const auto update = [&](const char* key) {
        return std::pair<std::string, Intent>(key, Intent::update);
    };
    EXPECT_EQ(apply({update("20240105_v2.tif")}), std::vector{Outcome::written});
    EXPECT_EQ(apply({update("20240105_v1.tif")}), std::vector{Outcome::outranked});
    EXPECT_EQ(holder(4), "20240105_v2.tif");
    EXPECT_EQ(apply({update("20240105_v2.tif")}), std::vector{Outcome::unchanged});
    std::filesystem::remove(path("20240105_v2.tif"));
    EXPECT_EQ(apply({{"20240105_v2.tif", Intent::event}}), std::vector{Outcome::replaced});
    EXPECT_EQ(holder(4), "20240105_v1.tif");
    EXPECT_EQ(apply({{"20240105_v1.tif", Intent::clear}}), std::vector{Outcome::cleared});
    EXPECT_EQ(holder(4), "");
    EXPECT_EQ(apply({{"20240105_v1.tif", Intent::clear}}), std::vector{Outcome::ignored});
}

// The runner-up is gone as well, and nobody said so.
TEST_F(SlotPlanTest, ARunnerUpThatIsGoneIsPassedOver) {
    for (const char* key : {"20240105_v1.tif", "20240105_v2.tif", "20240105_v3.tif"}) {
        write(key, 1);
        apply({{key, Intent::update}});
    }
    std::filesystem::remove(path("20240105_v2.tif"));
    std::filesystem::remove(path("20240105_v3.tif"));
    EXPECT_EQ(apply({{"20240105_v3.tif", Intent::event}}), std::vector{Outcome::replaced});
    EXPECT_EQ(holder(4), "20240105_v1.tif");
}

TEST_F(SlotPlanTest, SeveralFilesOfASlotInOneBatch) {
    write("20240105_v1.tif", 1);
    write("20240105_v2.tif", 2);
    write("20240106_v1.tif", 3);
    EXPECT_EQ(
        apply({{"20240105_v1.tif", Intent::event},
               {"20240106_v1.tif", Intent::event},
               {"20240105_v2.tif", Intent::event},
               {"20240107_v1.tif", Intent::event}}),
        (std::vector{Outcome::outranked, Outcome::written, Outcome::written, Outcome::ignored}));
    EXPECT_EQ(holder(4), "20240105_v2.tif");
    EXPECT_EQ(holder(5), "20240106_v1.tif");
}

TEST_F(SlotPlanTest, AppendWantsAFreeSlot) {
    write("20240105_v1.tif", 1);
    write("20240105_v2.tif", 2);
    EXPECT_EQ(apply({{"20240105_v1.tif", Intent::append}}), std::vector{Outcome::written});
    const auto report =
        apply_batch(*store_, *writer_, items_of({{"20240105_v2.tif", Intent::append}}), {});
    EXPECT_EQ(report.items[0].outcome, Outcome::rejected);
    EXPECT_EQ(report.items[0].problem->code, Exit::cannot_create);
    EXPECT_EQ(holder(4), "20240105_v1.tif");
}

TEST_F(SlotPlanTest, AFileThatChangesWhileItIsReadIsTakenUpAgain) {
    write("20240105_v1.tif", 1);
    SlotPlan reading = plan({{"20240105_v1.tif", Intent::update}});
    reading.find_slots();
    reading.decide();
    EXPECT_NO_THROW(reading.require_unchanged_files());
    write("20240105_v1.tif", 2);
    try {
        reading.require_unchanged_files();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::temporary);
    }
}

TEST_F(SlotPlanTest, FilesThatCannotBeUsedAreRejectedOneByOne) {
    write("20240105_v1.tif", 1);
    std::filesystem::copy(path("20240105_v1.tif"), path("20240106_v1.tif"));
    std::filesystem::resize_file(path("20240106_v1.tif"), 60);
    const auto report = apply_batch(*store_, *writer_,
                                    items_of({{"20240106_v1.tif", Intent::event},
                                              {"20231231_v1.tif", Intent::event},
                                              {"20240105_v1.tif", Intent::event},
                                              {"elsewhere.tif", Intent::update}}),
                                    {});
    ASSERT_EQ(report.items.size(), 4u);
    EXPECT_EQ(report.items[0].problem->code, Exit::bad_input);
    EXPECT_EQ(report.items[1].problem->code, Exit::bad_input);
    EXPECT_EQ(report.items[2].outcome, Outcome::written);
    EXPECT_EQ(report.items[3].problem->code, Exit::usage);
}

}  // namespace
}  // namespace hls::zarr
