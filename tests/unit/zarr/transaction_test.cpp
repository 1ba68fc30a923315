// SPDX-License-Identifier: Apache-2.0
#include "zarr/transaction.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "core/error.hpp"
#include "three_slots.hpp"

namespace hls::zarr {
namespace {

namespace stdfs = std::filesystem;

// Stops the world, or fails, at one chosen system call.
class FaultyCalls : public FileCalls {
 public:
    enum class Fault { none, stop, no_space, io_error, short_write };
    static constexpr int kStopped = 9;  // exit code of the process that stops

    void arm(int at_call, Fault fault) {
        calls_ = 0;
        at_ = at_call;
        fault_ = fault;
    }
    int calls() const { return calls_; }
    bool fired() const { return calls_ > at_ && fault_ != Fault::none; }

    int open(const char* path, int flags, unsigned mode) override {
        return due() ? failed() : FileCalls::open(path, flags, mode);
    }
    ssize_t write(int descriptor, const void* data, std::size_t bytes) override {
        const bool shortened = fault_ == Fault::short_write && calls_ == at_ && bytes > 1;
        if (due()) return failed();
        if (shortened) bytes /= 2;
        return FileCalls::write(descriptor, data, bytes);
    }
    int fsync(int descriptor) override { return due() ? failed() : FileCalls::fsync(descriptor); }
    int syncfs(int descriptor) override { return due() ? failed() : FileCalls::syncfs(descriptor); }
    int rename(const char* from, const char* to) override {
        return due() ? failed() : FileCalls::rename(from, to);
    }
    int close(int descriptor) override {
        const bool fails = due();
        const int result = FileCalls::close(descriptor);
        return fails ? failed() : result;
    }
    int unlink(const char* path) override { return due() ? failed() : FileCalls::unlink(path); }
    int mkdir(const char* path, unsigned mode) override {
        return due() ? failed() : FileCalls::mkdir(path, mode);
    }

 private:
    bool due() { return calls_++ == at_ && fault_ != Fault::none && fault_ != Fault::short_write; }
    int failed() const {
        if (fault_ == Fault::stop) ::_exit(kStopped);  // no destructor runs
        errno = fault_ == Fault::no_space ? ENOSPC : EIO;
        return -1;
    }

    std::atomic<int> calls_ = 0;  // syncs come from several threads
    int at_ = -1;
    Fault fault_ = Fault::none;
};

class TransactionTest : public testing::Test {
 protected:
    void SetUp() override {
        // What a dead process leaves behind is the same in memory, and syncing costs nothing there.
        const stdfs::path memory = "/dev/shm";
        root_ = (stdfs::is_directory(memory) ? memory : stdfs::temp_directory_path()) /
                ("transaction-" + std::to_string(::getpid()) + "-" +
                 testing::UnitTest::GetInstance()->current_test_info()->name());
        reset();
    }
    void TearDown() override { stdfs::remove_all(root_); }

    void reset() {
        stdfs::remove_all(root_);
        stdfs::create_directories(root_);
    }
    stdfs::path state_path() const { return root_ / "s.zarr.hls-state"; }

    using Session = ThreeSlotSession;
    static void commit_step(Session& session, int step) {
        commit_three_slots(session.writer, session.access, step);
    }

    std::map<std::string, std::string> content() const {
        return content_of_store(root_ / "s.zarr");
    }

    stdfs::path root_;
};

TEST_F(TransactionTest, PutsReplacesAndRemoves) {
    Session session(root_, posix_calls());
    for (int step = 0; step < 3; ++step) commit_step(session, step);
    const auto objects = content();
    EXPECT_EQ(objects.at("b/c/2"), "step 2b/c/2");
    EXPECT_EQ(objects.at("zarr.json"), "rootstep 2");
    EXPECT_EQ(objects.count("new/1"), 0U);
    EXPECT_EQ(objects.count("new/2"), 1U);
    EXPECT_TRUE(stdfs::is_empty(state_path() / "staging"));
}

TEST_F(TransactionTest, LeavesEqualObjectsAlone) {
    Session session(root_, posix_calls());
    commit_step(session, 0);
    const auto before = session.store.head("a/c/0")->version;
    StoreTransaction transaction(session.writer, session.access);
    EXPECT_FALSE(transaction.put(Phase::data, "a/c/0", bytes_of("step 0a/c/0")));
    EXPECT_FALSE(transaction.remove(Phase::data, "not/there"));
    OwnerLocks publish(session.writer, {kPublishLock});
    EXPECT_EQ(transaction.commit({}, 0, [] {}).objects, 0U);
    EXPECT_EQ(session.store.head("a/c/0")->version, before);
}

TEST_F(TransactionTest, AbandonedStagingIsRemoved) {
    Session session(root_, posix_calls());
    {
        StoreTransaction transaction(session.writer, session.access);
        transaction.put(Phase::data, "a/c/0", bytes_of("x"));
        EXPECT_FALSE(stdfs::is_empty(session.state.staging()));
    }
    EXPECT_TRUE(stdfs::is_empty(session.state.staging()));
    EXPECT_TRUE(content().empty());
}

// Every single call that changes the disk, of a transaction of three slots: the process dies there.
// A fork, so that nothing of it survives but the files.
TEST_F(TransactionTest, RecoversFromAStopAtEveryCall) {
    std::map<std::string, std::string> before, after;
    {
        Session session(root_, posix_calls());
        commit_step(session, 0);
        before = content();
        commit_step(session, 1);
        after = content();
    }
    int stops = 0;
    int finished = 0;
    for (int call = 0;; ++call, ++stops) {
        reset();
        {
            Session session(root_, posix_calls());
            commit_step(session, 0);
        }
        const pid_t child = ::fork();
        if (child == 0) {
            FaultyCalls calls;
            Session session(root_, calls);
            calls.arm(call, FaultyCalls::Fault::stop);
            commit_step(session, 1);
            ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        if (WEXITSTATUS(status) == 0) break;
        ASSERT_EQ(WEXITSTATUS(status), FaultyCalls::kStopped);
        Session session(root_, posix_calls());
        OwnerLocks publish(session.writer, {kPublishLock});
        recover(session.writer, session.access);
        collect_garbage(session.state, false);
        const bool done = session.state.property("step") == "1";
        finished += done;
        ASSERT_EQ(content(), done ? after : before) << "call " << call;
        ASSERT_TRUE(stdfs::is_empty(session.state.staging())) << "call " << call;
        ASSERT_EQ(session.state.db().query_int("SELECT count(*) FROM damage"), 0);
    }
    EXPECT_GT(stops, 30);
    EXPECT_GT(finished, 5);
    RecordProperty("stops", stops);
}

// The same with errors instead of death: the process goes on, says so, and the next run finishes.
TEST_F(TransactionTest, RecoversFromAnErrorAtEveryCall) {
    using Fault = FaultyCalls::Fault;
    for (const Fault fault : {Fault::no_space, Fault::io_error, Fault::short_write}) {
        for (int call = 0;; ++call) {
            reset();
            FaultyCalls calls;
            Session session(root_, calls);
            commit_step(session, 0);
            const auto before = content();
            calls.arm(call, fault);
            bool failed = false;
            try {
                commit_step(session, 1);
            } catch (const Error& error) {
                failed = true;
                EXPECT_TRUE(error.code == Exit::io_error || error.code == Exit::cannot_create)
                    << error.message;
            }
            const bool fired = calls.fired();
            calls.arm(-1, Fault::none);
            const bool committed = session.state.property("step") == "1";
            if (!committed) {
                ASSERT_EQ(content(), before) << "call " << call;
            }
            commit_step(session, committed ? 2 : 1);
            EXPECT_EQ(content().at("zarr.json"), committed ? "rootstep 2" : "rootstep 1");
            EXPECT_EQ(content().size(), before.size());
            ASSERT_EQ(session.state.db().query_int("SELECT count(*) FROM damage"), 0);
            if (!fired && !failed) break;
        }
    }
}

// A store that answers badly: 409, 412, 500 and 503 before anything was done, and answers that were
// lost after it was. All end as Error{temporary}.
class UnreliableStore final : public ObjectStore {
 public:
    enum class Answer { before, after };
    void arm(int at_call, Answer answer) {
        calls_ = 0;
        at_ = at_call;
        answer_ = answer;
    }
    int calls() const { return calls_; }

    void publish(const stdfs::path& staged, std::string_view key,
                 const PutCondition& condition) override {
        const bool due = calls_++ == at_;
        if (due && answer_ == Answer::before) throw Error{Exit::temporary, "503"};
        objects_.publish(staged, key, condition);
        if (due) throw Error{Exit::temporary, "no answer"};
    }
    bool remove(std::string_view key) override {
        const bool due = calls_++ == at_;
        if (due && answer_ == Answer::before) throw Error{Exit::temporary, "500"};
        const bool removed = objects_.remove(key);
        if (due) throw Error{Exit::temporary, "no answer"};
        return removed;
    }

    std::string name() const override { return "unreliable"; }
    bool get(std::string_view key, Bytes& out, std::uint64_t max_bytes) const override {
        return objects_.get(key, out, max_bytes);
    }
    bool get_range(std::string_view key, const ByteRange& range, Bytes& out) const override {
        return objects_.get_range(key, range, out);
    }
    std::optional<ObjectInfo> head(std::string_view key) const override {
        return objects_.head(key);
    }
    std::vector<ObjectInfo> list(std::string_view prefix) const override {
        return objects_.list(prefix);
    }
    std::vector<std::string> folders(std::string_view path) const override {
        return objects_.folders(path);
    }
    void put(std::string_view key, ByteView content, const PutCondition& condition) override {
        objects_.put(key, content, condition);
    }
    void sync() override {}

 private:
    MemoryStore objects_;
    int calls_ = 0;
    int at_ = -1;
    Answer answer_ = Answer::before;
};

TEST_F(TransactionTest, RecoversFromEveryAnswerOfAnObjectStore) {
    using Answer = UnreliableStore::Answer;
    for (const Answer answer : {Answer::before, Answer::after}) {
        for (int call = 0;; ++call) {
            reset();
            StateFolder state(state_path(), StateFolder::Open::create);
            Writer writer(state, "test");
            UnreliableStore store;
            const StoreAccess access{store, nullptr, DurableFiles()};
            commit_three_slots(writer, access, 0);
            store.arm(call, answer);
            bool failed = false;
            try {
                commit_three_slots(writer, access, 1);
            } catch (const Error& error) {
                failed = true;
                EXPECT_EQ(error.code, Exit::temporary);
            }
            store.arm(-1, answer);
            {
                OwnerLocks publish(writer, {kPublishLock});
                recover(writer, access);
            }
            // The commit point lies before the first answer: it has happened.
            Bytes root;
            ASSERT_TRUE(store.get("zarr.json", root, ObjectStore::kMaxBytes));
            EXPECT_EQ(root, bytes_of("rootstep 1"));
            EXPECT_TRUE(store.head("new/1").has_value());
            EXPECT_FALSE(store.head("new/0").has_value());
            EXPECT_EQ(state.db().query_int("SELECT count(*) FROM damage"), 0);
            EXPECT_TRUE(stdfs::is_empty(state.staging()));
            if (!failed) break;
        }
    }
}

TEST_F(TransactionTest, AStoppedWriterCannotWriteLater) {
    Session zombie(root_, posix_calls(), {.lifetime = std::chrono::milliseconds(1)});
    commit_step(zombie, 0);
    auto rows = std::make_unique<OwnerLocks>(zombie.writer, std::vector<std::string>{"r1/0"});
    StoreTransaction stale(zombie.writer, zombie.access);
    stale.put(Phase::data, "a/c/0", bytes_of("stale"));
    ::usleep(20'000);

    Session other(root_, posix_calls());
    commit_step(other, 1);  // takes the lock over
    OwnerLocks publish(zombie.writer, {kPublishLock});
    try {
        stale.commit({rows.get()}, 1, [] {});
        FAIL() << "a fenced writer committed";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::temporary);
    }
    EXPECT_EQ(content().at("a/c/0"), "step 1a/c/0");
}

TEST_F(TransactionTest, LocksAreFreeWhenTheirHolderDies) {
    Session session(root_, posix_calls());
    const pid_t child = ::fork();
    if (child == 0) {
        Session holder(root_, posix_calls());
        OwnerLocks rows(holder.writer, {"r1/0"});
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const auto start = std::chrono::steady_clock::now();
    OwnerLocks rows(session.writer, {"r1/0"});
    EXPECT_LT(std::chrono::steady_clock::now() - start, LeaseOptions{}.lifetime);
    EXPECT_EQ(list_writers(session.state).size(), 2U);
    EXPECT_EQ(forget_dead_writers(session.state), 1);
}

// Whoever tidies up while writers come and go forgets none that lives.
TEST_F(TransactionTest, AWriterIsAliveAsSoonAsItIsKnown) {
    Session session(root_, posix_calls());
    std::atomic<bool> done{false};
    std::thread tidier([&] {
        StateFolder state(session.state.path(), StateFolder::Open::existing);
        while (!done) forget_dead_writers(state);
    });
    int forgotten = 0;
    for (int i = 0; i < 1000; ++i) {
        Writer writer(session.state, "test");
        try {
            writer.require_unfenced();
        } catch (const Error&) {
            ++forgotten;
        }
    }
    done = true;
    tidier.join();
    EXPECT_EQ(forgotten, 0);
}

TEST_F(TransactionTest, WaitingForALivingWriterEndsWithTemporary) {
    Session holder(root_, posix_calls());
    OwnerLocks rows(holder.writer, {"r1/0"});
    Session waiting(root_, posix_calls(),
                    {.lifetime = std::chrono::minutes(1), .wait = std::chrono::milliseconds(50)});
    try {
        OwnerLocks same(waiting.writer, {"r1/0"});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::temporary);
    }
}

}  // namespace
}  // namespace hls::zarr
