// SPDX-License-Identifier: Apache-2.0
// hls-aux-modis sync: brings the days of a folder or bucket up to what LAADS has.
#include "core/error.hpp"
#include "core/log.hpp"
#include "fetch/sync_tally.hpp"
#include "hls-aux-modis.hpp"

namespace hls::tool {
namespace {

struct Options {
    cli::WorkOptions work;
    DayOptions days;
    std::string viirs_from = "2021-01-01";
    fetch::SyncPolicy policy;
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
    fetch::SyncTally tally;
    for (std::size_t i = 0; i < days.size(); ++i) {
        const auto day = fetch::sync_day(*store, archive, days[i], options.policy,
                                         [&](const auto& sources, const auto& output, auto& made) {
                                             maker.make(sources, output, made);
                                         });
        context.print(fetch::to_json(day));
        if (!day.message.empty() && day.state != "waiting") log_warning("{}", day.message);
        tally.add(day, today - std::chrono::sys_days{days[i]}, options.days.named());
        if (day.record) add_quality(*day.record, record);
        if (day.is_new()) {
            add_published(*store, *day.record, record);
            for (const auto& source : day.record->sources)
                record.inputs.push_back({source.name, source.sha256});
        }
        progress(static_cast<double>(i + 1) / static_cast<double>(days.size()));
        if (tally.should_give_up()) break;
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
