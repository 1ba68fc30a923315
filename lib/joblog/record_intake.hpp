// SPDX-License-Identifier: Apache-2.0
// Lines that came back - result records of tools, receipts of deliveries - into the log.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "joblog/job_log.hpp"

namespace hls::joblog {

struct ReturnedLine {
    std::string text;
    std::string place;  // "stdin line 3"
};

struct ReturnedCount {
    int applied = 0, duplicate = 0, stale = 0;  // result records
    int receipts = 0;                           // that were new
    int foreign = 0;                            // receipts of what was never sent from here
    Exit worst = Exit::ok;                      // of what was left out
    std::vector<std::size_t> rejected;          // positions of lines left out
};

// All lines in one transaction. A line that is neither, or that the log cannot take, throws its
// Error
// ({bad_input}, {missing_input}) and nothing is kept; with `rejected`, it is told and left out.
ReturnedCount take_in(JobLog& log, const std::vector<ReturnedLine>& lines,
                      const std::function<void(const Error&)>& rejected = {});

}  // namespace hls::joblog
