// SPDX-License-Identifier: Apache-2.0
// What the commands of hls-log share.
#pragma once

#include <string>
#include <vector>

#include "log_options.hpp"

namespace hls::tools {

struct LogCommands {
    LogOptions log;
    joblog::Selection selection;
};
void declare_init(cli::Program& program, LogCommands& shared);
void declare_add(cli::Program& program, LogCommands& shared);
void declare_record(cli::Program& program, LogCommands& shared);
void declare_questions(cli::Program& program, LogCommands& shared);
void declare_audit(cli::Program& program, LogCommands& shared);
void declare_figures(cli::Program& program, LogCommands& shared);
void declare_pages(cli::Program& program, LogCommands& shared);

// "7d" ago, or a time, as the log writes times; "" for "". Throws Error{usage}.
std::string since_time(const std::string& since);

}  // namespace hls::tools
