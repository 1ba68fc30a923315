// SPDX-License-Identifier: Apache-2.0
// A log in a folder of its own, a clock that the test moves, and short words for what happens.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "joblog/claim.hpp"
#include "joblog/finish.hpp"
#include "joblog/gate.hpp"
#include "joblog/intake.hpp"
#include "joblog/job_log.hpp"

namespace hls::joblog {

class LogTest : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "hls-log-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        log_ = std::make_unique<JobLog>(JobLog::create(folder_ / "hls.db", store::Journal::wal,
                                                       std::chrono::milliseconds(1000)));
        log_->set("twin-wait", "0");
        now_ = parse_utc("2024-03-10T00:00:00Z");
    }
    void TearDown() override {
        log_.reset();
        std::filesystem::remove_all(folder_);
    }

    template <typename Action>
    auto change(const Action& action) {
        Change change(*log_, now_, "test");
        if constexpr (std::is_void_v<decltype(action(change))>) {
            action(change);
            change.commit();
        } else {
            auto result = action(change);
            change.commit();
            return result;
        }
    }

    void add(const std::vector<std::string>& lines, IntakeRules rules = {}) {
        change([&](Change& c) {
            Intake intake(c, rules);
            for (const auto& line : lines) intake.add(*parse_granule_line(line, "test"));
        });
    }
    // A unit without needs.
    void add_unit(const std::string& key) {
        change([&](Change& c) {
            c.connection()
                .prepare(
                    "INSERT INTO unit(ukey,stage,state,created_at,changed_at) "
                    "VALUES(?1,substr(?1,1,instr(?1,':')-1),'ready',?2,?2)")
                .bind(key, c.now())
                .run();
        });
    }
    Unit unit(const std::string& key) { return require_unit(log_->connection(), key); }
    std::string state(const std::string& key) {
        const Unit found = unit(key);
        return found.state + ' ' + found.reason;
    }
    // First tile unit, in order of its id.
    std::string first_tile() {
        return log_->connection().query_text(
            "SELECT ukey FROM unit WHERE stage='tile' ORDER BY id");
    }
    std::vector<std::string> members(const std::string& key) {
        auto rows = log_->connection().prepare(
            "SELECT need_key FROM dependency WHERE unit_id=? AND gate='member' ORDER BY seq");
        rows.bind(unit(key).id);
        std::vector<std::string> keys;
        while (rows.step()) keys.push_back(rows.text(0));
        return keys;
    }
    std::vector<Unit> claim(ClaimRequest request = {}) {
        request.owner = "test";
        return change([&](Change& c) { return claim_units(c, request); });
    }
    Unit claim(const std::string& key) {
        ClaimRequest request;
        request.key = key;
        auto units = claim(request);
        if (units.size() != 1) throw std::runtime_error(key + " is not due: " + state(key));
        return units.front();
    }
    static ResultRecord record_of(const Unit& unit, int exit_code,
                                  const std::string& content = "1") {
        ResultRecord record;
        record.run_id = unit.lease_run;
        record.unit = unit.key;
        record.seq = unit.lease_seq;
        record.exit_code = exit_code;
        record.detail = "{}";
        if (exit_code == 0) record.outputs = {{"out/" + unit.stage + "/file.tif", 1, content}};
        return record;
    }
    Applied apply(const ResultRecord& record) {
        return change([&](Change& c) { return apply_record(c, record); });
    }
    void finish(const std::string& key, int exit_code, const std::string& content = "1") {
        apply(record_of(claim(key), exit_code, content));
    }
    void sleep(seconds time) { now_ += time; }
    static Exit code_of(const auto& action) {
        try {
            action();
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    }

    std::filesystem::path folder_;
    std::unique_ptr<JobLog> log_;
    UtcTime now_;
};

}  // namespace hls::joblog
