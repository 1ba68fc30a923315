// SPDX-License-Identifier: Apache-2.0
// hls-zarr-update ingest and reconcile.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <iostream>
#include <iterator>

#include "core/cancel.hpp"
#include "fs/read_text.hpp"
#include "hls-zarr-update.hpp"
#include "zarr/store_check.hpp"

namespace hls::zarr_update {
namespace {

// A day of a busy bucket has a million events of half a kilobyte.
constexpr std::size_t kMaxMessageBytes = std::size_t{1} << 30;

std::string read_all(const std::string& name) {
    if (name == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    return fs::read_text(name, kMaxMessageBytes);
}

// Whole lines of standard input as they come.
class LineReader {
 public:
    // Waits up to `seconds`. False at the end of the input.
    bool read(double seconds, std::string& lines) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        const int ready = ::poll(&input, 1, static_cast<int>(std::ceil(seconds * 1000)));
        if (ready <= 0) return true;
        char buffer[65536];
        const auto bytes = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (bytes < 0 && errno == EINTR) return true;
        if (bytes < 0) throw Error{Exit::io_error, "cannot read standard input"};
        rest_.append(buffer, static_cast<std::size_t>(bytes));
        const std::size_t end = bytes == 0 ? rest_.size() : rest_.rfind('\n') + 1;
        lines = rest_.substr(0, end);
        rest_.erase(0, end);
        return bytes != 0;
    }

 private:
    std::string rest_;
};

void follow(zarr::Ingest& ingest) {
    LineReader input;
    for (bool more = true; more;) {
        throw_if_cancelled();
        std::string lines;
        more = input.read(std::min(1.0, ingest.seconds_left().value_or(1.0)), lines);
        // Several messages may have come at once; each line is one.
        if (!lines.empty()) ingest.take(lines);
        if (ingest.batch_is_full()) ingest.work(true);
    }
    ingest.work();
}

void ingest_events(const Options& options, cli::Context& context) {
    zarr::RunLog log = start_log(options, "ingest", context);
    zarr::Ingest ingest(collections(options), run_options(options, "ingest"), log);
    if (options.follow) {
        follow(ingest);
    } else {
        const auto names = options.files.empty() ? std::vector<std::string>{"-"} : options.files;
        for (const std::string& name : names) ingest.take(read_all(name));
        ingest.work();
    }
    finish_record(log, context);
    log.raise_rejected();
}

void reconcile(const Options& options, cli::Context& context) {
    zarr::RunLog log = start_log(options, "reconcile", context);
    for (zarr::Collection& collection : collections(options)) {
        using zarr::CollectionStore;
        CollectionStore store(std::move(collection), options.dry_run
                                                         ? CollectionStore::Mode::read
                                                         : CollectionStore::Mode::write);
        const auto found = zarr::reconcile(store, options.dry_run, log);
        log.print({{"collection", store.collection().name}, {"differences", found}});
        if (options.dry_run) continue;
        const auto run = run_options(options, "reconcile");
        zarr::Writer writer(store.state(), "reconcile", run.lease);
        zarr::drain(store, writer, run, log);
    }
    finish_record(log, context);
    log.raise_rejected();
}

}  // namespace

void declare_ingest(cli::Program& program, Options& options) {
    CLI::App& app = add_command(program, options, "ingest", "Bring stores up to date with events");
    app.add_option("EVENTS", options.files, "Files of messages; stdin if none or -");
    app.add_flag("--follow", options.follow, "Read stdin as lines come, and work in batches");
    add_work(app, options);
    program.on_run(app, [&](cli::Context& context) { ingest_events(options, context); });

    CLI::App& list = add_command(program, options, "reconcile",
                                 "List the source and make up for events that were lost");
    add_work(list, options);
    program.on_run(list, [&](cli::Context& context) { reconcile(options, context); });
}

}  // namespace hls::zarr_update
