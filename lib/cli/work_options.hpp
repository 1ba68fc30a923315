// SPDX-License-Identifier: Apache-2.0
// The options of every command that makes an output.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/program.hpp"

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

// Starts the result record of a unit of work. The record of a failure goes to stdout, and to a file
// only where --record says: nothing appears beside an output that does not exist.
void begin_record(RunRecord& record, const WorkOptions& options, const std::string& unit);

// For a complete output: the record lies beside it, as <output>.run.json unless --record says
// otherwise.
void name_output(RunRecord& record, const std::string& output);

// An output that is complete on disk.
void add_output(RunRecord& record, const std::filesystem::path& path, std::string sha256);

// What --dry-run prints: one line "read PATH" or "write PATH" each.
void print_plan(const Context& context, const std::vector<std::string>& reads,
                const std::vector<std::filesystem::path>& writes);

}  // namespace hls::cli
