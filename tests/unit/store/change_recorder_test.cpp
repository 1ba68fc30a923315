// SPDX-License-Identifier: Apache-2.0
// Changes of one database repeated in another.
#include "store/change_recorder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/error.hpp"

namespace hls::store {
namespace {

namespace stdfs = std::filesystem;

constexpr std::array<std::string_view, 2> kTables{"slot", "axis"};

class ChangeRecorderTest : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (stdfs::temp_directory_path() / "hls-changes-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    Connection open(const std::string& name) {
        ConnectionOptions options;
        options.access = Access::create;
        Connection db(folder_ / name, options);
        db.execute(
            "CREATE TABLE slot(name TEXT, variable TEXT, key TEXT, PRIMARY KEY(name, variable))"
            " WITHOUT ROWID;"
            "CREATE TABLE axis(row INTEGER PRIMARY KEY AUTOINCREMENT, time REAL);"
            "CREATE TABLE private(name TEXT PRIMARY KEY)");
        return db;
    }
    static std::string rows(Connection& db) {
        return db.query_text("SELECT group_concat(name || variable || key, ' ') FROM slot") + '|' +
               db.query_text("SELECT group_concat(row || ':' || time, ' ') FROM axis");
    }

    stdfs::path folder_;
};

TEST_F(ChangeRecorderTest, RepeatsInsertsUpdatesReplacementsAndDeletions) {
    Connection one = open("one.db");
    Connection two = open("two.db");
    const auto both = [&](const std::string& sql) {
        std::string patch;
        {
            Transaction transaction(one);
            const ChangeRecorder recorder(one, kTables);
            one.execute(sql);
            patch = recorder.patch();
            transaction.commit();
        }
        Transaction transaction(two);
        apply_patch(two, patch);
        transaction.commit();
        EXPECT_EQ(rows(one), rows(two)) << sql;
    };
    both(
        "INSERT INTO slot VALUES('a', 'x', 'k1'), ('b', 'x', 'k2'); INSERT INTO axis VALUES(7, 1)");
    both("UPDATE slot SET key = 'k3' WHERE name = 'a'");
    both("INSERT OR REPLACE INTO slot VALUES('b', 'x', 'k4'), ('c', 'y', 'k5')");
    both("DELETE FROM slot WHERE name = 'a'; DELETE FROM axis");
    both("INSERT INTO axis VALUES(8, NULL); INSERT INTO private VALUES('p')");
    EXPECT_EQ(two.query_int("SELECT count(*) FROM private"), 0);
}

TEST_F(ChangeRecorderTest, WhatChangesNothingIsEmpty) {
    Connection db = open("one.db");
    db.execute("INSERT INTO slot VALUES('a', 'x', 'k1')");
    Transaction transaction(db);
    const ChangeRecorder recorder(db, kTables);
    EXPECT_TRUE(recorder.patch().empty());
    db.execute(
        "INSERT OR REPLACE INTO slot VALUES('a', 'x', 'k1'); INSERT INTO private VALUES('p')");
    EXPECT_TRUE(recorder.patch().empty());
    apply_patch(db, "");
}

TEST_F(ChangeRecorderTest, WhatIsThereAlreadyIsReplacedAndWhatIsMissingRefused) {
    Connection one = open("one.db");
    Connection two = open("two.db");
    std::string insertion, update;
    {
        const ChangeRecorder recorder(one, kTables);
        one.execute("INSERT INTO slot VALUES('a', 'x', 'mine')");
        insertion = recorder.patch();
    }
    {
        const ChangeRecorder recorder(one, kTables);
        one.execute("UPDATE slot SET key = 'later'");
        update = recorder.patch();
    }
    two.execute("INSERT INTO slot VALUES('a', 'x', 'other')");
    apply_patch(two, insertion);
    EXPECT_EQ(two.query_text("SELECT key FROM slot"), "mine");
    two.execute("DELETE FROM slot");
    for (const std::string& patch : {update, std::string("no patch at all")}) {
        try {
            apply_patch(two, patch);
            FAIL();
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::bad_input);
        }
    }
}

}  // namespace
}  // namespace hls::store
