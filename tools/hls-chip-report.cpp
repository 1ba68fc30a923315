// SPDX-License-Identifier: Apache-2.0
// hls-chip report: a data set to look at.
#include <filesystem>
#include <memory>

#include "chip/data_set.hpp"
#include "chip/report_folder.hpp"
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

fs::IfExists if_exists(const cli::WorkOptions& work) {
    return work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
}

void report(const ReportOptions& options, cli::Context& context) {
    const auto& work = options.work;
    if (!work.output.empty()) {
        if (work.skip_existing && std::filesystem::exists(work.output)) return;
        fs::check_output(work.output, if_exists(work));
    }
    if (work.dry_run) return cli::print_plan(context, {options.folder}, {work.output});
    const auto made = chip::make_report(options.folder, work.threads, context.progress("chips"));
    const auto chips = chip::read_chips(options.folder);
    if (!work.output.empty())
        chip::write_report({options.folder, work.output, options.per_class, if_exists(work)}, made,
                           chips);
    if (!options.contact_sheet.empty())
        io::write_png(options.contact_sheet,
                      chip::contact_sheet(options.folder, chips, made, options.per_class),
                      if_exists(work));
    context.print(options.json ? chip::report_json(made) : chip::report_text(made));
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
