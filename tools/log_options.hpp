// SPDX-License-Identifier: Apache-2.0
// Options and input that hls-log and hls-retry share.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/program.hpp"
#include "joblog/selection.hpp"

namespace hls::tools {

struct LogOptions {
    std::string path = "hls.db";
    double busy_timeout_s = 30;

    joblog::JobLog open(store::Access access) const {
        return joblog::JobLog::open(path, {access, timeout()});
    }
    std::chrono::milliseconds timeout() const {
        return std::chrono::milliseconds(static_cast<long>(busy_timeout_s * 1000));
    }
};

void add_log_options(CLI::App& app, LogOptions& options);
// --stage, --state, --date and so on.
void add_selection_options(CLI::App& app, joblog::Selection& selection);

struct InputLine {
    std::string text;
    std::string place;  // "stdin line 3"
};
// All lines of files, or of standard input for "-". Throws Error{missing_input}.
std::vector<InputLine> read_lines(const std::vector<std::string>& files);

}  // namespace hls::tools
