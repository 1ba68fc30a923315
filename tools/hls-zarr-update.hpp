// SPDX-License-Identifier: Apache-2.0
// What the commands of hls-zarr-update share.
#pragma once

#include <string>
#include <vector>

#include "cli/program.hpp"
#include "zarr/update_run.hpp"

namespace hls::zarr_update {

struct Options {
    std::string config, collection, store, source, state, record;
    std::vector<std::string> files;
    std::string time, key, array, region;
    int threads = 0;
    double lease_s = 60, lock_wait_s = 600;
    bool dry_run = false, no_wait = false, follow = false;
    bool deep = false, repair = false, dead_letters = false, digests = false;
    bool single_writer = false;
};

// The configured collections, with --store, --source and --state put in.
std::vector<zarr::Collection> collections(const Options& options);
// Those of --collection, or all.
zarr::RunOptions run_options(const Options& options, const std::string& command);
// Lines of JSON on stdout; counts in the result record.
zarr::RunLog start_log(const Options& options, const std::string& command, cli::Context& context);
void finish_record(const zarr::RunLog& log, cli::Context& context);

CLI::App& add_command(cli::Program& program, Options& options, const std::string& name,
                      const std::string& purpose);
void add_work(CLI::App& app, Options& options);

// Each declares its commands.
void declare_changes(cli::Program& program, Options& options);  // create append update clear replay
void declare_ingest(cli::Program& program, Options& options);   // ingest reconcile
void declare_answers(cli::Program& program, Options& options);  // status verify inspect gc

}  // namespace hls::zarr_update
