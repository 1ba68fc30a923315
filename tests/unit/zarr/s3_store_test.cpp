// SPDX-License-Identifier: Apache-2.0
// Stores in buckets of two servers: a strict stub with conditional writes, whose answers can be
// spoilt one by one, and OpenStack Swift, which has none.
#include "zarr/s3_store.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>

#include "core/error.hpp"
#include "fs/digest.hpp"
#include "servers/server.hpp"
#include "zarr/array.hpp"
#include "zarr/journal.hpp"
#include "zarr/publish_lock.hpp"
#include "zarr/s3_source.hpp"

namespace hls::zarr {
namespace {

using test::Environment;
using test::Server;
using test::TemporaryFolder;

Bytes bytes_of(std::string_view text) {
    const auto* data = reinterpret_cast<const std::byte*>(text.data());
    return {data, data + text.size()};
}

std::string text_of(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Exit code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code;
    }
    return Exit::ok;
}

// Where and with which keys the session of a test finds its server.
struct Peer {
    explicit Peer(const Server& server)
        : url("AWS_ENDPOINT_URL_S3", server.url()),
          key("AWS_ACCESS_KEY_ID", server.about().value("access", "AKIDTEST")),
          secret("AWS_SECRET_ACCESS_KEY", server.about().value("secret", "secret-MARKER-aws")),
          region("AWS_REGION", "us-west-2"),
          pause("HLS_RETRY_BASE", "0.02"),
          stall("HLS_STALL_TIMEOUT", "1") {}
    Environment url, key, secret, region, pause, stall;
};

void make_bucket(S3Session& session, const std::string& bucket) {
    net::Request request = session.client.request("PUT", {bucket, ""});
    request.body_sha256 = fs::digest_of(fs::DigestKind::sha256, "");
    ASSERT_TRUE(session.http.send(request, &session.client.authorizer(bucket)).ok());
}

// The same promises of both servers.
void check_store(S3Store& store) {
    Bytes content;
    EXPECT_FALSE(store.get("a/c/0", content));
    EXPECT_FALSE(store.head("a/c/0"));
    store.put("a/c/0", bytes_of("0123456789"));
    store.put("a/c/1", bytes_of("x"));
    store.put("a/zarr.json", bytes_of("{}"));
    store.put("b c+d/\xC3\xBC.z", bytes_of(""));
    ASSERT_TRUE(store.get("a/c/0", content));
    EXPECT_EQ(text_of(content), "0123456789");
    ASSERT_TRUE(store.get("b c+d/\xC3\xBC.z", content));
    EXPECT_TRUE(content.empty());
    EXPECT_EQ(store.head("a/c/0")->bytes, 10U);

    ASSERT_TRUE(store.get_range("a/c/0", {2, 3, false}, content));
    EXPECT_EQ(text_of(content), "234");
    ASSERT_TRUE(store.get_range("a/c/0", {4, 2, true}, content));
    EXPECT_EQ(text_of(content), "67");
    ASSERT_TRUE(store.get_range("a/c/0", {10, 0, false}, content));
    EXPECT_TRUE(content.empty());
    EXPECT_FALSE(store.get_range("none", {0, 1, false}, content));
    EXPECT_EQ(code_of([&] { store.get_range("a/c/0", {8, 3, false}, content); }), Exit::bad_input);
    EXPECT_EQ(code_of([&] { store.get("a/c/0", content, 9); }), Exit::bad_input);
    EXPECT_EQ(code_of([&] { store.get("../x", content); }), Exit::bad_input);

    EXPECT_EQ(store.list("a/").size(), 3U);
    EXPECT_EQ(store.list("a/c/1").front().key, "a/c/1");
    EXPECT_EQ(store.folders(""), (std::vector<std::string>{"a", "b c+d"}));
    EXPECT_EQ(store.folders("a"), (std::vector<std::string>{"c"}));

    PutCondition absent;
    absent.must_be_absent = true;
    EXPECT_EQ(code_of([&] { store.put("a/c/1", bytes_of("y"), absent); }), Exit::temporary);
    store.put("a/c/2", bytes_of("y"), absent);
    PutCondition unchanged;
    unchanged.must_have_version = store.head("a/c/1")->version;
    store.put("a/c/1", bytes_of("z"), unchanged);
    EXPECT_EQ(code_of([&] { store.put("a/c/1", bytes_of("q"), unchanged); }), Exit::temporary);
    ASSERT_TRUE(store.get("a/c/1", content));
    EXPECT_EQ(text_of(content), "z");

    EXPECT_TRUE(store.remove("a/c/1"));
    EXPECT_FALSE(store.remove("a/c/1"));
    EXPECT_FALSE(store.head("a/c/1"));
}

TEST(S3StoreTest, KeepsItsPromisesOnTheStub) {
    const Server server("strict");
    const Peer peer(server);
    S3Session session;
    S3Store store(session.client, "s3://bucket/some/store.zarr/");
    check_store(store);
    EXPECT_TRUE(honours_conditions(session.client, "s3://bucket/some/store.zarr.hls-state"));
    EXPECT_TRUE(S3Store(session.client, "s3://bucket/some/store.zarr.hls-state").list("").empty());
}

TEST(S3StoreTest, KeepsItsPromisesOnSwift) {
    if (!std::filesystem::exists("/usr/bin/swift-proxy-server"))
        GTEST_SKIP() << "OpenStack Swift is not installed";
    const TemporaryFolder folder;
    const Server server("swift", {(folder / "swift").string()});
    const Peer peer(server);
    S3Session session;
    make_bucket(session, "bucket");
    EXPECT_FALSE(honours_conditions(session.client, "s3://bucket/some/store.zarr.hls-state"));
    S3Store store(session.client, "s3://bucket/some/store.zarr", false);
    check_store(store);
}

TEST(S3StoreTest, ListsManyPages) {
    const Server server("strict");
    const Peer peer(server);
    S3Session session;
    S3Store store(session.client, "s3://bucket/s.zarr");
    server.control({{"set", {{"record", false}}}});
    for (int i = 0; i < 1100; ++i) store.put("c/" + std::to_string(i), bytes_of("."));
    EXPECT_EQ(store.list("").size(), 1100U);
    EXPECT_EQ(store.folders(""), (std::vector<std::string>{"c"}));
}

TEST(S3SourceTest, FetchesWhatIsThereAndSaysWhatIsNot) {
    const TemporaryFolder folder;
    const Server server("strict");
    const Peer peer(server);
    const auto session = std::make_shared<S3Session>();
    S3Store objects(session->client, "s3://bucket");
    objects.put("in/day 1.nc", bytes_of("first"));
    const auto copies = folder / "copies";
    {
        const auto source = mixed_source("s3://bucket", session, copies);
        const auto location = source->location_of("in/day 1.nc");
        EXPECT_EQ(location, "s3://bucket/in/day 1.nc");
        EXPECT_EQ(source->head(location)->bytes, 5U);
        EXPECT_FALSE(source->head("s3://bucket/in/none.nc"));
        EXPECT_EQ(source->list("in/"), (std::vector<std::string>{"in/day 1.nc"}));
        const auto read = [&] {
            std::ifstream file(source->readable(location));
            return std::string(std::istreambuf_iterator<char>(file), {});
        };
        EXPECT_EQ(read(), "first");
        EXPECT_TRUE(source->readable(location).ends_with("/day 1.nc"));
        objects.put("in/day 1.nc", bytes_of("second"));
        EXPECT_EQ(read(), "second");
        EXPECT_EQ(source->readable("/some/file"), "/some/file");
        EXPECT_EQ(code_of([&] { source->readable("s3://bucket/in/none.nc"); }),
                  Exit::missing_input);
    }
    EXPECT_TRUE(std::filesystem::is_empty(copies));
    // A bucket that is not there is not one whose objects have all gone.
    server.control({{"faults", {{{"path", "^/absent"}, {"kind", "404"}}}}});
    const auto absent = mixed_source("s3://absent", session);
    EXPECT_EQ(code_of([&] { absent->head("s3://absent/x.nc"); }), Exit::missing_input);
}

// --- faults -----------------------------------------------------------------------------------

// A process with a store in the bucket and a state folder.
struct Host {
    Host(S3Session& session, const std::filesystem::path& folder)
        : state(folder, StateFolder::Open::create),
          store(session.client, "s3://bucket/s.zarr"),
          beside(session.client, "s3://bucket/s.zarr.hls-state"),
          shared(state, beside),
          writer(state, "test"),
          access{store, nullptr, DurableFiles(), &shared} {}

    StateFolder state;
    S3Store store;
    S3Store beside;
    SharedState shared;
    Writer writer;
    StoreAccess access;
};

// A transaction of three slots as the tool makes them, tried again as the tool does.
void commit_step(Host& host, int step) {
    const std::string text = "step " + std::to_string(step);
    for (int attempt = 0; host.state.property("step") != std::to_string(step); ++attempt) {
        try {
            host.shared.catch_up();
            OwnerLocks rows(host.writer, {"r1/0", "r1/1", "r1/2"});
            StoreTransaction transaction(host.writer, host.access);
            for (const char* key : {"a/c/0", "a/c/1", "b/c/2"})
                transaction.put(Phase::data, key, bytes_of(text + key));
            transaction.put(Phase::data, "new/" + std::to_string(step), bytes_of(text));
            PublishLock publish(host.writer, host.access);
            if (host.state.property("step") == std::to_string(step)) return;
            transaction.put(Phase::coordinates, "time/c/0", bytes_of("time" + text));
            transaction.put(Phase::consolidated, "zarr.json", bytes_of("root" + text));
            transaction.commit({&rows, &publish.owner()}, 3,
                               [&] { host.state.set_property("step", std::to_string(step)); });
        } catch (const Error& error) {
            ASSERT_EQ(error.code, Exit::temporary) << error.message;
            ASSERT_LT(attempt, 5) << error.message;
        }
    }
    const PublishLock all_in_place(host.writer, host.access);
}

struct Spoilt {
    const char* method;
    nlohmann::json fault;
};

const std::vector<Spoilt>& spoilt_answers() {
    const auto refusal = [](const char* code) {
        return std::string("<Error><Code>") + code + "</Code></Error>";
    };
    static const std::vector<Spoilt> kinds{
        {"PUT", {{"kind", "409"}, {"body", refusal("ConditionalRequestConflict")}}},
        {"PUT", {{"kind", "412"}, {"body", refusal("PreconditionFailed")}}},
        {"PUT", {{"kind", "500"}, {"body", refusal("InternalError")}}},
        {"PUT", {{"kind", "503"}, {"body", refusal("SlowDown")}, {"retry_after", 0.05}}},
        {"PUT", {{"kind", "reset"}}},
        {"PUT", {{"kind", "accept_and_drop"}}},
        {"GET", {{"kind", "500"}, {"body", refusal("InternalError")}}},
        {"GET", {{"kind", "503"}, {"body", refusal("SlowDown")}, {"retry_after", 0.05}}},
        {"GET", {{"kind", "trunc"}}},
        {"GET", {{"kind", "stall"}, {"seconds", 3}}},
        {"HEAD", {{"kind", "500"}}},
        {"HEAD", {{"kind", "reset"}}},
    };
    return kinds;
}

// Requests of one method that one undisturbed transaction makes.
int count_of(const Server& server, Host& host, int step, const std::string& method) {
    server.control({{"reset", true}});
    commit_step(host, step);
    int count = 0;
    for (const auto& request : server.requests()) count += request["method"] == method;
    return count;
}

// Every request of a transaction answered badly in every way: nothing is lost, nothing doubled, and
// another host sees the same.
TEST(S3Faults, EveryBadAnswerIsRecoveredFrom) {
    const TemporaryFolder folder;
    const Server server("strict");
    const Peer peer(server);
    S3Session session;
    auto process = std::make_unique<Host>(session, folder / "one");
    Host& host = *process;
    int step = 0;
    commit_step(host, step++);
    std::map<std::string, int> count;
    for (const char* method : {"PUT", "GET", "HEAD"})
        count[method] = count_of(server, host, step++, method);
    EXPECT_GT(count["PUT"], 8);
    // A few in the everyday run, all of them where there is time.
    const int stride = std::getenv("HLS_DRILL_COUNT") != nullptr ? 1 : 5;
    int faults = 0;
    for (std::size_t kind = 0; kind < spoilt_answers().size(); ++kind) {
        const Spoilt& spoilt = spoilt_answers()[kind];
        for (int at = static_cast<int>(kind) % stride; at < count[spoilt.method]; at += stride) {
            nlohmann::json fault = spoilt.fault;
            fault["path"] = "^/bucket/";
            fault["method"] = spoilt.method;
            fault["after"] = at;
            fault["times"] = 1;
            server.control({{"reset", true}, {"faults", {fault}}});
            commit_step(host, step);
            ASSERT_FALSE(testing::Test::HasFatalFailure()) << fault.dump();
            const std::string text = "step " + std::to_string(step);
            for (const char* key : {"a/c/0", "a/c/1", "b/c/2"}) {
                Bytes content;
                ASSERT_TRUE(host.store.get(key, content));
                ASSERT_EQ(text_of(content), text + key) << fault.dump();
            }
            Bytes root;
            ASSERT_TRUE(host.store.get("zarr.json", root));
            ASSERT_EQ(text_of(root), "root" + text) << fault.dump();
            ASSERT_EQ(host.shared.applied(), step + 1) << fault.dump();
            ASSERT_EQ(host.shared.lease()->done, step + 1) << fault.dump();
            ++step;
            ++faults;
        }
    }
    server.control({{"reset", true}});
    Host other(session, folder / "two");
    other.shared.catch_up();
    EXPECT_EQ(other.shared.applied(), step);
    EXPECT_EQ(other.state.property("step"), std::to_string(step - 1));
    EXPECT_EQ(other.state.db().query_int("SELECT count(*) FROM txn WHERE state = 'committed'"), 0);
    EXPECT_EQ(other.state.db().query_int("SELECT count(*) FROM object"),
              host.state.db().query_int("SELECT count(*) FROM object"));
    // Where it was left open whether a commit happened, its objects stay staged as long as the
    // process lives.
    process.reset();
    Host again(session, folder / "one");
    collect_garbage(again.state, false);
    EXPECT_TRUE(std::filesystem::is_empty(again.state.staging()));
    RecordProperty("faults", faults);
    std::printf("%d answers spoilt\n", faults);
}

}  // namespace
}  // namespace hls::zarr
