// SPDX-License-Identifier: Apache-2.0
// hls-aux-modis status: which days are ready, and when to ask again for those that are not.
#include <fmt/format.h>

#include "ancillary/day_grid.hpp"
#include "core/error.hpp"
#include "hls-aux-modis.hpp"

namespace hls::tool {
namespace {

struct Options {
    DayOptions days;
    std::string place;
    bool online = false;
    fetch::SyncPolicy policy;
};

// A file that came some other way than by sync is good if it looks so.
bool usable_without_record(fetch::DayStore& store, const fetch::Date& date, const std::string& name,
                           std::string& why) {
    try {
        const auto path = store.local(fetch::year_folder(date) + '/' + name);
        if (!path) return false;
        ancillary::require_usable(ancillary::judge_grid(ancillary::read_day_grid(*path)), *path);
        return true;
    } catch (const Error& error) {
        if (error.code != Exit::bad_input) throw;
        why = error.message;
        return false;
    }
}

fetch::DayOutcome look(fetch::DayStore& store, const fetch::Date& date) {
    fetch::DayOutcome day;
    day.date = date;
    const auto stored = fetch::find_day(store, date);
    day.record = stored.best;
    bool usable = stored.best.has_value();
    for (const auto& name : stored.unrecorded) {
        if (usable) break;
        usable = usable_without_record(store, date, name, day.message);
        if (usable) day.message = name + " has no record; hls-aux-modis verify --adopt makes one";
    }
    day.state = usable ? "ready" : day.message.empty() ? "waiting" : "failed";
    if (usable) return day;
    day.exit = Exit::missing_input;
    day.retry_at = fetch::next_try(date, utc_now());
    return day;
}

void status(const Options& options, cli::Context& context) {
    const auto store = fetch::open_day_store(ancillary_place(options.place), http());
    std::optional<fetch::DayOutcome> missing;
    std::size_t not_ready = 0;
    for (const auto& date : options.days.list()) {
        auto day = look(*store, date);
        if (day.exit != Exit::ok && options.online) {
            fetch::LaadsArchive archive(http());
            const fetch::Date today{std::chrono::floor<std::chrono::days>(utc_now())};
            const auto found = fetch::find_candidates(archive, date, {}, options.policy, today);
            day.state = found.empty() ? "waiting" : "available";
            if (!found.empty()) day.message = "LAADS has " + found.front().file;
            if (!found.empty()) day.retry_at.reset();
        }
        context.print(fetch::to_json(day));
        if (day.exit == Exit::ok) continue;
        ++not_ready;
        missing = day;
    }
    if (!missing) return;
    throw Error{Exit::missing_input,
                fmt::format("{} is not there{}", fetch::iso_date(missing->date),
                            not_ready > 1 ? fmt::format(", nor are {} more", not_ready - 1) : ""),
                missing->retry_at
                    ? "try again at " + format_utc(*missing->retry_at)
                    : "get it: hls-aux-modis sync --date " + fetch::iso_date(missing->date)};
}

}  // namespace

void add_status(cli::Program& program) {
    CLI::App& command =
        program.add_command("status", "Which days are ready, with their rank and quality; else 66");
    const auto options = std::make_shared<Options>();
    add_day_options(command, options->days, 1);
    command.add_option("--ancillary", options->place,
                       "Ancillary folder or s3://bucket/prefix; default $HLS_DATA_DIR/ancillary");
    command.add_flag("--online", options->online, "Ask LAADS for days that are not there");
    program.on_run(command, [options](cli::Context& context) { status(*options, context); });
}

}  // namespace hls::tool
