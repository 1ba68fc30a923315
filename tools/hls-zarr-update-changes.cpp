// SPDX-License-Identifier: Apache-2.0
// hls-zarr-update create, append, update, clear, replay.
#include <filesystem>
#include <iostream>

#include "core/parse.hpp"
#include "hls-zarr-update.hpp"
#include "zarr/s3_source.hpp"

namespace hls::zarr_update {
namespace {

using zarr::CollectionStore;

void create(const Options& options, cli::Context& context) {
    auto loaded = collections(options);
    if (loaded.size() > 1)
        throw Error{Exit::usage, "several collections", "choose one with --collection"};
    zarr::RunLog log = start_log(options, "create", context);
    const auto files = zarr::mixed_source("", nullptr);
    const auto first = zarr::open_source(files->readable(options.files.front()));
    // Before anything is written: what is wrong with the collection leaves nothing behind.
    const auto layout = zarr::make_layout(loaded.front(), *first);
    if (options.dry_run) {
        for (const auto& document : layout.documents(loaded.front(), 0))
            log.print({{"write", document.key}});
        return;
    }
    CollectionStore store(std::move(loaded.front()), CollectionStore::Mode::create);
    zarr::Writer writer(store.state(), "create", run_options(options, "create").lease);
    const bool made = zarr::create_store(store, writer, *first);
    log.print({{"store", store.store().name()}, {"created", made}});
    finish_record(log, context);
}

// Files of the command line, or of standard input where one is "-".
std::vector<std::string> files_of(const Options& options) {
    std::vector<std::string> files;
    for (const std::string& file : options.files) {
        if (file != "-") {
            files.push_back(file);
            continue;
        }
        for (std::string line; std::getline(std::cin, line);)
            if (const auto name = trim(line); !name.empty()) files.emplace_back(name);
    }
    return files;
}

void change(const Options& options, const std::string& command, zarr::Intent intent,
            cli::Context& context) {
    const auto all = collections(options);
    const auto sorted = zarr::sort_files(all, files_of(options));
    zarr::RunLog log = start_log(options, command, context);
    for (const auto& [index, files] : sorted) {
        CollectionStore store(all[index], options.dry_run ? CollectionStore::Mode::read
                                                          : CollectionStore::Mode::write);
        try {
            zarr::update_files(store, files, intent, run_options(options, command), log);
        } catch (...) {
            finish_record(log, context);
            throw;
        }
    }
    finish_record(log, context);
}

void replay(const Options& options, cli::Context& context) {
    zarr::RunLog log = start_log(options, "replay", context);
    for (zarr::Collection& collection : collections(options)) {
        CollectionStore store(std::move(collection), CollectionStore::Mode::write);
        if (options.dead_letters) zarr::EventQueue(store.state()).revive();
        zarr::replay(store, run_options(options, "replay"), log);
    }
    finish_record(log, context);
}

}  // namespace

void declare_changes(cli::Program& program, Options& options) {
    CLI::App& make =
        add_command(program, options, "create", "Make the empty store of a collection");
    program.require(
        make,
        make.add_option("FILE", options.files, "A first file: its grid and types")->expected(1));
    add_work(make, options);
    program.on_run(make, [&](cli::Context& context) { create(options, context); });

    struct Verb {
        const char* name;
        const char* purpose;
        zarr::Intent intent;
    };
    for (const Verb& verb :
         {Verb{"append", "Add files whose slots are free", zarr::Intent::append},
          Verb{"update", "Add files, replacing what their slots hold", zarr::Intent::update},
          Verb{"clear", "Take files out; runners-up take their slots", zarr::Intent::clear}}) {
        CLI::App& app = add_command(program, options, verb.name, verb.purpose);
        program.require(
            app, app.add_option("FILE", options.files, "Files; - reads their names from stdin"));
        add_work(app, options);
        program.on_run(app, [&options, verb](cli::Context& context) {
            change(options, verb.name, verb.intent, context);
        });
    }
    CLI::App& again = add_command(program, options, "replay", "Finish what a crash left");
    again.add_flag("--dead-letters", options.dead_letters, "Try events again that were given up");
    add_work(again, options);
    program.on_run(again, [&](cli::Context& context) { replay(options, context); });
}

}  // namespace hls::zarr_update
