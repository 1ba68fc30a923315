// SPDX-License-Identifier: Apache-2.0
// hls-aux-modis sync: brings the days of a folder or bucket up to what LAADS has.
#include <fmt/format.h>

#include "core/error.hpp"
#include "core/log.hpp"
#include "hls-aux-modis.hpp"

namespace hls::tool {
namespace {

// Days this young need not be there yet: the archive takes a day or two.
constexpr int kGraceDays = 3;
// A server that refused so many days one after the other will refuse the rest, too.
constexpr int kMostTemporary = 3;

struct Options {
    cli::WorkOptions work;
    DayOptions days;
    std::string viirs_from = "2021-01-01";
    fetch::SyncPolicy policy;
};

struct Tally {
    std::int64_t ready = 0, published = 0, waiting = 0, failed = 0;
    int temporary_in_row = 0;
    std::optional<Error> worst;
    std::optional<UtcTime> retry_at;  // of the first day that will be there
};

void plan(const Options& options, fetch::DayStore& store, cli::Context& context) {
    fetch::LaadsArchive archive(http());
    const fetch::Date today{std::chrono::floor<std::chrono::days>(utc_now())};
    for (const auto& date : options.days.list()) {
        const auto present = fetch::find_day(store, date);
        const auto found = fetch::find_candidates(archive, date, present, options.policy, today);
        if (found.empty()) continue;
        for (const auto& source : found.front().sources) context.print("read " + source.name);
        context.print("write " +
                      store.full_name(fetch::year_folder(date) + '/' + found.front().file));
    }
}

// Codes that say most about what is to be done come first.
void note(const fetch::DayOutcome& day, bool wanted, Tally& tally) {
    tally.ready += day.state == "ready";
    tally.published += day.action == "published" || day.action == "replaced";
    tally.waiting += day.state == "waiting";
    tally.failed += day.state == "failed";
    tally.temporary_in_row = day.exit == Exit::temporary ? tally.temporary_in_row + 1 : 0;
    if (day.exit == Exit::ok || (day.state == "waiting" && !wanted)) return;
    if (day.retry_at && (!tally.retry_at || *day.retry_at < *tally.retry_at))
        tally.retry_at = day.retry_at;
    const auto weight = [](Exit code) {
        return code == Exit::bad_input ? 3 : code == Exit::temporary ? 2 : 1;
    };
    const std::string until =
        day.retry_at ? fmt::format("try again at {}", format_utc(*day.retry_at)) : day.hint;
    if (!tally.worst || weight(day.exit) > weight(tally.worst->code))
        tally.worst = Error{day.exit, day.message, until};
}

void sync(Options& options, cli::Context& context) {
    options.policy.viirs_from = fetch::parse_iso_date(options.viirs_from);
    options.policy.overwrite = options.work.overwrite;
    if (options.work.skip_existing) options.policy.recheck = -1;
    const auto days = options.days.list();
    const auto store = fetch::open_day_store(ancillary_place(options.work.output), http());
    if (options.work.dry_run) return plan(options, *store, context);
    auto& record = context.record();
    cli::begin_record(record, options.work, "aux:" + fetch::iso_date(days.front()));
    fetch::LaadsArchive archive(http());
    DayMaker maker(*store);
    const auto progress = context.progress("days");
    const auto today = std::chrono::floor<std::chrono::days>(utc_now());
    Tally tally;
    for (std::size_t i = 0; i < days.size(); ++i) {
        const auto day = fetch::sync_day(*store, archive, days[i], options.policy,
                                         [&](const auto& sources, const auto& output, auto& made) {
                                             maker.make(sources, output, made);
                                         });
        context.print(fetch::to_json(day));
        if (!day.message.empty() && day.state != "waiting") log_warning("{}", day.message);
        const bool grown = today - std::chrono::sys_days{days[i]} >= std::chrono::days{kGraceDays};
        note(day, options.days.named() || grown, tally);
        if (day.record) add_quality(*day.record, record);
        if (day.action == "published" || day.action == "replaced") {
            add_published(*store, *day.record, record);
            for (const auto& source : day.record->sources)
                record.inputs.push_back({source.name, source.sha256});
        }
        progress(static_cast<double>(i + 1) / static_cast<double>(days.size()));
        if (tally.temporary_in_row >= kMostTemporary) break;
    }
    record.gates.emplace_back("days", static_cast<std::int64_t>(days.size()));
    record.gates.emplace_back("days_ready", tally.ready);
    record.gates.emplace_back("days_published", tally.published);
    record.gates.emplace_back("days_waiting", tally.waiting);
    record.gates.emplace_back("days_failed", tally.failed);
    record.retry_at = tally.retry_at;
    if (tally.worst) throw Error{*tally.worst};
}

}  // namespace

void add_sync(cli::Program& program) {
    CLI::App& command = program.add_command(
        "sync", "Fetch the days that LAADS has, fill their gaps, publish them; newest first");
    const auto options = std::make_shared<Options>();
    cli::add_work_options(
        command, options->work,
        "Ancillary folder or s3://bucket/prefix; default $HLS_DATA_DIR/ancillary");
    add_day_options(command, options->days, 14);
    command.add_option("--viirs-from", options->viirs_from, "First day that comes from VIIRS")
        ->capture_default_str();
    command
        .add_option("--accept-rank2-after", options->policy.accept_rank2_after,
                    "Days of age from which VNP04ANC will do where VJ104ANC is not there")
        ->check(CLI::Range(0, 10000))
        ->capture_default_str();
    command
        .add_option("--recheck", options->policy.recheck,
                    "Days of age up to which a day that is there is looked at for a better file")
        ->check(CLI::Range(0, 10000))
        ->capture_default_str();
    program.on_run(command, [options](cli::Context& context) { sync(*options, context); });
}

}  // namespace hls::tool
