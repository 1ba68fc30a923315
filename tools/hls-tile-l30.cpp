// SPDX-License-Identifier: Apache-2.0
// hls-tile l30: the AC scenes of one Landsat pass to an L30 product.
#include <memory>

#include "hls-tile.hpp"
#include "tile/l30_job.hpp"

namespace {

using namespace hls;

struct L30Options {
    TileOptions tile_options;
    std::string tile, rows, sensing_time;
};

void make_l30(const L30Options& options, cli::Context& context) {
    const auto& work = options.tile_options.work;
    cli::RunRecord& record = context.record();
    cli::begin_record(record, work, options.tile);
    tile::L30Job job;
    job.tile = options.tile;
    auto remote = remote_work(options.tile_options);
    const auto scenes = scene_names(options.tile_options);
    job.scenes = local_scenes(scenes, remote);
    job.output_dir = remote.output(work.output);
    job.intended = tile::parse_intended_rows(options.rows, options.sensing_time);
    for (const auto& scene : scenes) record.inputs.push_back({scene});
    const tile::L30Plan plan = tile::plan_l30(job);
    const std::string id = granule::format_hls_id(plan.id);
    const auto folder = plan.folder(job);
    record.unit = id;
    record.params = {{"tile", plan.id.tile}, {"rows", options.rows}};
    job.product = product_options(options.tile_options, id);
    if (!should_make(options.tile_options, scenes, {folder}, remote, context)) return;
    const auto report = tile::make_l30(job, plan, context.progress(id));
    record.params.emplace_back("granule_time_estimated", plan.pass.time_estimated);
    deliver(options.tile_options, folder, report.files, remote, record);
    describe_product(report.timings, report.info, record);
    record.gates.emplace_back("valid_pixels", report.coverage.valid);
    record.gates.emplace_back("contributing_scenes",
                              static_cast<std::int64_t>(report.contributors.size()));
}

}  // namespace

void declare_l30_command(cli::Program& program) {
    const auto options = std::make_shared<L30Options>();
    CLI::App& app = program.add_command("l30", "AC scenes of one Landsat pass to an L30 product");
    add_tile_options(program, app, options->tile_options);
    program.require(app, app.add_option("--tile", options->tile, "MGRS tile, as in 16RDV"));
    auto* rows = app.add_option("--rows", options->rows, "WRS-2 rows meant for the tile: 067,068");
    app.add_option("--sensing-time", options->sensing_time,
                   "Of the first of --rows; names the product")
        ->needs(rows);
    program.on_run(app, [options](cli::Context& context) { make_l30(*options, context); });
}
