// SPDX-License-Identifier: Apache-2.0
// From the AC scenes of one Sentinel-2 datatake over a tile to its S30 product.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "granule/hls.hpp"
#include "io/raster.hpp"
#include "product/product_writer.hpp"
#include "tile/s30_mosaic.hpp"
#include "tile/s30_stages.hpp"
#include "tile/tile_job.hpp"
#include "tile/twins.hpp"

namespace hls::tile {

struct S30Job {
    std::vector<std::filesystem::path> scenes;  // as scene::read_sentinel2_ac_scene() takes them
    std::filesystem::path output_dir;           // the product becomes output_dir/<granule id>/
    product::ProductOptions product;
    StageHook stages;  // empty: none
};

// Everything that metadata and names can tell.
struct S30Plan {
    granule::HlsId id;
    io::Grid grid;  // EPSG:326zz, signed northings
    Twins twins;

    std::filesystem::path folder(const S30Job& job) const;
};

// Reads no pixel but the mask of granules whose metadata say they are cloudy, and writes nothing.
// Throws Error: those of make_twins(), cells_of() and scene::read_sentinel2_ac_scene(), bad_input
// for a tile that does not exist, not_accepted for a satellite without a bandpass table.
S30Plan plan_s30(const S30Job& job);

struct S30Report {
    product::ProductInfo info;
    std::vector<product::ProductFile> files;
    S30Summary summary;
    std::vector<StageTiming> timings;
};

// Makes the product. `progress` hears the fraction done from the calling thread.
// Throws Error: empty if no pixel is valid in all bands (nothing is left behind), bad_input for
// damaged scenes, cannot_create if the product exists, io_error, or 128 + signal.
S30Report make_s30(const S30Job& job, const S30Plan& plan,
                   const std::function<void(double)>& progress = {});

}  // namespace hls::tile
