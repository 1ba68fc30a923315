// SPDX-License-Identifier: Apache-2.0
// The options of every command that makes an output.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace hls::cli {

struct WorkOptions {
    std::string output;
    int threads = 0;  // set to the CPUs this process may use unless given
    bool overwrite = false;
    bool skip_existing = false;
    bool dry_run = false;
    std::string record;  // empty: beside the output
};

// Adds -o, -j, --overwrite, --skip-existing, --dry-run, --record, --inputs-from and --index.
// Returns the -o option, so that a command can require it.
CLI::Option* add_work_options(CLI::App& command, WorkOptions& options,
                              const std::string& output_description);

}  // namespace hls::cli
