// SPDX-License-Identifier: Apache-2.0
// hls-aux-modis climatology: the means of a month, which fill the gaps of later days.
#include <fmt/format.h>

#include "ancillary/day_grid.hpp"
#include "ancillary/monthly_mean.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "hls-aux-modis.hpp"

namespace hls::tool {
namespace {

using std::chrono::year_month;

struct Options {
    cli::WorkOptions work;
    std::string month;
    int min_days = 25;
};

year_month month_of(const std::string& text) {
    if (!text.empty()) return fetch::parse_iso_month(text);
    const fetch::Date today{std::chrono::floor<std::chrono::days>(utc_now())};
    return today.year() / today.month() - std::chrono::months{1};
}

ancillary::VapourGrid mean_of_days(fetch::DayStore& store, const std::vector<std::string>& names,
                                   cli::Context& context) {
    ancillary::MonthlyMean mean;
    const auto progress = context.progress("days");
    for (const auto& name : names) {
        throw_if_cancelled();
        const auto path = store.local(name);
        if (!path) throw Error{Exit::missing_input, store.full_name(name) + " is gone"};
        mean.add(ancillary::read_day_grid(*path));
        store.release(name);
        context.record().inputs.push_back({store.full_name(name)});
        progress(static_cast<double>(mean.days()) / static_cast<double>(names.size()));
    }
    return mean.mean();
}

void publish(fetch::DayStore& store, const std::filesystem::path& name,
             const std::function<void(const std::filesystem::path&)>& write,
             cli::RunRecord& record) {
    store.write(std::filesystem::path(name).replace_extension(".hdr").string(),
                ancillary::mean_header(name));
    const auto file = fetch::publish_file(store, name.string(), write);
    record.outputs.push_back({store.full_name(name.string()), file.sha256, file.bytes});
}

void climatology(const Options& options, cli::Context& context) {
    const auto& work = options.work;
    const year_month month = month_of(options.month);
    const auto store = fetch::open_day_store(ancillary_place(work.output), http());
    const auto means = ancillary::mean_files(month);
    const auto names = fetch::day_files_of(*store, month);
    const std::string label = fetch::iso_month(month);
    auto& record = context.record();
    cli::begin_record(record, work, "climatology:" + label);
    // The ozone file is written last.
    const bool exists =
        store->list(means.ozone.parent_path().string()).contains(means.ozone.filename().string());
    if (!may_make(work, exists, store->full_name(means.ozone.string()), record)) return;
    if (static_cast<int>(names.size()) < options.min_days)
        throw Error{Exit::missing_input,
                    fmt::format("{} has {} days of {}, {} are needed", store->place(), names.size(),
                                label, options.min_days),
                    "get the others: hls-aux-modis sync --from; or lower --min-days"};
    if (work.dry_run) {
        std::vector<std::string> reads;
        for (const auto& name : names) reads.push_back(store->full_name(name));
        return cli::print_plan(context, reads,
                               {store->full_name(means.water_vapour.string()),
                                store->full_name(means.ozone.string())});
    }
    const auto mean = mean_of_days(*store, names, context);
    const auto lock = store->lock();
    publish(
        *store, means.water_vapour,
        [&](const auto& path) { ancillary::write_mean_water_vapour(path, mean); }, record);
    publish(
        *store, means.ozone, [&](const auto& path) { ancillary::write_mean_ozone(path, mean); },
        record);
    record.gates = {{"days", static_cast<std::int64_t>(names.size())}};
}

}  // namespace

void add_climatology(cli::Program& program) {
    CLI::App& command = program.add_command(
        "climatology", "Means of ozone and water vapour over the days of a month");
    const auto options = std::make_shared<Options>();
    cli::add_work_options(
        command, options->work,
        "Ancillary folder or s3://bucket/prefix; default $HLS_DATA_DIR/ancillary");
    command.add_option("--month", options->month, "As in 2024-02; default the month before this");
    command.add_option("--min-days", options->min_days, "Days of the month that must be there")
        ->check(CLI::Range(1, 31))
        ->capture_default_str();
    program.on_run(command, [options](cli::Context& context) { climatology(*options, context); });
}

}  // namespace hls::tool
