// SPDX-License-Identifier: Apache-2.0
#include "fetch/day_check.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <map>

#include "net/http_client.hpp"

namespace hls::fetch {
namespace {

namespace stdfs = std::filesystem;
using namespace std::chrono;

constexpr const char* kDay7 = "VJ104ANC.A2024067.002.2024068120000.h5";
constexpr const char* kDay8 = "VJ104ANC.A2024068.002.2024069120000.h5";

class StoreCheckTest : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (stdfs::temp_directory_path() / "hls-days-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        store_ = open_day_store(folder_.string(), client_);
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    void write_day(const char* file, const std::string& text) const {
        stdfs::create_directories(folder_ / "LADS/2024");
        std::ofstream(folder_ / "LADS/2024" / file) << text;
    }
    // Days that say "bad" are damaged, those that say "gaps" are no use.
    Exit check(bool adopt = false, const std::vector<Date>& wanted = {}) {
        found_.clear();
        StoreCheck check(*store_, [&](const FileFinding& finding) {
            found_[stdfs::path(finding.file).filename()] = finding;
        });
        check.check_days(wanted, adopt, [](const stdfs::path& path) {
            std::string text;
            std::ifstream(path) >> text;
            if (text == "bad") throw Error{Exit::bad_input, "no HDF"};
            return DayContent{7, 0.5, text == "gaps" ? "too many gaps" : ""};
        });
        try {
            check.finish();
            return Exit::ok;
        } catch (const Error& error) {
            return error.code;
        }
    }

    net::HttpClient client_;
    stdfs::path folder_;
    std::unique_ptr<DayStore> store_;
    std::map<std::string, FileFinding> found_;
};

TEST_F(StoreCheckTest, GoodDaysAreAdoptedAndAgreeFromThenOn) {
    write_day(kDay7, "good");
    EXPECT_EQ(check(), Exit::ok);
    EXPECT_EQ(found_[kDay7].day_record, "none");
    EXPECT_EQ(check(true), Exit::ok);
    EXPECT_EQ(found_[kDay7].day_record, "made");
    EXPECT_EQ(check(), Exit::ok);
    EXPECT_EQ(found_[kDay7].day_record, "agrees");
    EXPECT_EQ(found_[kDay7].unknown_percent, 0.5);
    write_day(kDay7, "evil");  // of the same length
    EXPECT_EQ(check(), Exit::bad_input);
    EXPECT_EQ(found_[kDay7].day_record, "differs");
}

TEST_F(StoreCheckTest, OneBadFileDoesNotHideTheOthers) {
    write_day(kDay7, "bad");
    write_day(kDay8, "gaps");
    EXPECT_EQ(check(true), Exit::bad_input);
    EXPECT_EQ(found_[kDay7].message, "no HDF");
    EXPECT_EQ(found_[kDay8].message, "too many gaps");
    EXPECT_EQ(found_[kDay8].unknown_percent, 0.5);
    EXPECT_EQ(found_[kDay8].day_record, "none") << "a bad day is not adopted";
}

TEST_F(StoreCheckTest, OnlyTheDaysThatAreWanted) {
    write_day(kDay7, "bad");
    write_day(kDay8, "good");
    EXPECT_EQ(check(false, {2024y / 3 / 8}), Exit::ok);
    EXPECT_EQ(found_.size(), 1U);
    EXPECT_EQ(check(false, {2024y / 3 / 9}), Exit::missing_input) << "no day at all";
}

TEST_F(StoreCheckTest, AbsentFilesAreTold) {
    write_day(kDay7, "good");
    StoreCheck check(*store_, [&](const FileFinding& finding) { found_["map"] = finding; });
    check.check_day(kDay7, false, [](const auto&) { return DayContent{}; });
    check.check_file("CMGDEM.hdf", [](const auto&) { FAIL(); });
    EXPECT_EQ(found_["map"].exit, Exit::missing_input);
    try {
        check.finish();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::missing_input);
    }
}

}  // namespace
}  // namespace hls::fetch
