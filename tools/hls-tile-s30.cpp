// SPDX-License-Identifier: Apache-2.0
// hls-tile s30: the AC scenes of one Sentinel-2 datatake to an S30 product.
#include <memory>
#include <optional>

#include "fs/atomic_output.hpp"
#include "hls-tile.hpp"
#include "tile/s30_job.hpp"
#include "tile/stage_attributes.hpp"

namespace {

using namespace hls;

struct S30Options {
    TileOptions tile_options;
    std::string stages;
};

// A folder of intermediate steps that appears as a whole.
class StagesFolder {
 public:
    StagesFolder(const std::string& path, const io::Grid& tile, fs::IfExists mode)
        : folder_(path, mode), files_(folder_.temporary(), tile) {}

    tile::StageHook hook() {
        return [this](const auto&... stage) { files_.take(stage...); };
    }
    void commit(const std::string& attributes) {
        files_.close();
        fs::write_text_atomically(folder_.temporary() / "attributes.json", attributes,
                                  fs::IfExists::refuse);
        folder_.commit();
    }

 private:
    fs::AtomicDirectory folder_;
    tile::StageFiles files_;
};

void describe(const tile::S30Report& report, const tile::S30Plan& plan, cli::RunRecord& record) {
    std::string left_out;
    for (const auto& out : plan.twins.left_out)
        left_out += (left_out.empty() ? "" : ", ") + out.product_id + ": " + out.reason;
    record.params.emplace_back("left_out", left_out);
    describe_product(report.timings, report.info, record);
    record.gates.emplace_back("valid_pixels", report.summary.coverage.valid);
    record.gates.emplace_back("contributing_scenes",
                              static_cast<std::int64_t>(plan.twins.scenes.size()));
}

void make_s30(const S30Options& options, cli::Context& context) {
    const auto& work = options.tile_options.work;
    cli::RunRecord& record = context.record();
    tile::S30Job job;
    auto remote = remote_work(options.tile_options);
    const auto scenes = scene_names(options.tile_options);
    cli::begin_record(record, work,
                      scenes.empty() ? "s30" : std::filesystem::path(scenes.front()).filename());
    job.scenes = local_scenes(scenes, remote);
    job.output_dir = remote.output(work.output);
    for (const auto& scene : scenes) record.inputs.push_back({scene});
    const tile::S30Plan plan = tile::plan_s30(job);
    const std::string id = granule::format_hls_id(plan.id);
    std::vector<std::filesystem::path> outputs{plan.folder(job)};
    if (!options.stages.empty()) outputs.emplace_back(options.stages);
    record.unit = id;
    record.params = {{"tile", plan.id.tile}};
    job.product = product_options(options.tile_options, id);
    if (!should_make(options.tile_options, scenes, outputs, remote, context)) return;
    std::optional<StagesFolder> stages;
    if (!options.stages.empty()) {
        stages.emplace(options.stages, plan.grid, job.product.if_exists);
        job.stages = stages->hook();
    }
    const auto report = tile::make_s30(job, plan, context.progress(id));
    if (stages) stages->commit(tile::stage_attributes(plan, report));
    deliver(options.tile_options, outputs.front(), report.files, remote, record);
    describe(report, plan, record);
}

}  // namespace

void declare_s30_command(cli::Program& program) {
    const auto options = std::make_shared<S30Options>();
    CLI::App& app =
        program.add_command("s30", "AC scenes of one Sentinel-2 datatake to an S30 product");
    add_tile_options(program, app, options->tile_options);
    app.add_option("--stages", options->stages,
                   "Also write every intermediate step to this folder");
    program.on_run(app, [options](cli::Context& context) { make_s30(*options, context); });
}
