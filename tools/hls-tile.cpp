// SPDX-License-Identifier: Apache-2.0
// hls-tile: AC scenes to one HLS product on one MGRS tile.
#include "hls-tile.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "cli/version.hpp"
#include "core/parallel.hpp"
#include "core/parse.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "geo/library_versions.hpp"
#include "io/library_versions.hpp"

using namespace hls;

void add_tile_options(cli::Program& program, CLI::App& app, TileOptions& options) {
    program.require(app, app.add_option("SCENE", options.scenes,
                                        "Folders of AC scenes; - reads their names from stdin"));
    program.require(app, cli::add_work_options(app, options.work, "Where <granule id>/ is made"));
    app.add_option("--with", options.extras, "Also make these: vi, gibs")
        ->delimiter(',')
        ->check(CLI::IsMember({"vi", "gibs"}));
    app.add_option("--uri-prefix", options.uri_prefix, "Start of the URIs in the manifest");
}

std::vector<std::filesystem::path> scene_paths(const TileOptions& options) {
    std::vector<std::filesystem::path> paths;
    for (const std::string& argument : options.scenes) {
        if (argument != "-") {
            paths.emplace_back(argument);
            continue;
        }
        for (std::string line; std::getline(std::cin, line);)
            if (const auto name = trim(line); !name.empty()) paths.emplace_back(name);
    }
    return paths;
}

product::ProductOptions product_options(const TileOptions& options, const std::string& granule_id) {
    product::ProductOptions product;
    product.if_exists = options.work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
    product.threads = options.work.threads;
    product.uri_prefix = options.uri_prefix;
    product.vi = std::ranges::find(options.extras, "vi") != options.extras.end();
    product.gibs = std::ranges::find(options.extras, "gibs") != options.extras.end();
    const char* run_id = std::getenv("HLS_RUN_ID");
    product.run_id = run_id != nullptr ? run_id : granule_id;
    return product;
}

bool should_make(const TileOptions& options, const std::vector<std::filesystem::path>& scenes,
                 const std::vector<std::filesystem::path>& outputs, cli::Context& context) {
    if (options.work.skip_existing && std::filesystem::exists(outputs.front())) return false;
    for (const auto& output : outputs)
        fs::check_output(output,
                         options.work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse);
    if (!options.work.dry_run) return true;
    cli::print_plan(context, {scenes.begin(), scenes.end()}, outputs);
    return false;
}

void describe_product(const std::vector<product::ProductFile>& files,
                      const std::vector<tile::StageTiming>& timings,
                      const product::ProductInfo& info, int threads, cli::RunRecord& record) {
    std::vector<std::string> digests(files.size());
    parallel_for(digests.size(), threads, [&](std::size_t i) {
        digests[i] = fs::digest_of_file(fs::DigestKind::sha256, files[i].path);
    });
    for (std::size_t i = 0; i < digests.size(); ++i)
        cli::add_output(record, files[i].path, digests[i]);
    for (const auto& stage : timings) record.params.emplace_back(stage.stage + "_s", stage.wall_s);
    record.gates = {{"spatial_coverage", std::int64_t{info.spatial_coverage}},
                    {"cloud_coverage", std::int64_t{info.cloud_coverage}},
                    {"nbar_solar_zenith", info.nbar_solar_zenith_deg}};
}

int main(int argc, char** argv) {
    cli::Program program("hls-tile", "AC scenes to one HLS product on one MGRS tile");
    declare_l30_command(program);
    declare_s30_command(program);
    program.on_version(io::library_versions);
    program.on_version(geo::library_versions);
    return program.run(argc, argv);
}
