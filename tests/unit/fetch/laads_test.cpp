// SPDX-License-Identifier: Apache-2.0
// What LAADS lists, which of it is wanted, and the records of days.
#include "fetch/laads.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "core/error.hpp"
#include "fetch/day_sync.hpp"

namespace hls::fetch {
namespace {

using namespace std::chrono;
namespace stdfs = std::filesystem;

const Date kDay = 2024y / 3 / 7;

Exit code_of(const std::string& listing) {
    try {
        newest_of_listing(listing, "VJ104ANC", kDay);
        return Exit::ok;
    } catch (const Error& error) {
        return error.code;
    }
}

TEST(LaadsName, OnlyWhatTheKitUses) {
    const auto name = parse_laads_name("VJ104ANC.A2024067.002.2024068120000.h5");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->date, kDay);
    EXPECT_EQ(name->version, "002.2024068120000");
    EXPECT_EQ(day_text(kDay), "2024067");
    for (const char* bad :
         {"VJ104ANC.A2024067.002.2024068120000.hdf", "VJ104ANC.A2024367.002.2024068120000.h5",
          "VJ104ANC.A2024067.002.h5", "VJ204ANC.A2024067.002.2024068120000.h5",
          "../VJ104ANC.A2024067.002.2024068120000.h5", "VJ104ANC.A2024000.002.2024068120000.h5",
          "VJ104ANC.A2024067.002.202406812000.h5", "MOD09CMG.A2024067.061.2024068120000.h5"})
        EXPECT_FALSE(parse_laads_name(bad)) << bad;
    EXPECT_TRUE(parse_laads_name("VNP04ANC.A2024366.001.2025001120000.h5"));
    EXPECT_FALSE(parse_laads_name("VNP04ANC.A2023366.001.2025001120000.h5"));
}

TEST(Listing, TheLastProductionInEitherForm) {
    const std::string rows =
        R"([{"name":"VJ104ANC.A2024067.002.2024068120000.h5","size":5},
            {"name":"VJ104ANC.A2024067.002.2024070120000.h5","size":7,
             "md5sum":"d41d8cd98f00b204e9800998ecf8427e","downloadsLink":"https://evil.test/x"},
            {"name":"VJ104ANC.A2024068.002.2024071120000.h5","size":9},
            {"name":"VJ104ANC.A2024067.002.2024069120000.h5","md5sum":"none"},
            {"name":17}, "text"])";
    for (const auto& text : {rows, "{\"content\":" + rows + ",\"file_count\":4}"}) {
        const auto file = newest_of_listing(text, "VJ104ANC", kDay);
        ASSERT_TRUE(file);
        EXPECT_EQ(file->name, "VJ104ANC.A2024067.002.2024070120000.h5");
        EXPECT_EQ(file->bytes, 7);
        EXPECT_EQ(file->md5, "d41d8cd98f00b204e9800998ecf8427e");
    }
    EXPECT_FALSE(newest_of_listing("[]", "VJ104ANC", kDay));
    EXPECT_FALSE(newest_of_listing(rows, "VNP04ANC", kDay));
}

TEST(Listing, WhatIsNone) {
    EXPECT_EQ(code_of(" <!DOCTYPE html><html>log in</html>"), Exit::permission);
    EXPECT_EQ(code_of("{\"content\":"), Exit::bad_input);
    EXPECT_EQ(code_of("{\"detail\":\"no\"}"), Exit::bad_input);
    EXPECT_EQ(code_of("17"), Exit::bad_input);
}

DayRecord record_of(const std::string& file, int rank) {
    DayRecord record;
    record.date = kDay;
    record.file = file;
    record.rank = rank;
    record.sources = {{file, {}, {}}};
    return record;
}

TEST(DayRecord, ThereAndBack) {
    DayRecord record = record_of("VJ104ANC.A2024067.002.2024068120000.h5", 1);
    record.bytes = 12;
    record.sha256 = "ab";
    record.months = {"2023-03"};
    record.cells = {100, 60, 30, 10};
    record.published_at = "2024-03-09T00:00:00Z";
    const DayRecord back = day_record_from_json(to_json(record));
    EXPECT_EQ(to_json(back), to_json(record));
    EXPECT_EQ(back.cells.along_rows, 30);
    for (const char* bad : {"", "{}", "[]", R"({"kind":"ancillary_day","date":"2024-03-07"})",
                            R"({"kind":"ancillary_day","date":"2024-03-07","rank":-1})"})
        EXPECT_THROW(day_record_from_json(bad), Error) << bad;
}

TEST(DayFileName, RankAndDay) {
    EXPECT_EQ(parse_day_file_name("L8ANC2024067.hdf_fused")->date, kDay);
    EXPECT_EQ(parse_day_file_name("L8ANC2024067.hdf_fused")->rank, 3);
    EXPECT_EQ(parse_day_file_name("VNP04ANC.A2024067.002.2024068120000.h5")->rank, 2);
    EXPECT_FALSE(parse_day_file_name("L8ANC2024400.hdf_fused"));
    EXPECT_FALSE(parse_day_file_name("MOD09CMG.A2024067.061.2024068120000.hdf"));
    EXPECT_FALSE(parse_day_file_name("VJ104ANC.A2024067.002.2024068120000.h5.json"));
}

TEST(IsBetter, RankThenProductionThenPlatforms) {
    const auto viirs = [](int rank, const std::string& stamp) {
        const std::string name =
            (rank == 1 ? "VJ104ANC" : "VNP04ANC") + (".A2024067.002." + stamp + ".h5");
        return DayCandidate{name, rank, {{name, 1, {}}}};
    };
    const auto vnp = record_of("VNP04ANC.A2024067.002.2024068120000.h5", 2);
    EXPECT_TRUE(is_better(viirs(1, "2024068000000"), vnp));
    EXPECT_TRUE(is_better(viirs(2, "2024068120001"), vnp));
    EXPECT_FALSE(is_better(viirs(2, "2024068120000"), vnp));
    const auto vj1 = record_of("VJ104ANC.A2024067.002.2024068120000.h5", 1);
    EXPECT_FALSE(is_better(viirs(2, "2025068120000"), vj1));
    DayCandidate both{"L8ANC2020067.hdf_fused", 3, {{"a", 1, {}}, {"b", 1, {}}}};
    auto terra = record_of("a", 3);
    EXPECT_TRUE(is_better(both, terra));
    terra.sources = {{"b", {}, {}}, {"a", {}, {}}};
    EXPECT_FALSE(is_better(both, terra));
}

TEST(NextTry, FirstWhenItCanBeThereThenHourlyThenDaily) {
    const UtcTime day{sys_days{kDay}};
    EXPECT_EQ(next_try(kDay, day), day + 36h);
    EXPECT_EQ(next_try(kDay, day + 48h), day + 49h);
    EXPECT_EQ(next_try(kDay, day + days{40}), day + days{41});
}

class StoreTest : public ::testing::Test {
 protected:
    void SetUp() override {
        folder = stdfs::temp_directory_path() / ("hls-days-" + std::to_string(::getpid()));
    }
    void TearDown() override { stdfs::remove_all(folder); }

    void publish(const std::string& file, int rank) {
        auto record = record_of(file, rank);
        publish_day(*store(), record,
                    [](const stdfs::path& path, DayRecord&) { std::ofstream(path) << "content"; });
    }
    std::unique_ptr<DayStore> store() { return open_day_store(folder.string(), client); }

    stdfs::path folder;
    net::HttpClient client;
};

TEST_F(StoreTest, TheBestOfADayAndNoWorseOneBesideIt) {
    EXPECT_FALSE(find_day(*store(), kDay).best);
    publish("VNP04ANC.A2024067.002.2024068120000.h5", 2);
    publish("VJ104ANC.A2024067.002.2024068120000.h5", 1);
    EXPECT_EQ(find_day(*store(), kDay).best->rank, 1);
    EXPECT_EQ(find_day(*store(), kDay).recorded.size(), 1u);
    publish("VNP04ANC.A2024067.002.2024069120000.h5", 2);  // beside the better one, which stays
    EXPECT_EQ(find_day(*store(), kDay).recorded.size(), 2u);
    EXPECT_EQ(find_day(*store(), kDay).best->rank, 1);
    const auto file = folder / "LADS/2024/VJ104ANC.A2024067.002.2024068120000.h5";
    std::ofstream(file, std::ios::app) << "more";
    EXPECT_EQ(find_day(*store(), kDay).best->rank, 2);
    EXPECT_EQ(find_day(*store(), kDay).unrecorded.size(), 1u);
}

TEST_F(StoreTest, AFailureLeavesWhatWasThere) {
    publish("VJ104ANC.A2024067.002.2024068120000.h5", 1);
    auto record = record_of("VJ104ANC.A2024067.002.2024068120000.h5", 1);
    EXPECT_THROW(publish_day(*store(), record,
                             [](const stdfs::path& path, DayRecord&) {
                                 std::ofstream(path) << "half";
                                 throw Error{Exit::bad_input, "no"};
                             }),
                 Error);
    EXPECT_TRUE(find_day(*store(), kDay).best);
    EXPECT_EQ(store()->list("LADS/2024").size(), 2u);
}

}  // namespace
}  // namespace hls::fetch
