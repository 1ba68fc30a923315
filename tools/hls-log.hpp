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
void record_all(const LogCommands& shared, const std::vector<std::string>& sources, bool archive,
                bool keep_going, cli::Context& context);
void declare_intake(cli::Program& program, LogCommands& shared);
void declare_questions(cli::Program& program, LogCommands& shared);
void declare_figures(cli::Program& program, LogCommands& shared);

}  // namespace hls::tools
