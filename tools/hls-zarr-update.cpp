// SPDX-License-Identifier: Apache-2.0
// hls-zarr-update: append, overwrite or clear regions of a Zarr store, safely.
#include "hls-zarr-update.hpp"

#include <chrono>

#include "core/parallel.hpp"
#include "io/library_versions.hpp"

namespace hls::zarr_update {

std::vector<zarr::Collection> collections(const Options& options) {
    auto loaded = zarr::load_collections(options.config);
    if (!options.collection.empty()) {
        std::erase_if(loaded, [&](const auto& one) { return one.name != options.collection; });
        if (loaded.empty())
            throw Error{Exit::usage,
                        "no collection " + options.collection + " in " + options.config};
    }
    const bool placed = !options.store.empty() || !options.source.empty() || !options.state.empty();
    if (placed && loaded.size() > 1)
        throw Error{Exit::usage, "--store, --source and --state need one collection",
                    "choose it with --collection"};
    for (zarr::Collection& collection : loaded) {
        if (!options.store.empty()) collection.store = options.store;
        if (!options.source.empty()) collection.source = options.source;
        if (!options.state.empty()) collection.state = options.state;
        collection.single_writer = options.single_writer;
    }
    return loaded;
}

zarr::RunOptions run_options(const Options& options, const std::string& command) {
    zarr::RunOptions run;
    run.batch.threads = options.threads;
    run.dry_run = options.dry_run;
    run.wait = !options.no_wait;
    run.command = command;
    const auto milliseconds = [](double seconds) {
        return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    };
    run.lease.lifetime = milliseconds(options.lease_s);
    run.lease.wait =
        options.no_wait ? std::chrono::milliseconds(0) : milliseconds(options.lock_wait_s);
    return run;
}

zarr::RunLog start_log(const Options& options, const std::string& command, cli::Context& context) {
    auto& record = context.record();
    record.wanted = !options.dry_run;
    record.file = options.record;
    record.unit = options.collection.empty() ? options.config : options.collection;
    record.params = {{"command", command}, {"config", options.config}};
    for (const std::string& file : options.files) record.inputs.push_back({file});
    return zarr::RunLog([&context](std::string_view line) { context.print(line); });
}

void finish_record(const zarr::RunLog& log, cli::Context& context) {
    auto& params = context.record().params;
    for (const auto& [outcome, count] : log.outcomes()) params.emplace_back(outcome, count);
    params.emplace_back("transactions", log.transactions());
    params.emplace_back("objects", log.objects());
    params.emplace_back("bytes", log.bytes());
}

CLI::App& add_command(cli::Program& program, Options& options, const std::string& name,
                      const std::string& purpose) {
    CLI::App& app = program.add_command(name, purpose);
    program.require(
        app, app.add_option("-c,--config", options.config, "Collection, or a folder of collections")
                 ->type_name("FILE|DIR"));
    app.add_option("--collection", options.collection, "The one to use of several");
    app.add_option("--store", options.store, "Store, instead of the configured one");
    app.add_option("--source", options.source, "Where keys lie, instead of what is configured");
    app.add_option("--state", options.state, "State, instead of <store>.hls-state");
    app.add_flag("--single-writer", options.single_writer,
                 "All writers of a store in a bucket use this state folder");
    return app;
}

void add_work(CLI::App& app, Options& options) {
    options.threads = available_threads();
    app.add_option("-j,--threads", options.threads, "Threads to use")
        ->check(CLI::Range(1, 1024))
        ->envname("HLS_THREADS")
        ->type_name("N");
    app.add_flag("--dry-run", options.dry_run,
                 "Print what would be done, with chunk keys, and stop");
    app.add_option("--record", options.record, "Keep the result record here")->type_name("FILE");
    app.add_option("--lease", options.lease_s,
                   "Seconds after which a writer that stopped is fenced")
        ->check(CLI::Range(0.01, 86400.0))
        ->capture_default_str();
    app.add_option("--lock-wait", options.lock_wait_s, "Seconds to wait for a living writer")
        ->check(CLI::Range(0.0, 86400.0))
        ->capture_default_str();
    app.add_flag("--no-wait", options.no_wait, "End with 75 where others would be waited for");
    app.add_option("--inputs-from", "Take the work from line --index of FILE, - for stdin")
        ->type_name("FILE");
    app.add_option("--index", "Line of --inputs-from, from 0")
        ->envname("AWS_BATCH_JOB_ARRAY_INDEX")
        ->type_name("N");
}

}  // namespace hls::zarr_update

int main(int argc, char** argv) {
    using namespace hls;
    cli::Program program("hls-zarr-update",
                         "Append, overwrite or clear regions of a Zarr store, safely");
    zarr_update::Options options;
    zarr_update::declare_changes(program, options);
    zarr_update::declare_ingest(program, options);
    zarr_update::declare_answers(program, options);
    program.on_version(io::library_versions);
    return program.run(argc, argv);
}
