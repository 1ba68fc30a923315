// SPDX-License-Identifier: Apache-2.0
#include "joblog/record_files.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "core/error.hpp"

namespace hls::joblog {
namespace {

namespace stdfs = std::filesystem;

class RecordFiles : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (stdfs::temp_directory_path() / "hls-records-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { stdfs::remove_all(folder_); }
    void write(const char* name) const { std::ofstream(folder_ / name) << name; }

    stdfs::path folder_;
};

TEST_F(RecordFiles, OnlyWholeRecordsInOrder) {
    for (const char* name : {"b.json", "a.json", ".c.json", "d.json.tmp", "e.txt"}) write(name);
    stdfs::create_directories(folder_ / "done.json");
    EXPECT_EQ(record_files(folder_),
              (std::vector<stdfs::path>{folder_ / "a.json", folder_ / "b.json"}));
}

TEST_F(RecordFiles, WhatWasReadGoesBesideTheRest) {
    write("a.json");
    put_aside(folder_ / "a.json", "done");
    EXPECT_TRUE(record_files(folder_).empty());
    EXPECT_EQ(record_files(folder_ / "done").size(), 1U);
    // Again under the same name, as by a worker that sends a record twice.
    write("a.json");
    put_aside(folder_ / "a.json", "done");
    EXPECT_EQ(record_files(folder_ / "done").size(), 1U);
}

TEST_F(RecordFiles, WhatCannotBeMovedIsTold) {
    write("a.json");
    write("done");
    try {
        put_aside(folder_ / "a.json", "done");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::cannot_create);
        EXPECT_NE(error.message.find("a.json"), std::string::npos) << error.message;
    }
    EXPECT_TRUE(stdfs::exists(folder_ / "a.json"));
}

}  // namespace
}  // namespace hls::joblog
