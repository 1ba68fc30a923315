// SPDX-License-Identifier: Apache-2.0
// hls-log add: granules to units of work.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "core/log.hpp"
#include "hls-log.hpp"
#include "joblog/intake.hpp"

namespace hls::tools {
namespace {

using joblog::Change;

struct AddOptions {
    std::vector<std::string> files{"-"}, needs, then;
    std::string track = "forward", tiles;
    int priority = -1;
    bool keep_going = false, dry_run = false;
};

joblog::IntakeRules rules_of(const AddOptions& options, const joblog::JobLog& log,
                             geo::TileList& listed) {
    const auto has = [](const std::vector<std::string>& list, const char* word) {
        return std::ranges::find(list, word) != list.end();
    };
    joblog::IntakeRules rules;
    rules.plan = {has(options.needs, "fetch"), has(options.needs, "mask"),
                  has(options.needs, "aux"), has(options.then, "deliver"),
                  log.settings().join_midnight};
    rules.track = options.track;
    rules.priority =
        options.priority < 0 ? joblog::priority_of_track(options.track) : options.priority;
    if (options.tiles.empty()) return rules;
    std::string ids;
    if (std::filesystem::is_regular_file(options.tiles))
        for (const auto& line : read_lines({options.tiles})) ids += line.text + '\n';
    else
        std::ranges::replace_copy(options.tiles, std::back_inserter(ids), ',', '\n');
    listed = geo::TileList::from_ids(ids, "--tiles");
    rules.plan.tiles = &listed;
    return rules;
}

void add(const LogCommands& shared, const AddOptions& options, cli::Context& context) {
    auto log = shared.log.open(store::Access::write);
    geo::TileList listed;
    const auto rules = rules_of(options, log, listed);
    // Read first, so that nobody waits for the lock while a slow pipe fills.
    std::vector<joblog::Granule> granules;
    int rejected = 0;
    for (const auto& [text, place] : read_lines(options.files)) try {
            if (auto granule = joblog::parse_granule_line(text, place))
                granules.push_back(*std::move(granule));
        } catch (const Error& error) {
            if (!options.keep_going || error.code != Exit::bad_input) throw;
            log_warning("{}", error.message);
            ++rejected;
        }
    Change change(log, utc_now(), joblog::this_process());
    joblog::Intake intake(change, rules);
    for (const auto& granule : granules) intake.add(granule);
    if (!options.dry_run) change.commit();
    const auto& count = intake.count();
    context.print(fmt::format(R"({{"granules":{},"known":{},"units":{},"rejected":{}}})",
                              count.granules, count.known, count.units, rejected));
    if (rejected > 0)
        throw Error{Exit::bad_input,
                    fmt::format("{} of {} lines were no granules", rejected,
                                granules.size() + static_cast<std::size_t>(rejected))};
}

}  // namespace

void declare_add(cli::Program& program, LogCommands& shared) {
    static AddOptions options;
    CLI::App& app = program.add_command("add", "Granules to units of work and what they need");
    add_log_options(app, shared.log);
    app.add_option("FILE", options.files,
                   "Granule records of hls-fetch, USGS messages or ids, one a line; - is stdin");
    app.add_option("--track", options.track, "Kind of work")
        ->check(CLI::IsMember({"forward", "historic", "request", "test"}))
        ->capture_default_str();
    app.add_option("--priority", options.priority, "Lower is sooner; by default that of the track")
        ->check(CLI::Range(0, 1000));
    app.add_option("--needs", options.needs, "Units before correction: fetch, mask, aux")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"fetch", "mask", "aux"}));
    app.add_option("--then", options.then, "Units after the product: deliver")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"deliver"}));
    app.add_option("--tiles", options.tiles, "Only these MGRS tiles: a list or a file of ids");
    app.add_flag("--keep-going", options.keep_going,
                 "Leave out lines that are no granules, and end with 65");
    app.add_flag("--dry-run", options.dry_run, "Say what would be added, and add nothing");
    program.on_run(app, [&](cli::Context& context) { add(shared, options, context); });
}

}  // namespace hls::tools
