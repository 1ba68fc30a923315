// SPDX-License-Identifier: Apache-2.0
// hls-tile: AC scenes to one HLS product on one MGRS tile.
#include "hls-tile.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "cli/version.hpp"
#include "fs/atomic_output.hpp"
#include "geo/library_versions.hpp"
#include "io/library_versions.hpp"
#include "tile/scene_names.hpp"

using namespace hls;

void add_tile_options(cli::Program& program, CLI::App& app, TileOptions& options) {
    program.require(
        app,
        app.add_option("SCENE", options.scenes,
                       "AC scenes, folders or s3:// prefixes; - reads their names from stdin"));
    program.require(app,
                    cli::add_work_options(app, options.work,
                                          "Folder or s3://bucket/prefix that gets <granule id>/"));
    app.add_option("--with", options.extras, "Also make these: vi, gibs")
        ->delimiter(',')
        ->check(CLI::IsMember({"vi", "gibs"}));
    app.add_option("--uri-prefix", options.uri_prefix, "Start of the URIs in the manifest");
    app.add_option("--work-dir", options.work_dir, "Where files of s3:// lie meanwhile");
}

std::vector<std::string> scene_names(const TileOptions& options) {
    return tile::scene_names(options.scenes, std::cin);
}

std::vector<std::filesystem::path> local_scenes(const std::vector<std::string>& names,
                                                fetch::RemoteWork& remote) {
    std::vector<std::filesystem::path> paths;
    for (const auto& name : names) paths.emplace_back(remote.input(name));
    return paths;
}

fetch::RemoteWork remote_work(const TileOptions& options) {
    return fetch::RemoteWork("hls-tile/" + cli::version(), options.work_dir);
}

static std::string without_slash(std::string name) {
    while (name.ends_with('/')) name.pop_back();
    return name;
}

product::ProductOptions product_options(const TileOptions& options, const std::string& granule_id) {
    product::ProductOptions product;
    product.if_exists = options.work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
    product.threads = options.work.threads;
    product.uri_prefix = options.uri_prefix;
    if (product.uri_prefix.empty() && net::is_s3_uri(options.work.output))
        product.uri_prefix = without_slash(options.work.output) + '/' + granule_id;
    product.vi = std::ranges::find(options.extras, "vi") != options.extras.end();
    product.gibs = std::ranges::find(options.extras, "gibs") != options.extras.end();
    const char* run_id = std::getenv("HLS_RUN_ID");
    product.run_id = run_id != nullptr ? run_id : granule_id;
    return product;
}

// Below the output.
static std::string manifest_of(const std::filesystem::path& product_folder) {
    const std::string id = product_folder.filename();
    return id + '/' + id + ".json";
}

bool should_make(const TileOptions& options, const std::vector<std::string>& scenes,
                 const std::vector<std::filesystem::path>& outputs, fetch::RemoteWork& remote,
                 cli::Context& context) {
    const auto& work = options.work;
    const auto& folder = outputs.front();
    if (!remote.should_make(manifest_of(folder), folder, work.skip_existing, work.overwrite))
        return false;
    for (const auto& output : outputs)
        fs::check_output(output, work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse);
    if (!work.dry_run) return true;
    for (const auto& scene : scenes) context.print("read " + scene);
    for (const auto& output : outputs) context.print("write " + remote.shown(output));
    return false;
}

void deliver(const TileOptions& options, const std::filesystem::path& folder,
             const std::vector<product::ProductFile>& files, fetch::RemoteWork& remote,
             cli::RunRecord& record) {
    std::vector<std::filesystem::path> paths;
    for (const auto& file : files) paths.push_back(file.path);
    const auto& work = options.work;
    for (const auto& file :
         remote.deliver(manifest_of(folder), work.overwrite, paths, work.threads))
        record.outputs.push_back({file.name, file.sha256, file.bytes});
    if (!remote.sends()) cli::name_output(record, folder);
}

void describe_product(const std::vector<tile::StageTiming>& timings,
                      const product::ProductInfo& info, cli::RunRecord& record) {
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
