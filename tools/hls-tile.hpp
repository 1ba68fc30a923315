// SPDX-License-Identifier: Apache-2.0
// The commands of hls-tile and what they have in common.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/program.hpp"
#include "cli/work_options.hpp"
#include "product/product_writer.hpp"
#include "tile/tile_job.hpp"

struct TileOptions {
    hls::cli::WorkOptions work;
    std::string uri_prefix;
    std::vector<std::string> scenes, extras;
};

// SCENE, -o and the work options, --with, --uri-prefix.
void add_tile_options(hls::cli::Program& program, CLI::App& app, TileOptions& options);

// Scene folders, from standard input where one is "-".
std::vector<std::filesystem::path> scene_paths(const TileOptions& options);

hls::product::ProductOptions product_options(const TileOptions& options,
                                             const std::string& granule_id);

// False if there is nothing to do: the product exists and may stay, or it is a dry run, which
// prints its plan. Throws Error{cannot_create} if the product exists otherwise.
bool should_make(const TileOptions& options, const std::vector<std::filesystem::path>& scenes,
                 const std::vector<std::filesystem::path>& outputs, hls::cli::Context& context);

// Files with their digests, stages with their times, coverage.
void describe_product(const std::vector<hls::product::ProductFile>& files,
                      const std::vector<hls::tile::StageTiming>& timings,
                      const hls::product::ProductInfo& info, int threads,
                      hls::cli::RunRecord& record);

void declare_l30_command(hls::cli::Program& program);
void declare_s30_command(hls::cli::Program& program);
