// SPDX-License-Identifier: Apache-2.0
// hls-chip run: tasks to chips.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "chip/run_tasks.hpp"
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
    std::string class_map = "eurocrops8", imagery, items;
    bool keep_digest = false;
};

std::string worker_name() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return fmt::format("{}:{}", host.data(), ::getpid());
}

// All items of the folder, looked at once.
auto find_in_folder(const std::string& folder) {
    int skipped = 0;
    auto items =
        std::make_shared<std::vector<chip::SceneItem>>(chip::read_scene_items(folder, skipped));
    return [items](const chip::Task& task) {
        std::vector<chip::SceneItem> found;
        for (const auto& item : *items)
            if (item.tile == task.cell.tile) found.push_back(item);
        return chip::merge_scene_items(std::move(found), task.imagery.collections);
    };
}

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
    settings.io_threads = options.work.threads;
    settings.worker = worker_name();
    auto named = load_class_map(options.class_map);
    settings.class_map = std::move(named.map);
    order.class_map_csv = std::move(named.csv);
    settings.imagery = load_imagery_table(options.imagery);
    settings.find_scenes = find_in_folder(options.items);
    order.shard = chip::parse_shard(options.source.shard);
    order.check_digest = !options.keep_digest;
    if (!options.source.results.empty()) order.finished = finished_tasks(options.source.results);
    if (options.work.dry_run)
        return cli::print_plan(context, {task_source_name(options.source), options.items},
                               {settings.output});
    const auto source = open_task_source(options.source, settings.worker);
    const auto report =
        chip::run_tasks(*source, order, [&](const std::string& line) { context.print(line); });
    set_gates(report, context.record());
    cli::name_output(context.record(), settings.output);
    const auto lost = [&](chip::TaskStatus status) { return report.tasks.contains(status); };
    if (lost(chip::TaskStatus::retry))
        throw Error{Exit::temporary, "some tasks are to be tried again"};
    if (lost(chip::TaskStatus::failed) || lost(chip::TaskStatus::partial))
        throw Error{Exit::failure, "some tasks failed", "their results say why"};
}

}  // namespace

void declare_run(cli::Program& program) {
    const auto options = std::make_shared<RunOptions>();
    auto& order = options->order;
    auto& settings = order.settings;
    CLI::App& app = program.add_command("run", "Tasks to chips, one line of JSON for each task");
    program.require(app, cli::add_work_options(app, options->work, "Folder of the data set"));
    add_task_source_options(app, options->source);
    program.require(app, app.add_option("--stac-dir", options->items,
                                        "Folder of STAC items, with imagery on disk or https"));
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
