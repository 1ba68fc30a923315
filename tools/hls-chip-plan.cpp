// SPDX-License-Identifier: Apache-2.0
// hls-chip plan: parcels to tasks, one line of JSON each.
#include <memory>

#include "chip/plan_words.hpp"
#include "chip/shipped.hpp"
#include "cli/work_options.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "fs/read_text.hpp"
#include "hls-chip.hpp"

namespace {

using namespace hls;

struct PlanOptions {
    cli::WorkOptions work;
    ParcelOptions parcels;
    chip::PlanRequest request;
    chip::PlanWords words;
    std::string imagery, seasons;
    PlanOutlet outlet;
};

chip::PlanRequest make_request(const PlanOptions& options) {
    chip::PlanRequest request = options.request;
    request.parcels = options.parcels.layer;
    request.class_map = load_class_map(options.parcels.class_map).map;
    request.climb_class_map = options.parcels.climb;
    request.season_source = options.seasons.empty() ? "seasons.json" : options.seasons;
    request.season_table = options.seasons.empty() ? std::string(chip::shipped_seasons())
                                                   : fs::read_text(options.seasons, 1 << 20);
    chip::apply_words(options.words, load_imagery_table(options.imagery), request);
    return request;
}

void plan(const PlanOptions& options, cli::Context& context) {
    const chip::PlanRequest request = make_request(options);
    const auto& work = options.work;
    const auto mode = work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
    if (!work.output.empty()) {
        cli::begin_record(context.record(), work, "chip-plan");
        context.record().inputs.push_back({request.parcels.path});
        if (work.skip_existing && std::filesystem::exists(work.output)) return;
        fs::check_output(work.output, mode);
        if (work.dry_run) return cli::print_plan(context, {request.parcels.path}, {work.output});
    }
    const chip::Plan made = chip::make_plan(request, context.progress("parcels"));
    auto lines = chip::plan_lines(made);
    if (!options.outlet.results.empty()) keep_unfinished(options.outlet.results, lines);
    if (send_plan(options.outlet, lines, context)) return;
    if (work.output.empty()) {
        for (const std::string& line : lines) context.print(line);
        return;
    }
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    fs::write_text_atomically(work.output, text, mode);
    cli::add_output(context.record(), work.output, fs::digest_of(fs::DigestKind::sha256, text));
    cli::name_output(context.record(), work.output);
    context.record().gates = {{"tasks", static_cast<std::int64_t>(made.tasks.size())}};
}

}  // namespace

void declare_plan(cli::Program& program) {
    const auto options = std::make_shared<PlanOptions>();
    auto& request = options->request;
    CLI::App& app = program.add_command("plan", "Parcels to tasks, one line of JSON each");
    add_parcel_options(program, app, options->parcels);
    cli::add_work_options(app, options->work, "File of tasks; default stdout");
    add_plan_outlet(app, options->outlet);
    program.require(
        app, app.add_option("--year", request.year, "Harvest year")->check(CLI::Range(2013, 2100)));
    app.add_option("--season-file", options->seasons, "Table like share/chip/seasons.json");
    app.add_option("--imagery", options->imagery, "Table like share/chip/imagery.json");
    add_plan_selection(app, request, options->words);
    add_plan_imagery(app, request, options->words);
    program.on_run(app, [options](cli::Context& context) { plan(*options, context); });
}
