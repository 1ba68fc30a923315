// SPDX-License-Identifier: Apache-2.0
// The commands of hls-tile and what they have in common.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/program.hpp"
#include "cli/work_options.hpp"
#include "fetch/remote_work.hpp"
#include "product/product_writer.hpp"
#include "tile/tile_job.hpp"

struct TileOptions {
    hls::cli::WorkOptions work;
    std::string uri_prefix, work_dir;
    std::vector<std::string> scenes, extras;
};

// SCENE, -o and the work options, --with, --uri-prefix.
void add_tile_options(hls::cli::Program& program, CLI::App& app, TileOptions& options);

// Scene folders as named, from standard input where one is "-".
std::vector<std::string> scene_names(const TileOptions& options);

// Where they are here.
std::vector<std::filesystem::path> local_scenes(const std::vector<std::string>& names,
                                                hls::fetch::RemoteWork& remote);

hls::product::ProductOptions product_options(const TileOptions& options,
                                             const std::string& granule_id);

// False if there is nothing to do: the product exists and may stay, or it is a dry run, which
// prints its plan. `outputs` begins with the folder of the product. Throws Error{cannot_create} if
// the product exists otherwise.
bool should_make(const TileOptions& options, const std::vector<std::string>& scenes,
                 const std::vector<std::filesystem::path>& outputs, hls::fetch::RemoteWork& remote,
                 hls::cli::Context& context);

// Sends the product in `folder` to where it belongs, if that is a bucket. Files with their digests.
void deliver(const TileOptions& options, const std::filesystem::path& folder,
             const std::vector<hls::product::ProductFile>& files, hls::fetch::RemoteWork& remote,
             hls::cli::RunRecord& record);

// Stages with their times, coverage.
void describe_product(const std::vector<hls::tile::StageTiming>& timings,
                      const hls::product::ProductInfo& info, hls::cli::RunRecord& record);

hls::fetch::RemoteWork remote_work(const TileOptions& options);

void declare_l30_command(hls::cli::Program& program);
void declare_s30_command(hls::cli::Program& program);
