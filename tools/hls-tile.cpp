// SPDX-License-Identifier: Apache-2.0
// hls-tile: AC scenes to one HLS product on one MGRS tile.
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "cli/program.hpp"
#include "cli/version.hpp"
#include "cli/work_options.hpp"
#include "core/parallel.hpp"
#include "core/parse.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "geo/library_versions.hpp"
#include "io/library_versions.hpp"
#include "tile/l30_job.hpp"

namespace {

using namespace hls;

struct L30Options {
    cli::WorkOptions work;
    std::string tile, rows, sensing_time, uri_prefix;
    std::vector<std::string> scenes, extras;
};

// Scene folders, from standard input where one is "-".
std::vector<std::filesystem::path> scene_paths(const std::vector<std::string>& arguments) {
    std::vector<std::filesystem::path> paths;
    for (const std::string& argument : arguments) {
        if (argument != "-") {
            paths.emplace_back(argument);
            continue;
        }
        for (std::string line; std::getline(std::cin, line);)
            if (const auto name = trim(line); !name.empty()) paths.emplace_back(name);
    }
    return paths;
}

tile::L30Job make_job(const L30Options& options) {
    tile::L30Job job;
    job.tile = options.tile;
    job.scenes = scene_paths(options.scenes);
    job.output_dir = options.work.output;
    job.intended = tile::parse_intended_rows(options.rows, options.sensing_time);
    auto& product = job.product;
    product.if_exists = options.work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
    product.threads = options.work.threads;
    product.uri_prefix = options.uri_prefix;
    product.vi = std::ranges::find(options.extras, "vi") != options.extras.end();
    product.gibs = std::ranges::find(options.extras, "gibs") != options.extras.end();
    return job;
}

void describe(const tile::L30Report& report, const tile::L30Plan& plan, int threads,
              cli::RunRecord& record) {
    std::vector<std::string> digests(report.files.size());
    parallel_for(digests.size(), threads, [&](std::size_t i) {
        digests[i] = fs::digest_of_file(fs::DigestKind::sha256, report.files[i].path);
    });
    for (std::size_t i = 0; i < digests.size(); ++i)
        cli::add_output(record, report.files[i].path, digests[i]);
    record.params.emplace_back("granule_time_estimated", plan.pass.time_estimated);
    for (const auto& stage : report.timings)
        record.params.emplace_back(stage.stage + "_s", stage.wall_s);
    const auto& info = report.info;
    record.gates = {{"spatial_coverage", std::int64_t{info.spatial_coverage}},
                    {"cloud_coverage", std::int64_t{info.cloud_coverage}},
                    {"valid_pixels", report.coverage.valid},
                    {"contributing_scenes", static_cast<std::int64_t>(report.contributors.size())},
                    {"nbar_solar_zenith", info.nbar_solar_zenith_deg}};
}

void make_l30(const L30Options& options, cli::Context& context) {
    cli::RunRecord& record = context.record();
    cli::begin_record(record, options.work, options.tile);
    tile::L30Job job = make_job(options);
    for (const auto& scene : job.scenes) record.inputs.push_back({scene.string()});
    const tile::L30Plan plan = tile::plan_l30(job);
    const std::string id = granule::format_hls_id(plan.id);
    const auto folder = plan.folder(job);
    record.unit = id;
    record.params = {{"tile", plan.id.tile}, {"rows", options.rows}};
    const char* run_id = std::getenv("HLS_RUN_ID");
    job.product.run_id = run_id != nullptr ? run_id : id;
    if (options.work.skip_existing && std::filesystem::exists(folder)) return;
    fs::check_output(folder, job.product.if_exists);
    if (options.work.dry_run) {
        std::vector<std::string> reads(job.scenes.begin(), job.scenes.end());
        return cli::print_plan(context, reads, {folder});
    }
    const auto report = tile::make_l30(job, plan, context.progress(id));
    describe(report, plan, options.work.threads, record);
    cli::name_output(record, folder);
}

void declare_l30(cli::Program& program, L30Options& options) {
    CLI::App& app = program.add_command("l30", "AC scenes of one Landsat pass to an L30 product");
    program.require(app, app.add_option("SCENE", options.scenes,
                                        "Folders of AC scenes; - reads their names from stdin"));
    program.require(app, app.add_option("--tile", options.tile, "MGRS tile, as in 16RDV"));
    program.require(app, cli::add_work_options(app, options.work, "Where <granule id>/ is made"));
    auto* rows = app.add_option("--rows", options.rows, "WRS-2 rows meant for the tile: 067,068");
    app.add_option("--sensing-time", options.sensing_time, "Of the first of --rows, if not given")
        ->needs(rows);
    app.add_option("--with", options.extras, "Also make these: vi, gibs")
        ->delimiter(',')
        ->check(CLI::IsMember({"vi", "gibs"}));
    app.add_option("--uri-prefix", options.uri_prefix, "Start of the URIs in the manifest");
    program.on_run(app, [&](cli::Context& context) { make_l30(options, context); });
}

}  // namespace

int main(int argc, char** argv) {
    cli::Program program("hls-tile", "AC scenes to one HLS product on one MGRS tile");
    L30Options l30;
    declare_l30(program, l30);
    program.on_version(io::library_versions);
    program.on_version(geo::library_versions);
    return program.run(argc, argv);
}
