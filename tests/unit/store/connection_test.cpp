// SPDX-License-Identifier: Apache-2.0
// One file, many processes, and what each failure means to a scheduler.
#include "store/connection.hpp"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include "core/error.hpp"
#include "store/migration.hpp"
#include "store/network_file_system.hpp"

namespace hls::store {
namespace {

namespace stdfs = std::filesystem;

constexpr std::array<std::string_view, 2> kSteps{
    "CREATE TABLE granule(id TEXT PRIMARY KEY, bytes INTEGER)",
    "ALTER TABLE granule ADD COLUMN tile TEXT; CREATE INDEX granule_tile ON granule(tile)"};
constexpr Schema kOld{"test log", 0x484c5354, std::span(kSteps).first(1)};
constexpr Schema kNew{"test log", 0x484c5354, kSteps};

class Store : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (stdfs::temp_directory_path() / "hls-store-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        file_ = folder_ / "test.db";
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    Connection create(const Schema& schema = kNew) {
        Connection connection(file_, {.access = Access::create});
        migrate(connection, schema);
        return connection;
    }
    static Exit code_of(const auto& action) {
        try {
            action();
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    }

    stdfs::path folder_, file_;
};

TEST_F(Store, KeepsValuesOfEveryKind) {
    auto connection = create();
    auto insert = connection.prepare("INSERT INTO granule VALUES(?,?,?)");
    insert.bind("a", 7, std::nullopt).run();
    insert.bind(std::string_view{}, std::optional<std::int64_t>{}, "16RDV").run();
    auto query = connection.prepare("SELECT id, bytes, tile, bytes*0.5 FROM granule ORDER BY id");
    ASSERT_TRUE(query.step());
    EXPECT_FALSE(query.is_null(0)) << "an empty text is no null";
    EXPECT_EQ(query.maybe_integer(1), std::nullopt);
    EXPECT_EQ(query.view(2), "16RDV");
    ASSERT_TRUE(query.step());
    EXPECT_EQ(query.integer(1), 7);
    EXPECT_EQ(query.maybe_text(2), std::nullopt);
    EXPECT_DOUBLE_EQ(query.real(3), 3.5);
    EXPECT_FALSE(query.step());
}

TEST_F(Store, TransactionIsUndoneWithoutCommit) {
    auto connection = create();
    {
        Transaction transaction(connection);
        connection.execute("INSERT INTO granule(id) VALUES('lost')");
    }
    {
        Transaction transaction(connection);
        connection.execute("INSERT INTO granule(id) VALUES('kept')");
        transaction.commit();
    }
    EXPECT_EQ(connection.query_text("SELECT group_concat(id) FROM granule"), "kept");
}

TEST_F(Store, MigratesOnceAndRefusesTheFuture) {
    {
        Connection connection(file_, {.access = Access::create});
        EXPECT_EQ(migrate(connection, kOld), 1);
        connection.execute("INSERT INTO granule(id) VALUES('old')");
        EXPECT_EQ(code_of([&] { require_schema(connection, kNew); }), Exit::unavailable);
        EXPECT_EQ(migrate(connection, kNew), 1);
        EXPECT_EQ(migrate(connection, kNew), 0);
        EXPECT_EQ(connection.query_text("SELECT id FROM granule WHERE tile IS NULL"), "old");
        require_schema(connection, kNew);
        EXPECT_EQ(code_of([&] { require_schema(connection, kOld); }), Exit::unavailable);
        EXPECT_EQ(code_of([&] { migrate(connection, kOld); }), Exit::unavailable);
    }
    constexpr Schema other{"other log", 1, kSteps};
    Connection connection(file_);
    EXPECT_EQ(code_of([&] { require_schema(connection, other); }), Exit::bad_input);
}

TEST_F(Store, AFailedStepChangesNothing) {
    constexpr std::array<std::string_view, 2> steps{kSteps[0], "CREATE TABLE granule(broken)"};
    Connection connection(file_, {.access = Access::create});
    EXPECT_EQ(code_of([&] { migrate(connection, {"test log", 5, steps}); }), Exit::internal);
    EXPECT_EQ(connection.query_int("SELECT count(*) FROM sqlite_master"), 0);
    EXPECT_EQ(connection.query_int("PRAGMA application_id"), 0);
}

TEST_F(Store, SaysWhatIsWrongWithAFile) {
    EXPECT_EQ(code_of([&] { Connection{file_}; }), Exit::missing_input);
    EXPECT_EQ(code_of([&] { Connection{folder_}; }), Exit::bad_input);
    EXPECT_EQ(code_of([&] { Connection(folder_ / "no" / "x.db", {.access = Access::create}); }),
              Exit::cannot_create);
    std::ofstream(file_) << std::string(5000, 'x');
    EXPECT_EQ(code_of([&] { Connection{file_}; }), Exit::bad_input);
}

TEST_F(Store, WaitsForALockAndGivesUp) {
    auto holder = create();
    Transaction transaction(holder);
    Connection second(file_, {.busy_timeout = std::chrono::milliseconds(60)});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(code_of([&] { Transaction{second}; }), Exit::temporary);
    const auto waited = std::chrono::steady_clock::now() - start;
    EXPECT_GE(waited, std::chrono::milliseconds(60));
    EXPECT_LT(waited, ConnectionOptions{}.busy_timeout);
    EXPECT_EQ(second.query_int("SELECT count(*) FROM granule"), 0) << "readers do not wait";
}

TEST_F(Store, ReadersSeeOneState) {
    auto writer = create();
    Connection reader(file_, {.access = Access::read});
    ReadSnapshot snapshot(reader);
    EXPECT_EQ(reader.query_int("SELECT count(*) FROM granule"), 0);
    writer.execute("INSERT INTO granule(id) VALUES('late')");
    EXPECT_EQ(reader.query_int("SELECT count(*) FROM granule"), 0);
    EXPECT_EQ(code_of([&] { reader.execute("DELETE FROM granule"); }), Exit::permission);
}

TEST_F(Store, CopiesAndChecks) {
    auto connection = create();
    connection.execute("INSERT INTO granule(id) VALUES('a')");
    copy_to(connection, folder_ / "copy.db");
    EXPECT_EQ(code_of([&] { copy_to(connection, folder_ / "copy.db"); }), Exit::cannot_create);
    Connection copy(folder_ / "copy.db");
    EXPECT_EQ(copy.query_int("SELECT count(*) FROM granule"), 1);
    EXPECT_EQ(integrity_problem(copy), "");
    copy.execute(
        "PRAGMA foreign_keys=OFF;"
        "CREATE TABLE part(granule TEXT REFERENCES granule(id)); INSERT INTO part VALUES('none')");
    EXPECT_NE(integrity_problem(copy).find("refers to"), std::string::npos);
}

TEST_F(Store, ManyProcessesAddUp) {
    create().execute("INSERT INTO granule VALUES('sum', 0, NULL)");
    constexpr int kProcesses = 4, kTimes = 50;
    for (int i = 0; i < kProcesses; ++i) {
        if (::fork() != 0) continue;
        Connection connection(file_);
        for (int n = 0; n < kTimes; ++n) {
            Transaction transaction(connection);
            const auto sum = connection.query_int("SELECT bytes FROM granule");
            connection.prepare("UPDATE granule SET bytes=?").bind(sum + 1).run();
            transaction.commit();
        }
        ::_exit(0);
    }
    for (int i = 0; i < kProcesses; ++i) {
        int status = 0;
        ::wait(&status);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(Connection(file_).query_int("SELECT bytes FROM granule"), kProcesses * kTimes);
}

TEST(NetworkFileSystem, KnowsThemByNumber) {
    EXPECT_EQ(network_file_system_name(NFS_SUPER_MAGIC), "NFS");
    EXPECT_EQ(network_file_system_name(FUSE_SUPER_MAGIC), "FUSE");
    EXPECT_EQ(network_file_system_name(static_cast<int>(CIFS_SUPER_MAGIC)), "CIFS");
    EXPECT_EQ(network_file_system_name(EXT4_SUPER_MAGIC), "");
    EXPECT_EQ(network_file_system_name(TMPFS_MAGIC), "");
    EXPECT_EQ(network_file_system_of("/proc/self"), "");
}

}  // namespace
}  // namespace hls::store
