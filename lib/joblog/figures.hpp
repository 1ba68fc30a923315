// SPDX-License-Identifier: Apache-2.0
// Counts, times and memory: what the log says in numbers.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "joblog/job_log.hpp"

namespace hls::joblog {

struct Quantiles {
    double p50 = 0, p95 = 0, p99 = 0;
};

struct StageFigures {
    std::string stage;
    int runs = 0, failed = 0;  // ended neither ok nor as expected
    Quantiles wall_s, cpu_s, rss_mb;
};

// Of attempts that ended since `since` (log time, "" for all), by stage; all stages if empty. Only
// what tools reported themselves.
std::vector<StageFigures> stage_figures(store::Connection& connection, const std::string& since);

// Nearest-rank quantiles; zeros for no value. `values` is sorted.
Quantiles quantiles(std::vector<double>& values);

struct StatusFigures {
    std::map<std::string, std::map<std::string, std::int64_t>> units;  // stage -> state -> count
    std::int64_t done_24h = 0, failed_24h = 0, held = 0, ready = 0, leases_overdue = 0;
    double oldest_ready_s = 0;
    std::string last_event;

    double failed_share() const;  // of what ended in 24 h
};

StatusFigures status_figures(store::Connection& connection, UtcTime now);

struct Thresholds {
    double failed_share = -1;  // negative: not looked at
    std::int64_t least_done_24h = -1;
    std::int64_t most_held = -1;
    double oldest_ready_s = -1;
};

// One sentence for each threshold that is passed.
std::vector<std::string> alarms(const StatusFigures& figures, const Thresholds& thresholds);

enum class StatusFormat { text, json, prometheus };
std::string format_status(const StatusFigures& figures, StatusFormat format);
std::string format_figures(const std::vector<StageFigures>& figures, StatusFormat format);

}  // namespace hls::joblog
