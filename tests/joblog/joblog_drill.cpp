// SPDX-License-Identifier: Apache-2.0
// Many processes at one log: claims without double or loss, tiles opened exactly once.
//
// usage: joblog_drill fill DB UNITS | claims DB PROCESSES BATCH WORK_MS CLAIMS_EACH | tiles DB
// PAIRS
#include <fmt/format.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/error.hpp"
#include "joblog/claim.hpp"
#include "joblog/finish.hpp"

namespace {

using namespace hls;
using namespace hls::joblog;
using Clock = std::chrono::steady_clock;

void insert_unit(store::Statement& insert, const std::string& key, const std::string& stage,
                 const std::string& state, const std::string& date, const std::string& now) {
    insert.reset();
    insert.bind(key, stage, state, date, now).run();
}

constexpr std::string_view kInsert =
    "INSERT INTO unit(ukey,stage,state,reason,acq_date,sensor,tile,path,row,spec,created_at,"
    "changed_at) VALUES(?1,?2,?3,'new',?4,'L9','13TFN',33,27,"
    "'{\"scene\":\"LC09_L1TP_033027_20240307_20240307_02_T1\"}',?5,?5)";

// One ac and one tile unit each: a third is done with its record, a third ready, a third waits.
void fill(const std::string& path, int units) {
    auto log = JobLog::create(path, store::Journal::wal, std::chrono::seconds(30));
    Change change(log, utc_now(), "drill");
    auto insert = log.connection().prepare(kInsert);
    auto attempt = log.connection().prepare(
        "INSERT INTO attempt(unit_id,seq,run_id,evidence,started_at,ended_at,exit_code,exit_class,"
        "reason,wall_s,user_s,sys_s,rss_mb,tool,tool_version,host,detail) VALUES(?1,1,?2,'record',"
        "?3,?3,0,'ok','ok',612.4,1204.1,33.2,6120,'hls-lasrc','0.1.0','worker-17',?4)");
    auto need =
        log.connection().prepare("INSERT INTO dependency VALUES(?1,?2,?3,'member',50.0,'unknown')");
    const std::string detail = fmt::format(
        R"({{"inputs":[{{"path":"s3://l1/x","sha256":"{0}"}}],"outputs":[{{"path":"ac/scene.json","bytes":1,"sha256":"{0}"}}]}})",
        std::string(64, 'a'));
    const auto day = [](int i) {
        return format_utc(UtcTime(std::chrono::sys_days(std::chrono::year(2020) / 1 / 1) +
                                  std::chrono::days(i % 1500)))
            .substr(0, 10);
    };
    for (int i = 0; i < units / 2; ++i) {
        const std::string date = day(i);
        const std::string ac = fmt::format("ac:{:06}/{}", i, date);
        const bool done = i % 3 == 0;
        insert_unit(insert, ac, "ac", done ? "done" : "ready", date, change.now());
        const auto id = log.connection().last_insert_id();
        if (done) {
            attempt.reset();
            attempt.bind(id, fmt::format("run{:022}", i), change.now(), detail).run();
        }
        insert_unit(insert, fmt::format("tile:{:06}/{}", i, date), "tile", done ? "ready" : "wait",
                    date, change.now());
        const auto tile = log.connection().last_insert_id();
        for (int k = 0; k < 2; ++k) {
            need.reset();
            need.bind(tile, k, fmt::format("ac:{:06}/{}", i + k, date)).run();
        }
    }
    change.commit();
}

// Starts `count` processes that run `body(number)` and waits; false if one failed.
bool in_processes(int count, const auto& body) {
    for (int i = 0; i < count; ++i) {
        if (::fork() != 0) continue;
        int code = 0;
        try {
            body(i);
        } catch (const Error& error) {
            fmt::print(stderr, "process {}: {}\n", i, error.message);
            code = 1;
        }
        ::_exit(code);
    }
    bool good = true;
    for (int status = 0; ::wait(&status) > 0;) good = good && status == 0;
    return good;
}

// Each process writes "unit lease_seq" lines and the time of each claim in ms.
void claim_units_of(const std::string& path, int number, int batch, int work_ms, int claims_each) {
    auto log = JobLog::open(path, {.busy_timeout = std::chrono::minutes(5)});
    std::ofstream out(fmt::format("{}.claims.{}", path, number));
    std::ofstream times(fmt::format("{}.times.{}", path, number));
    ClaimRequest request;
    request.stages = {"ac"};
    request.count = batch;
    request.owner = fmt::format("drill:{}", number);
    std::this_thread::sleep_for(std::chrono::milliseconds(work_ms * number / 64));
    for (int n = 0; claims_each == 0 || n < claims_each; ++n) {
        const auto start = Clock::now();
        std::vector<Unit> units;
        {
            Change change(log, utc_now(), request.owner);
            units = claim_units(change, request);
            change.commit();
        }
        times << std::chrono::duration<double, std::milli>(Clock::now() - start).count() << '\n';
        if (units.empty()) return;
        for (const auto& unit : units) out << unit.key << ' ' << unit.lease_seq << '\n';
        std::this_thread::sleep_for(std::chrono::milliseconds(work_ms));
    }
}

int claims(const std::string& path, int processes, int batch, int work_ms, int claims_each) {
    const auto start = Clock::now();
    const bool good = in_processes(
        processes, [&](int number) { claim_units_of(path, number, batch, work_ms, claims_each); });
    const double wall = std::chrono::duration<double>(Clock::now() - start).count();
    std::vector<std::string> claimed;
    std::vector<double> times;
    for (int i = 0; i < processes; ++i) {
        const auto claims_file = fmt::format("{}.claims.{}", path, i);
        const auto times_file = fmt::format("{}.times.{}", path, i);
        std::ifstream in(claims_file), in_times(times_file);
        for (std::string line; std::getline(in, line);) claimed.push_back(line);
        for (double ms = 0; in_times >> ms;) times.push_back(ms);
        std::filesystem::remove(claims_file);
        std::filesystem::remove(times_file);
    }
    std::ranges::sort(claimed);
    std::ranges::sort(times);
    const bool unique = std::ranges::adjacent_find(claimed) == claimed.end();
    auto log = JobLog::open(path, {.access = store::Access::read});
    const auto in_log = log.connection().query_int(
        "SELECT count(*) FROM unit WHERE state='claimed' AND lease_seq=1");
    const auto left =
        log.connection().query_int("SELECT count(*) FROM unit WHERE stage='ac' AND state='ready'");
    fmt::print(
        "{{\"processes\":{},\"claimed\":{},\"in_log\":{},\"left\":{},\"unique\":{},"
        "\"per_second\":{:.0f},\"p50_ms\":{:.2f},\"p99_ms\":{:.2f},\"max_ms\":{:.2f}}}\n",
        processes, claimed.size(), in_log, left, unique, static_cast<double>(claimed.size()) / wall,
        times[times.size() / 2], times[times.size() * 99 / 100], times.back());
    return good && unique && static_cast<std::int64_t>(claimed.size()) == in_log ? 0 : 1;
}

ResultRecord success_of(const Unit& unit) {
    ResultRecord record;
    record.run_id = unit.lease_run;
    record.unit = unit.key;
    record.seq = unit.lease_seq;
    record.outputs = {{"out/" + unit.key, 1, "a"}};
    record.detail = "{}";
    return record;
}

// Two scenes each, claimed by two processes that finish them at the same instant; both then try to
// claim the tile and to run it.
int tiles(const std::string& path, int pairs) {
    auto log = JobLog::create(path, store::Journal::wal, std::chrono::seconds(30));
    std::vector<Unit> scenes[2];
    {
        Change change(log, utc_now(), "drill");
        auto insert = log.connection().prepare(kInsert);
        auto need = log.connection().prepare(
            "INSERT INTO dependency VALUES(?1,?2,?3,'member',50.0,'unknown')");
        for (int i = 0; i < pairs; ++i) {
            for (const char side : {'a', 'b'})
                insert_unit(insert, fmt::format("ac:{:06}{}", i, side), "ac", "ready", "2024-03-07",
                            change.now());
            insert_unit(insert, fmt::format("tile:{:06}", i), "tile", "wait", "2024-03-07",
                        change.now());
            const auto tile = log.connection().last_insert_id();
            need.reset();
            need.bind(tile, 1, fmt::format("ac:{:06}a", i)).run();
            need.reset();
            need.bind(tile, 2, fmt::format("ac:{:06}b", i)).run();
        }
        ClaimRequest request;
        request.stages = {"ac"};
        request.count = 2 * pairs;
        request.owner = "drill";
        for (auto& unit : claim_units(change, request))
            scenes[unit.key.back() == 'a' ? 0 : 1].push_back(std::move(unit));
        change.commit();
    }
    auto* barrier = static_cast<pthread_barrier_t*>(::mmap(nullptr, sizeof(pthread_barrier_t),
                                                           PROT_READ | PROT_WRITE,
                                                           MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(barrier, &attributes, 2);
    const bool good = in_processes(2, [&](int side) {
        auto mine = JobLog::open(path);
        ClaimRequest request;
        request.stages = {"tile"};
        request.owner = fmt::format("drill:{}", side);
        for (const Unit& scene : scenes[side]) {
            pthread_barrier_wait(barrier);
            {
                Change change(mine, utc_now(), request.owner);
                apply_record(change, success_of(scene));
                change.commit();
            }
            Change change(mine, utc_now(), request.owner);
            for (const Unit& tile : claim_units(change, request))
                apply_record(change, success_of(tile));
            change.commit();
        }
    });
    const auto done = log.connection().query_int(
        "SELECT count(*) FROM unit WHERE stage='tile' AND state='done' AND lease_seq=1");
    const auto runs = log.connection().query_int(
        "SELECT count(*) FROM attempt a JOIN unit u ON u.id=a.unit_id WHERE stage='tile'");
    fmt::print("{{\"pairs\":{},\"tiles_done\":{},\"tile_runs\":{}}}\n", pairs, done, runs);
    return good && done == pairs && runs == pairs ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    const auto number = [&](std::size_t i) { return std::atoi(args.at(i).c_str()); };
    try {
        if (args.at(0) == "fill") return fill(args.at(1), number(2)), 0;
        if (args.at(0) == "claims")
            return claims(args.at(1), number(2), number(3), number(4), number(5));
        if (args.at(0) == "tiles") return tiles(args.at(1), number(2));
    } catch (const Error& error) {
        fmt::print(stderr, "joblog_drill: {}\n", error.message);
    }
    return 1;
}
