// SPDX-License-Identifier: Apache-2.0
// hls-chip report and pack: a data set to look at, and to send.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "chip/data_set.hpp"
#include "chip/pack.hpp"
#include "chip/report.hpp"
#include "chip/report_pictures.hpp"
#include "cli/work_options.hpp"
#include "core/error.hpp"
#include "fs/atomic_output.hpp"
#include "hls-chip.hpp"

namespace {

using namespace hls;

struct ReportOptions {
    std::string folder, contact_sheet;
    cli::WorkOptions work;
    bool json = false;
    int per_class = 12;
};

std::vector<chip::ChipRecord> chips_of(const std::string& folder) {
    std::vector<chip::ChipRecord> chips;
    for (auto& part : chip::read_parts(folder))
        chips.insert(chips.end(), part.chips.begin(), part.chips.end());
    return chips;
}

fs::IfExists if_exists(const cli::WorkOptions& work) {
    return work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
}

void write_pages(const ReportOptions& options, const chip::DataSetReport& report,
                 const std::vector<chip::ChipRecord>& chips) {
    fs::AtomicDirectory pages(options.work.output, if_exists(options.work));
    const auto& folder = pages.temporary();
    const auto write = [&](const char* name, const std::string& text) {
        fs::write_text_atomically(folder / name, text, fs::IfExists::replace);
    };
    write("report.json", chip::report_json(report) + "\n");
    write("report.md", chip::report_text(report));
    write("index.html", chip::report_html(report));
    io::write_png(folder / "contact.png",
                  chip::contact_sheet(options.folder, chips, report, options.per_class),
                  fs::IfExists::replace);
    io::write_png(folder / "map.png", chip::chip_map(chips), fs::IfExists::replace);
    pages.commit();
}

void report(const ReportOptions& options, cli::Context& context) {
    const auto& work = options.work;
    if (!work.output.empty()) {
        if (work.skip_existing && std::filesystem::exists(work.output)) return;
        fs::check_output(work.output, if_exists(work));
    }
    if (work.dry_run) return cli::print_plan(context, {options.folder}, {work.output});
    const auto made = chip::make_report(options.folder, work.threads, context.progress("chips"));
    const auto chips = chips_of(options.folder);
    if (!work.output.empty()) write_pages(options, made, chips);
    if (!options.contact_sheet.empty())
        io::write_png(options.contact_sheet,
                      chip::contact_sheet(options.folder, chips, made, options.per_class),
                      if_exists(work));
    context.print(options.json ? chip::report_json(made) : chip::report_text(made));
}

struct PackOptions {
    chip::PackRequest request;
    std::string folder;
    cli::WorkOptions work;
    std::int64_t shard_mb = 512;
    bool stac = false;
};

void pack(const PackOptions& options, cli::Context& context) {
    const auto& work = options.work;
    cli::begin_record(context.record(), work, "chip-pack");
    context.record().inputs.push_back({options.folder});
    if (work.skip_existing && std::filesystem::exists(work.output)) return;
    fs::check_output(work.output, if_exists(work));
    if (work.dry_run) return cli::print_plan(context, {options.folder}, {work.output});
    const auto chips = chips_of(options.folder);
    if (chips.empty())
        throw Error{Exit::missing_input, options.folder + " holds no chips",
                    "hls-chip run makes some"};
    fs::AtomicDirectory output(work.output, if_exists(work));
    chip::PackRequest request = options.request;
    request.folder = options.folder;
    request.output = output.temporary();
    request.shard_bytes = static_cast<std::uint64_t>(options.shard_mb) << 20;
    const auto shards = chip::pack_shards(request, chips, context.progress("chips"));
    chip::write_croissant(request, chips, shards);
    if (options.stac) chip::write_stac(request, work.output, chips);
    output.commit();
    for (const auto& shard : shards)
        context.record().outputs.push_back(
            {(std::filesystem::path(work.output) / shard.file).string(), shard.sha256,
             static_cast<std::int64_t>(shard.bytes)});
    context.record().gates = {{"chips", static_cast<std::int64_t>(chips.size())},
                              {"shards", static_cast<std::int64_t>(shards.size())}};
    cli::name_output(context.record(), work.output);
}

}  // namespace

void declare_report(cli::Program& program) {
    const auto options = std::make_shared<ReportOptions>();
    CLI::App& app = program.add_command("report", "What a data set holds, in numbers and pictures");
    program.require(app, app.add_option("FOLDER", options->folder, "Folder of the data set"));
    cli::add_work_options(app, options->work, "Folder for a page with pictures");
    app.add_flag("--json", options->json, "JSON instead of Markdown on stdout");
    app.add_option("--contact-sheet", options->contact_sheet, "PNG with samples of every class");
    app.add_option("--per-class", options->per_class, "Samples of a class")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    program.on_run(app, [options](cli::Context& context) { report(*options, context); });
}

void declare_pack(cli::Program& program) {
    const auto options = std::make_shared<PackOptions>();
    auto& request = options->request;
    CLI::App& app = program.add_command("pack", "Tar shards and their description");
    program.require(app, app.add_option("FOLDER", options->folder, "Folder of the data set"));
    program.require(app, cli::add_work_options(app, options->work, "Folder of the shards"));
    app.add_option("--shard-size", options->shard_mb, "MiB at which a new shard begins")
        ->check(CLI::Range(1, 8000))
        ->capture_default_str();
    app.add_flag("--stac", options->stac, "Also a STAC collection with an item for every chip");
    app.add_option("--name", request.name, "Of the data set")->capture_default_str();
    app.add_option("--license", request.license, "SPDX name")->capture_default_str();
    program.on_run(app, [options](cli::Context& context) { pack(*options, context); });
}
