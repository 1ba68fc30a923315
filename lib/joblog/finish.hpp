// SPDX-License-Identifier: Apache-2.0
// The end of a run becomes the next state of its unit.
#pragma once

#include <string>
#include <string_view>

#include "joblog/claim.hpp"
#include "joblog/exit_class.hpp"
#include "joblog/result_record.hpp"

namespace hls::joblog {

enum class Applied {
    applied,    // the unit moved
    duplicate,  // this was known
    stale,      // kept, but it changed nothing: the unit is in other hands, or beyond it
};

// Applies what a tool reported. The record of the attempt and the state change together or not at
// all; a success without outputs is a failure of class code, reason no_record. Throws
// Error{missing_input} for an unknown unit and {bad_input} for a record of an attempt that was
// never begun.
Applied apply_record(Change& change, const ResultRecord& record);

// How a run without a record ended, as its scheduler says.
struct SchedulerReport {
    std::string run_id;
    std::string unit;
    std::optional<std::int64_t> seq;
    std::optional<int> exit_code;
    std::string reason, job, jobinfo, started_at, ended_at, log_uri;
};
Applied apply_scheduler_report(Change& change, const SchedulerReport& report);

// The lease ran out with nothing heard.
void apply_lost_lease(Change& change, const Unit& unit);

}  // namespace hls::joblog
