// SPDX-License-Identifier: Apache-2.0
// hls-aux-modis combine: the MODIS products of a day to the one file of that day.
#include "ancillary/modis_day.hpp"
#include "core/error.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "hls-aux-modis.hpp"

namespace hls::tool {
namespace {

struct Options {
    cli::WorkOptions work;
    std::vector<std::string> files;
};

void describe(const ancillary::CombineReport& report, cli::RunRecord& record) {
    for (const auto& input : report.inputs) record.inputs.push_back({input.string()});
    record.gates = {{"terra", report.terra},
                    {"aqua", report.aqua},
                    {"cells_terra", report.from_terra},
                    {"cells_aqua", report.from_aqua},
                    {"cells_filled", report.filled},
                    {"cells_unknown", report.unknown}};
}

// To a file of the user's own naming, without a record of the day.
void combine_to_file(const Options& options, const std::vector<std::filesystem::path>& files,
                     const std::filesystem::path& target, cli::RunRecord& record) {
    fs::AtomicFile file(target,
                        options.work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse);
    describe(ancillary::combine_modis_day(files, file.temporary(), "hls-aux-modis combine"),
             record);
    file.commit();
    cli::add_output(record, target, fs::digest_of_file(fs::DigestKind::sha256, target));
}

void combine_to_store(fetch::DayStore& store, const std::vector<std::filesystem::path>& files,
                      fetch::DayRecord& day, cli::RunRecord& record) {
    const auto lock = store.lock();
    ancillary::CombineReport report;
    fetch::publish_day(
        store, day, [&](const std::filesystem::path& output, fetch::DayRecord& made) {
            report = ancillary::combine_modis_day(files, output, "hls-aux-modis combine");
            made.cells = {report.filled + report.unknown, 0, report.filled, report.unknown};
            for (const auto& input : report.inputs)
                made.sources.push_back({input.filename().string(),
                                        {},
                                        fs::digest_of_file(fs::DigestKind::sha256, input)});
        });
    describe(report, record);
    add_published(store, day, record);
    add_quality(day, record);
}

void combine(const Options& options, cli::Context& context) {
    const auto& work = options.work;
    const std::vector<std::filesystem::path> files(options.files.begin(), options.files.end());
    const auto usable = ancillary::usable_files(files);
    const std::filesystem::path given = work.output;
    const bool own_name = given.extension() == ".hdf_fused" || given.extension() == ".hdf";
    const auto store = fetch::open_day_store(ancillary_place(work.output), http());
    fetch::DayRecord day;
    day.date = usable.front().date;
    day.rank = 3;
    day.file = ancillary::fused_name(day.date).filename();
    const std::string target =
        own_name ? work.output : store->full_name(ancillary::fused_name(day.date).string());
    if (work.dry_run) {
        std::vector<std::string> reads;
        for (const auto& file : usable) reads.push_back(file.path);
        return cli::print_plan(context, reads, {target});
    }
    auto& record = context.record();
    cli::begin_record(record, work, std::filesystem::path(target).stem().string());
    const bool local = own_name || !net::is_s3_uri(target);
    const bool exists = own_name ? std::filesystem::exists(target)
                                 : store->list(fetch::year_folder(day.date)).contains(day.file);
    if (!may_make(work, exists, target, record)) {
        if (local) cli::name_output(record, target);
        return;
    }
    if (local) fs::check_output(target, fs::IfExists::replace);
    ancillary::check_modis_files(usable);
    if (own_name)
        combine_to_file(options, files, target, record);
    else
        combine_to_store(*store, files, day, record);
    if (local) cli::name_output(record, target);
}

}  // namespace

void add_combine(cli::Program& program) {
    CLI::App& command = program.add_command(
        "combine", "MODIS CMG and CMA files of one day to the L8ANC file of that day");
    const auto options = std::make_shared<Options>();
    program.require(command, command.add_option("FILE", options->files,
                                                "MOD09CMG, MOD09CMA, MYD09CMG, MYD09CMA of a day"));
    cli::add_work_options(command, options->work,
                          "Ancillary folder, s3://bucket/prefix, or a file ending in .hdf_fused; "
                          "default $HLS_DATA_DIR/ancillary");
    program.on_run(command, [options](cli::Context& context) { combine(*options, context); });
}

}  // namespace hls::tool
