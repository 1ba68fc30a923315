// SPDX-License-Identifier: Apache-2.0
// Downloads through everything that servers and networks do to them.
#include "net/download.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <iterator>
#include <random>
#include <thread>

#include "core/error.hpp"
#include "net/token.hpp"
#include "servers/server.hpp"

namespace hls::net {
namespace {

using test::Environment;
using test::Server;
using test::TemporaryFolder;
using Json = nlohmann::json;

TransportOptions impatient() {
    TransportOptions options;
    options.stall_timeout = Seconds{1};
    return options;
}

RetryPolicy quick_policy() {
    RetryPolicy policy;
    policy.base = Seconds{0.02};
    return policy;
}

// What the stub serves as /-/files/<name>.
std::string content_of(const std::string& name, std::size_t size, int version = 1) {
    const std::string hex =
        fs::digest_of(fs::DigestKind::sha256, name + '#' + std::to_string(version));
    std::string block;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        block += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    std::string text;
    while (text.size() < size) text += block;
    text.resize(size);
    return text;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

Json fault(const std::string& kind, int times, Json more = Json::object()) {
    more["path"] = "/-/files/";
    more["kind"] = kind;
    more["times"] = times;
    return {{"faults", Json::array({more})}};
}

class DownloadTest : public ::testing::Test {
 protected:
    Download item(const std::string& name, std::size_t size, bool with_checksum = true) const {
        Download download;
        download.identity = name;
        download.request.url =
            parse_url(server.url("/-/files/" + name + "?size=" + std::to_string(size)));
        download.target = folder / name;
        if (with_checksum)
            download.checksums = {
                {fs::DigestKind::md5, fs::digest_of(fs::DigestKind::md5, content_of(name, size))}};
        return download;
    }

    DownloadResult fetch(const Download& download, DownloadOptions options = roomy()) {
        HttpClient client(impatient(), quick_policy());
        return Downloader(client, options).run(std::vector{download}).front();
    }

    static DownloadOptions roomy() {
        DownloadOptions options;
        options.min_free_bytes = 0;
        return options;
    }

    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
            names.push_back(entry.path().filename());
        return names;
    }

    Server server{"strict"};
    TemporaryFolder folder;
};

constexpr std::size_t kSize = 3'000'000;

TEST_F(DownloadTest, WholeAndNothingBesideIt) {
    const auto result = fetch(item("a", kSize));
    EXPECT_EQ(result.action, DownloadAction::fetched) << result.message;
    EXPECT_EQ(read_file(folder / "a"), content_of("a", kSize));
    EXPECT_EQ(result.sha256, fs::digest_of(fs::DigestKind::sha256, content_of("a", kSize)));
    EXPECT_EQ(files(), std::vector<std::string>{"a"});
    EXPECT_EQ(fetch(item("a", kSize)).action, DownloadAction::exists);
    EXPECT_EQ(server.requests().size(), 1u);
}

// Each fault once, with and without a checksum, side by side since stalls take their time: every
// file is right and nothing else is left.
TEST_F(DownloadTest, PassingFaultsEndInTheRightFile) {
    const std::vector<std::pair<Json, int>> cases{{fault("503", 2), 3},
                                                  {fault("reset", 2), 3},
                                                  {fault("trunc", 1), 2},
                                                  {fault("stall", 1), 2},
                                                  {fault("429", 1, {{"retry_after", 1}}), 2},
                                                  {fault("500", 1), 2},
                                                  {fault("408", 1), 2},
                                                  {fault("drop", 1), 2},
                                                  {fault("long", 1), 3}};
    std::vector<Download> items;
    for (const auto& [order, requests] : cases) {
        for (const bool with_checksum : {true, false}) {
            const std::string name = "f" + std::to_string(items.size());
            Json own = order;
            own["faults"][0]["path"] = "/-/files/" + name + "[?]";
            server.control(own);
            items.push_back(item(name, kSize, with_checksum));
        }
    }
    // Each with a client of its own: on connections that are used again libcurl makes up for a
    // reset.
    std::vector<std::future<DownloadResult>> results;
    for (const auto& download : items)
        results.push_back(std::async(std::launch::async, [&] { return fetch(download); }));
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto& [order, requests] = cases[i / 2];
        const std::string name = items[i].identity;
        const auto result = results[i].get();
        EXPECT_EQ(result.exit, Exit::ok) << order << result.message;
        EXPECT_EQ(result.requests, requests) << order;
        EXPECT_EQ(read_file(folder / name), content_of(name, kSize)) << order;
    }
    EXPECT_EQ(server.get("/-/requests")["early"].size(), 0u);
    EXPECT_EQ(files().size(), items.size());
}

TEST_F(DownloadTest, TruncationResumesWhereItBroke) {
    server.control(fault("trunc", 1));
    const auto result = fetch(item("t", kSize));
    EXPECT_EQ(result.exit, Exit::ok) << result.message;
    EXPECT_LT(result.transferred, static_cast<std::int64_t>(kSize * 11 / 10));
    const auto requests = server.requests();
    EXPECT_EQ(requests[1]["headers"]["range"].get<std::string>(), "bytes=1500000-");
    EXPECT_TRUE(requests[1]["headers"].contains("if-range"));
}

TEST_F(DownloadTest, ServersThatMistreatRangesAreNotBelieved) {
    for (const std::string kind : {"wrong_range", "norange"}) {
        for (const bool with_checksum : {true, false}) {
            const std::string name = kind + (with_checksum ? "1" : "0");
            server.control({{"reset", true}});
            server.control({{"faults",
                             {{{"path", name}, {"kind", "trunc"}, {"times", 1}},
                              {{"path", name}, {"kind", kind}, {"times", 1}}}}});
            const auto result = fetch(item(name, kSize, with_checksum));
            EXPECT_EQ(result.exit, Exit::ok) << result.message;
            EXPECT_EQ(read_file(folder / name), content_of(name, kSize));
        }
    }
}

TEST_F(DownloadTest, AnotherVersionHalfwayIsFetchedAnew) {
    server.control(fault("trunc", 1));
    auto download = item("v", kSize, false);
    RetryPolicy once = quick_policy();
    once.attempts = 1;
    HttpClient client(impatient(), once);
    EXPECT_EQ(Downloader(client, roomy()).run(std::vector{download}).front().exit, Exit::temporary);
    EXPECT_TRUE(std::filesystem::exists(folder / "v.part"));
    EXPECT_FALSE(std::filesystem::exists(folder / "v"));
    server.control({{"set", {{"version", 2}}}});
    const auto result = fetch(download);
    EXPECT_EQ(result.exit, Exit::ok) << result.message;
    EXPECT_EQ(read_file(folder / "v"), content_of("v", kSize, 2));
}

TEST_F(DownloadTest, PartsOfAnotherProductAreNotContinued) {
    std::ofstream(folder / "p.part") << std::string(5000, 'x');
    std::ofstream(folder / "p.part.json")
        << R"({"identity":"other","etag":"\"e\"","total":3000000})";
    EXPECT_EQ(fetch(item("p", kSize, false)).exit, Exit::ok);
    EXPECT_EQ(read_file(folder / "p"), content_of("p", kSize));
    EXPECT_EQ(files(), std::vector<std::string>{"p"});
}

TEST_F(DownloadTest, WrongChecksumIsFetchedAgainThenRefused) {
    server.control(fault("wrongsum", 1));
    EXPECT_EQ(fetch(item("w", kSize)).exit, Exit::ok);
    server.control(fault("wrongsum", 100));
    const auto result = fetch(item("x", kSize));
    EXPECT_EQ(result.exit, Exit::bad_input);
    EXPECT_NE(result.message.find("wrong md5"), std::string::npos) << result.message;
    EXPECT_EQ(files(), std::vector<std::string>{"w"});
}

TEST_F(DownloadTest, LoginPagesAreNoData) {
    server.control(fault("html", 100));
    EXPECT_EQ(fetch(item("h", kSize)).exit, Exit::permission);
    EXPECT_TRUE(files().empty());
}

TEST_F(DownloadTest, RefusalsHaveTheirCodes) {
    for (const auto& [status, exit] :
         std::vector<std::pair<std::string, Exit>>{{"404", Exit::missing_input},
                                                   {"410", Exit::missing_input},
                                                   {"403", Exit::permission},
                                                   {"401", Exit::permission},
                                                   {"422", Exit::bad_input},
                                                   {"503", Exit::temporary}}) {
        server.control({{"reset", true}});
        server.control(fault(status, 100));
        EXPECT_EQ(fetch(item("r", kSize)).exit, exit) << status;
    }
    EXPECT_TRUE(files().empty());
}

TEST_F(DownloadTest, ForeignHostsSeeNoCredentials) {
    const Server foreign("strict");
    class Bearer : public Authorizer {
     public:
        explicit Bearer(std::string host) : host_(std::move(host)) {}
        void authorize(Request& request) override {
            if (authority(request.url) == host_)
                set_header(request.headers, "Authorization", "Bearer MARKER");
        }
        bool renew(const Response&) override { return false; }

     private:
        std::string host_;
    } bearer(authority(parse_url(server.url())));
    server.control(fault("redirect", 1, {{"to", foreign.url("/-/files/r?size=3000000")}}));
    auto download = item("r", kSize);
    download.authorizer = &bearer;
    EXPECT_EQ(fetch(download).exit, Exit::ok);
    EXPECT_EQ(server.requests()[0]["headers"]["authorization"].get<std::string>(), "Bearer MARKER");
    for (const auto& request : foreign.requests()) {
        EXPECT_FALSE(request["headers"].contains("authorization"));
        EXPECT_FALSE(request["headers"].contains("cookie"));
    }
    server.control({{"reset", true}});
    server.control(fault("redirect", 100, {{"to", server.url("/-/files/r?size=3000000")}}));
    EXPECT_EQ(fetch(item("circle", kSize)).exit, Exit::unavailable);
}

TEST_F(DownloadTest, TwoAtTheSameFile) {
    server.control(fault("hold", 1));
    DownloadResult first;
    std::thread other([&] {
        HttpClient patient({}, quick_policy());
        first = Downloader(patient, roomy()).run(std::vector{item("s", kSize)}).front();
    });
    while (!std::filesystem::exists(folder / "s.part")) std::this_thread::yield();
    EXPECT_EQ(fetch(item("s", kSize)).exit, Exit::temporary);
    server.control({{"reset", true}});
    other.join();
    EXPECT_EQ(first.exit, Exit::ok);
    EXPECT_EQ(read_file(folder / "s"), content_of("s", kSize));
}

TEST_F(DownloadTest, FullDiskIsSeenBeforehand) {
    DownloadOptions options;
    options.min_free_bytes = std::int64_t{1} << 60;
    auto download = item("d", kSize);
    EXPECT_EQ(fetch(download, options).exit, Exit::io_error);
    EXPECT_TRUE(files().empty());
}

TEST_F(DownloadTest, FoldersAndLinksInTheWay) {
    std::filesystem::create_directory(folder / "dir");
    std::filesystem::create_symlink("/etc/passwd", folder / "link");
    EXPECT_EQ(fetch(item("dir", kSize)).exit, Exit::usage);
    EXPECT_EQ(fetch(item("link", kSize)).exit, Exit::usage);
}

int drill_count(int reduced) {
    const char* full = std::getenv("HLS_DRILL_COUNT");
    return full != nullptr ? std::atoi(full) : reduced;
}

TEST_F(DownloadTest, Storm) {
    const int objects = drill_count(150);
    DownloadOptions options = roomy();
    options.jobs = 64;
    HttpClient client(impatient(), quick_policy());
    server.control({{"set", {{"record", false}}}});
    int given = 0, right = 0;
    std::int64_t requests = 0;
    Downloader(client, options)
        .run(
            [&]() -> std::optional<Download> {
                if (given == objects) return std::nullopt;
                ++given;
                return item("storm/" + std::to_string(given), 20'000, given % 2 == 0);
            },
            [&](const Download& download, const DownloadResult& result) {
                EXPECT_EQ(result.exit, Exit::ok) << result.message;
                const auto name = "storm/" + download.target.filename().string();
                right += read_file(download.target) == content_of(name, 20'000);
                requests += result.requests;
            });
    EXPECT_EQ(right, objects);
    EXPECT_LE(static_cast<double>(requests), 3.0 * objects);
    EXPECT_GE(static_cast<double>(requests), 1.5 * objects) << "the storm did not blow";
    EXPECT_EQ(server.get("/-/requests")["early"].size(), 0u) << "asked earlier than told";
    std::printf("storm: %d objects, %.2f requests each\n", objects,
                static_cast<double>(requests) / objects);
}

// kill -9 at random moments until it is done.
TEST_F(DownloadTest, KilledAgainAndAgain) {
    const int kills = drill_count(12);
    constexpr std::size_t kLarge = 30'000'000;
    server.control({{"set", {{"record", false}}}});
    server.control(fault("slow", 1 << 30, {{"delay", 0.001}}));
    const auto download = item("k", kLarge);
    const std::string wanted = fs::digest_of(fs::DigestKind::sha256, content_of("k", kLarge));
    std::mt19937 dice(3);
    std::int64_t transferred = 0;
    int killed = 0;
    int completed = 0;
    while (killed < kills) {
        std::filesystem::remove(folder / "k");
        for (bool complete = false; !complete;) {
            const auto before = std::filesystem::exists(folder / "k.part")
                                    ? std::filesystem::file_size(folder / "k.part")
                                    : 0;
            const pid_t child = ::fork();
            if (child == 0) {
                HttpClient client(impatient(), quick_policy());
                const auto result = Downloader(client, roomy()).run(std::vector{download}).front();
                ::_exit(result.exit == Exit::ok ? 0 : 1);
            }
            if (killed < kills) {
                std::this_thread::sleep_for(std::chrono::milliseconds(100 + dice() % 400));
                ::kill(child, SIGKILL);
            }
            int status = 0;
            ::waitpid(child, &status, 0);
            complete = WIFEXITED(status) != 0;
            if (complete) {
                EXPECT_EQ(WEXITSTATUS(status), 0);
                transferred += static_cast<std::int64_t>(kLarge - before);
                ++completed;
            } else {
                ++killed;
                const auto after = std::filesystem::exists(folder / "k.part")
                                       ? std::filesystem::file_size(folder / "k.part")
                                       : 0;
                EXPECT_GE(after, before) << "what was fetched is lost";
                transferred += static_cast<std::int64_t>(after - before);
            }
        }
        EXPECT_EQ(fs::digest_of(fs::DigestKind::sha256, read_file(folder / "k")), wanted);
    }
    EXPECT_LE(static_cast<double>(transferred), 1.5 * static_cast<double>(kLarge) * completed);
    EXPECT_EQ(files(), std::vector<std::string>{"k"});
    std::printf("kills: %d, files %d, %.2f x bytes\n", killed, completed,
                static_cast<double>(transferred) / (static_cast<double>(kLarge) * completed));
}

TEST(Tokens, OneSessionForAllAndRefreshedWhenShort) {
    const Server server("strict");
    const TemporaryFolder state;
    const Environment folder("HLS_STATE_DIR", (state / "state").string());
    const Environment identity("HLS_ENDPOINT_CDSE_IDENTITY", server.url("/-/identity"));
    const Environment user("CDSE_USER", "me");
    const Environment password("CDSE_PASSWORD", "password-MARKER-cdse");
    HttpClient client({}, quick_policy());
    const auto make = [&] { return OAuthAuthorizer(client, cdse_account(), {"127.0.0.1:1"}); };
    OAuthAuthorizer first(client, cdse_account(), {"127.0.0.1:1"});
    EXPECT_EQ(first.token(), "access-MARKER-1");
    EXPECT_EQ(first.token(), "access-MARKER-1");
    EXPECT_EQ(make().token(), "access-MARKER-1") << "shared by file";
    struct stat info {};
    ::stat((state / "state/cdse.json").c_str(), &info);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    EXPECT_TRUE(first.renew({}));
    EXPECT_EQ(first.token(), "access-MARKER-2");
    EXPECT_EQ(server.get("/-/identity-counts")["sessions"], 1);
    EXPECT_EQ(server.get("/-/identity-counts")["refreshes"], 1);
    server.control({{"set", {{"expires_in", 0}}}});
    EXPECT_TRUE(first.renew({}));
    server.control({{"set", {{"expires_in", 600}}}});
    EXPECT_EQ(first.token(), "access-MARKER-4");
    EXPECT_EQ(server.get("/-/identity-counts")["sessions"], 1);
    Request stranger;
    stranger.url = parse_url("http://127.0.0.1:2/");
    first.authorize(stranger);
    EXPECT_TRUE(stranger.headers.empty());
    std::filesystem::permissions(state / "state/cdse.json", std::filesystem::perms(0644));
    EXPECT_THROW(first.token(), Error);
}

}  // namespace
}  // namespace hls::net
