// SPDX-License-Identifier: Apache-2.0
// From the AC scenes of one Landsat pass to the L30 product of one tile.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "granule/hls.hpp"
#include "io/raster.hpp"
#include "product/product_writer.hpp"
#include "tile/landsat_pass.hpp"
#include "tile/tile_job.hpp"
#include "tile/tile_summary.hpp"

namespace hls::tile {

struct L30Job {
    std::string tile;                           // 19LBJ or T19LBJ
    std::vector<std::filesystem::path> scenes;  // folders as scene::read_ac_scene takes them
    std::filesystem::path output_dir;           // the product becomes output_dir/<granule id>/
    IntendedRows intended;
    product::ProductOptions product;
};

// Everything that metadata and names can tell.
struct L30Plan {
    granule::HlsId id;
    io::Grid grid;  // EPSG:326zz, signed northings
    LandsatPass pass;

    std::filesystem::path folder(const L30Job& job) const;
};

// Reads no pixel and writes nothing. Throws Error: usage for a tile that does not exist, those of
// make_landsat_pass() and scene::read_ac_scene().
L30Plan plan_l30(const L30Job& job);

struct L30Report {
    product::ProductInfo info;
    std::vector<product::ProductFile> files;
    CoverageCounts coverage;
    std::vector<std::string> contributors;  // product ids of the scenes named in the product
    std::vector<StageTiming> timings;
};

// Makes the product. `progress` hears the fraction done from the calling thread.
// Throws Error: empty if no scene has a valid pixel in the tile (nothing is left behind), bad_input
// for damaged scenes, cannot_create if the product exists, io_error, or 128 + signal.
L30Report make_l30(const L30Job& job, const L30Plan& plan,
                   const std::function<void(double)>& progress = {});

}  // namespace hls::tile
