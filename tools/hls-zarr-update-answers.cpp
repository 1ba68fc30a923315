// SPDX-License-Identifier: Apache-2.0
// hls-zarr-update status, verify, inspect and gc.
#include <fmt/format.h>

#include "hls-zarr-update.hpp"
#include "zarr/inspect.hpp"
#include "zarr/store_check.hpp"
#include "zarr/store_report.hpp"

namespace hls::zarr_update {
namespace {

using zarr::CollectionStore;

void print(cli::Context& context, const zarr::JsonValue& line) {
    context.print(zarr::format_json(line, zarr::JsonLayout::compact));
}

void status(const Options& options, cli::Context& context) {
    for (zarr::Collection& collection : collections(options)) {
        CollectionStore store(std::move(collection), CollectionStore::Mode::read);
        print(context, zarr::status_document(store));
    }
}

// "no" is answered with 1, as grep does.
void verify(const Options& options, cli::Context& context) {
    std::size_t count = 0;
    for (const zarr::Collection& collection : collections(options)) {
        CollectionStore store(collection, options.repair ? CollectionStore::Mode::write
                                                         : CollectionStore::Mode::read);
        auto faults = zarr::check_store(store, options.deep, options.threads);
        for (const auto& fault : faults) print(context, zarr::fault_document(fault));
        if (options.repair && !faults.empty()) {
            zarr::RunLog log([&](std::string_view line) { context.print(line); });
            const auto run = run_options(options, "verify");
            zarr::Writer writer(store.state(), "verify", run.lease);
            zarr::repair_store(store, writer, faults);
            zarr::drain(store, writer, run, log);
            faults = zarr::check_store(store, options.deep, options.threads);
            for (const auto& fault : faults) print(context, zarr::fault_document(fault));
        }
        count += faults.size();
    }
    if (count != 0) throw Error{Exit::failure, fmt::format("{} faults", count)};
}

void inspect(const Options& options, cli::Context& context) {
    for (zarr::Collection& collection : collections(options)) {
        CollectionStore store(std::move(collection), CollectionStore::Mode::read);
        if (!options.time.empty() || !options.key.empty()) {
            zarr::print_slots(store, options.time, options.key,
                              [&](const zarr::JsonObject& slot) { print(context, slot); });
            continue;
        }
        if (!options.array.empty()) {
            const auto metadata = zarr::Array::open(store.store(), options.array);
            print(context,
                  zarr::inspect_region(store.store(), options.array,
                                       zarr::parse_region(options.region, metadata.whole())));
            continue;
        }
        zarr::InspectOptions wanted;
        wanted.chunks = true;
        wanted.digests = options.digests;
        wanted.threads = options.threads;
        for (const auto& node : zarr::inspect_store(store.store(), wanted)) print(context, node);
    }
}

void collect(const Options& options, cli::Context& context) {
    for (zarr::Collection& collection : collections(options)) {
        CollectionStore store(std::move(collection), CollectionStore::Mode::write);
        const int writers = options.dry_run ? 0 : zarr::forget_dead_writers(store.state());
        for (const std::string& name : zarr::collect_garbage(store.state(), options.dry_run))
            print(context, zarr::JsonObject{{"staging", name}});
        print(context, zarr::JsonObject{{"dead_writers", writers}});
    }
}

void add_threads(CLI::App& app, Options& options) {
    app.add_option("-j,--threads", options.threads, "Threads to use")
        ->check(CLI::Range(1, 1024))
        ->envname("HLS_THREADS")
        ->type_name("N");
}

}  // namespace

void declare_answers(cli::Program& program, Options& options) {
    CLI::App& who = add_command(program, options, "status", "Who writes, and what waits");
    program.on_run(who, [&](cli::Context& context) { status(options, context); });

    CLI::App& check = add_command(program, options, "verify", "Is the store whole? 1 if not");
    check.add_flag("--deep", options.deep, "Read and decode every object");
    check.add_flag("--repair", options.repair, "Write what is wrong again from its files");
    add_threads(check, options);
    program.on_run(check, [&](cli::Context& context) { verify(options, context); });

    CLI::App& show = add_command(program, options, "inspect", "Arrays, or slots and their files");
    show.add_option("--time", options.time, "Slots of that time: 2024, 2024-10-11, ...");
    show.add_option("--key", options.key, "Slots that the object of this key could fill");
    auto* array = show.add_option("--array", options.array, "Print values of this array");
    show.add_option("--region", options.region, "Ranges of indices of --array: 0:3,5,0:10")
        ->needs(array);
    show.add_flag("--digests", options.digests, "SHA-256 of every array's elements");
    add_threads(show, options);
    program.on_run(show, [&](cli::Context& context) { inspect(options, context); });

    CLI::App& sweep = add_command(program, options, "gc", "Remove staging that nobody owns");
    sweep.add_flag("--dry-run", options.dry_run, "Only say what would be removed");
    program.on_run(sweep, [&](cli::Context& context) { collect(options, context); });
}

}  // namespace hls::zarr_update
