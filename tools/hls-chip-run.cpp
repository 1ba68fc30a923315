// SPDX-License-Identifier: Apache-2.0
// hls-chip run: tasks to chips.
#include <memory>

#include "chip/progress.hpp"
#include "chip/run_tasks.hpp"
#include "chip/scene_finder.hpp"
#include "cli/choice.hpp"
#include "cli/work_options.hpp"
#include "core/error.hpp"
#include "hls-chip.hpp"

namespace {

using namespace hls;

struct RunOptions {
    cli::WorkOptions work;
    chip::RunOrder order;
    TaskSourceOptions source;
    chip::SceneOrigin scenes;
    std::string class_map = "eurocrops8", imagery;
    bool original = false;
    int worker_number = 1;
    bool keep_digest = false;
};

void set_gates(const chip::RunReport& report, cli::RunRecord& record) {
    for (const auto& [status, count] : report.tasks)
        record.gates.emplace_back(std::string(chip::task_status_name(status)), count);
    record.gates.emplace_back("bad_lines", report.bad_lines);
}

void run(RunOptions& options, cli::Context& context) {
    auto& order = options.order;
    auto& settings = order.settings;
    cli::begin_record(context.record(), options.work, "chip-run");
    check_task_source(options.source);
    context.record().inputs.push_back({task_source_name(options.source)});
    settings.output = options.work.output;
    settings.force = options.work.overwrite;
    settings.worker = chip::worker_name();
    auto named = load_class_map(options.class_map);
    settings.class_map = std::move(named.map);
    order.class_map_csv = std::move(named.csv);
    settings.imagery = load_imagery_table(options.imagery);
    chip::ImageryAccess access(settings.imagery);
    settings.access = &access;
    options.scenes.cache = settings.output / ".stac";
    settings.find_scenes = chip::find_scenes(options.scenes, settings.imagery, access);
    if (options.original) settings.original_worker = options.worker_number;
    order.shard = chip::parse_shard(options.source.shard);
    order.check_digest = !options.keep_digest;
    if (!options.source.results.empty())
        order.finished = chip::finished_tasks(options.source.results);
    if (options.work.dry_run)
        return cli::print_plan(context, {task_source_name(options.source), options.scenes.folder},
                               {settings.output});
    const auto source = open_task_source(options.source, settings.worker);
    const auto report =
        chip::run_tasks(*source, order, [&](const std::string& line) { context.print(line); });
    set_gates(report, context.record());
    cli::name_output(context.record(), settings.output);
    if (const auto error = report.outcome()) throw *error;
}

}  // namespace

void declare_run(cli::Program& program) {
    const auto options = std::make_shared<RunOptions>();
    auto& order = options->order;
    auto& settings = order.settings;
    CLI::App& app = program.add_command("run", "Tasks to chips, one line of JSON for each task");
    program.require(app, cli::add_work_options(app, options->work, "Folder of the data set"));
    add_task_source_options(app, options->source);
    auto* folder = app.add_option("--stac-dir", options->scenes.folder,
                                  "Folder of STAC items, with imagery on disk or https");
    app.add_option("--stac", options->scenes.catalogue,
                   "Catalogue to search, name or address; default that of the plan")
        ->excludes(folder);
    app.add_flag("--allow-requester-pays", options->scenes.requester_pays,
                 "Follow s3:// links at the cost of your AWS account");
    app.add_option("--io-threads", settings.io_threads, "Bands of a scene read at a time")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--gpkg", settings.parcels, "Parcels, if not where the plan found them");
    app.add_option("--class-map", options->class_map, "That of the plan")->capture_default_str();
    app.add_option("--imagery", options->imagery, "Table like share/chip/imagery.json");
    app.add_option("--jobs", order.jobs, "Tasks at a time")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    app.add_option("--tries", order.tries, "Of a task that fails for what may pass")
        ->check(CLI::Range(1, 10))
        ->capture_default_str();
    app.add_flag("--strict", order.strict, "Stop at a line that is no task");
    app.add_flag("--no-digest", options->keep_digest, "Do not compare the parcels with the plan");
    app.add_flag("--flat", settings.flat, "No folders of two digits");
    app.add_flag("--field-ids", settings.fields, "Also rasters that tell parcels apart");
    app.add_flag("--qa", settings.qa, "Also the scene's quality layer under every chip");
    cli::add_choice<bool>(app, "--layout", options->original, "Names and folders of chips",
                          {{"content", false}, {"original", true}});
    app.add_option("--worker-number", options->worker_number, "In the names of --layout original")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str();
    cli::add_choice<io::Compression>(app, "--compress", settings.compression, "Of image and mask",
                                     {{"zstd", io::Compression::zstd},
                                      {"deflate", io::Compression::deflate},
                                      {"none", io::Compression::none}});
    cli::add_choice<chip::OffsetChoice>(app, "--boa-offset", settings.offset,
                                        "Offset of baseline 04.00",
                                        {{"auto", chip::OffsetChoice::automatic},
                                         {"trust-flag", chip::OffsetChoice::trust_flag},
                                         {"none", chip::OffsetChoice::none},
                                         {"-1000", chip::OffsetChoice::minus_1000}});
    program.on_run(app, [options](cli::Context& context) { run(*options, context); });
}
