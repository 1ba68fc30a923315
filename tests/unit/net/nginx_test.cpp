// SPDX-License-Identifier: Apache-2.0
// Downloads from a real web server: ranges, limits of rate and connections, and how fast.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "net/download.hpp"
#include "servers/server.hpp"

namespace hls::net {
namespace {

using test::Server;
using test::TemporaryFolder;

std::string random_bytes(std::size_t size, unsigned seed) {
    std::string text(size, '\0');
    std::uint32_t state = seed * 2654435761u + 1;
    for (char& c : text) {
        state = state * 1664525u + 1013904223u;
        c = static_cast<char>(state >> 24);
    }
    return text;
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

DownloadOptions jobs(int count) {
    DownloadOptions options;
    options.jobs = count;
    options.min_free_bytes = 0;
    return options;
}

Download item(const std::string& url, const std::filesystem::path& target) {
    Download download;
    download.identity = target.filename();
    download.request.url = parse_url(url);
    download.target = target;
    return download;
}

HttpClient quick_client() {
    RetryPolicy policy;
    policy.base = Seconds{0.05};
    return HttpClient(TransportOptions{}, policy);
}

bool drilling() {
    return std::getenv("HLS_DRILL_COUNT") != nullptr;
}

// More at once than the server takes from one client, and faster than it likes.
TEST(Nginx, LimitsOfConnectionsAndRateAreLivedWith) {
    const TemporaryFolder origin, folder;
    constexpr int kFiles = 24;
    for (int i = 0; i < kFiles; ++i)
        write_file(origin / ("f" + std::to_string(i)), random_bytes(300'000, 1u + i));
    const Server server("nginx", {origin.path(), "--connections", "3", "--rate", "20",
                                  "--bytes-per-second", "3000000"});
    std::vector<Download> items;
    for (int i = 0; i < kFiles; ++i) {
        const std::string name = "f" + std::to_string(i);
        items.push_back(item(server.url("/limited/" + name), folder / name));
    }
    auto client = quick_client();
    for (const auto& result : Downloader(client, jobs(8)).run(items))
        EXPECT_EQ(result.exit, Exit::ok) << result.message;
    for (const auto& download : items) {
        const std::string name = download.target.filename();
        EXPECT_EQ(read_file(folder / name), read_file(origin / name)) << name;
    }
    std::ifstream log(server.about()["access_log"].get<std::string>());
    const std::string lines{std::istreambuf_iterator<char>(log), {}};
    EXPECT_NE(lines.find("\" 429 "), std::string::npos) << "the server limited nothing";
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), kFiles);
}

// A part file is continued where the same version and ranges are to be had, else begun anew.
TEST(Nginx, PartsAreContinuedOnlyOfTheSameVersion) {
    const std::string old_text = random_bytes(2'000'000, 7), new_text = random_bytes(2'000'000, 8);
    const struct {
        const char* what;
        const char* path;
        bool changed;
        bool resumed;
    } cases[] = {{"same", "/f", false, true},
                 {"changed", "/f", true, false},
                 {"no ranges", "/norange/f", false, false}};
    for (const auto& one : cases) {
        const TemporaryFolder origin, folder;
        write_file(origin / "f", old_text);
        const Server slow("nginx", {origin.path(), "--bytes-per-second", "1000000"});
        const auto target = folder / "f";
        const pid_t child = ::fork();
        if (child == 0) {
            auto client = quick_client();
            auto download = item(slow.url("/limited/f"), target);
            ::_exit(Downloader(client, jobs(1)).run(std::vector{download}).empty());
        }
        const auto part = folder / "f.part";
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (std::chrono::steady_clock::now() < until &&
               (!std::filesystem::exists(part) || std::filesystem::file_size(part) < 200'000))
            ::usleep(1000);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ASSERT_TRUE(std::filesystem::exists(part)) << one.what;
        if (one.changed) write_file(origin / "f", new_text + "more");
        auto client = quick_client();
        const auto result =
            Downloader(client, jobs(1)).run(std::vector{item(slow.url(one.path), target)}).front();
        EXPECT_EQ(result.exit, Exit::ok) << one.what << ": " << result.message;
        EXPECT_EQ(read_file(target), read_file(origin / "f")) << one.what;
        EXPECT_EQ(result.action == DownloadAction::resumed, one.resumed) << one.what;
        if (one.resumed) {
            EXPECT_LT(result.transferred, 1'900'000) << one.what;
        }
    }
}

double seconds_of(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// One large file, durable and with its digest taken, beside curl's plain copy, in turns.
TEST(Throughput, OneConnectionBesideCurl) {
    const std::size_t size = drilling() ? 1'000'000'000 : 50'000'000;
    const TemporaryFolder origin, folder;
    write_file(origin / "large", random_bytes(size, 1));
    const Server server("nginx", {origin.path()});
    auto client = quick_client();
    // The best of some rounds is the one that other programs disturbed least.
    double ours = 1e9, curls = 1e9;
    for (int round = 0; round < 5; ++round) {
        const auto target = folder / "ours", copy = folder / "curl";
        ours = std::min(
            ours, seconds_of([&] {
                const auto result = Downloader(client, jobs(1))
                                        .run(std::vector{item(server.url("/large"), target)})
                                        .front();
                EXPECT_EQ(result.bytes, static_cast<std::int64_t>(size)) << result.message;
            }));
        const std::string command = "curl -s -o '" + copy.string() + "' '" + server.url("/large") +
                                    "' && sync -d '" + copy.string() + "'";
        curls = std::min(curls, seconds_of([&] { EXPECT_EQ(std::system(command.c_str()), 0); }));
        std::filesystem::remove(target);
        std::filesystem::remove(copy);
    }
    const double share = curls / ours;
    std::printf("one connection: %.0f MB/s, curl %.0f MB/s, share %.2f\n",
                static_cast<double>(size) / 1e6 / ours, static_cast<double>(size) / 1e6 / curls,
                share);
    EXPECT_GE(share, drilling() ? 0.9 : 0.5);
}

// Small objects from a server that takes 20 ms for each.
TEST(Throughput, ManySmallObjectsAtOnce) {
    const int objects = drilling() ? 512 : 128;
    const Server server("strict");
    server.control({{"set", {{"record", false}}},
                    {"faults", {{{"path", "/-/files/"}, {"kind", "slow"}, {"delay", 0.02}}}}});
    const auto fetch_all = [&](int count) {
        const TemporaryFolder folder;
        std::vector<Download> items;
        for (int i = 0; i < objects; ++i) {
            const std::string name = "s" + std::to_string(i);
            items.push_back(item(server.url("/-/files/" + name + "?size=8000"), folder / name));
        }
        auto client = quick_client();
        return seconds_of([&] {
            for (const auto& result : Downloader(client, jobs(count)).run(std::move(items)))
                EXPECT_EQ(result.exit, Exit::ok) << result.message;
        });
    };
    const double serial = fetch_all(1), parallel = fetch_all(64);
    std::printf("%d small objects: %.2f s one by one, %.2f s with 64 jobs, %.1f x\n", objects,
                serial, parallel, serial / parallel);
    EXPECT_GE(serial / parallel, 5);
}

}  // namespace
}  // namespace hls::net
