// SPDX-License-Identifier: Apache-2.0
// A picture for people: the scene before and after correction, and its aerosol.
#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "scene/landsat_l1.hpp"
#include "scene/sentinel2_l1.hpp"

namespace hls::lasrc {

// A raster whose values are stored * scale + offset, except for `fill`.
struct PictureRaster {
    std::string path;
    double scale = 1;
    double offset = 0;
    int fill = 0;
};

// All of one size. Reflectance is red, green and blue.
struct PictureSources {
    int rows = 0;
    int cols = 0;
    std::array<PictureRaster, 3> before, after;
    PictureRaster aot;
};

// Of a granule and the AC scene in `scene_dir` that was made of it. Throw Error{bad_input} where
// one of the three bands is not there.
PictureSources picture_sources(const scene::LandsatL1& l1, const std::filesystem::path& scene_dir);
PictureSources picture_sources(const scene::Sentinel2L1& l1,
                               const std::filesystem::path& scene_dir);

// PNG with three panels of at most 1000 x 1000 pixels, side by side: top-of-atmosphere and surface
// reflectance as natural colour with one stretch for both, and AOT at 550 nm from 0 (dark blue) to
// 0.6 (yellow). Fill is white. Throws as io::RasterReader and io::write_png do.
void write_before_after(const PictureSources& sources, const std::filesystem::path& png,
                        bool overwrite);

}  // namespace hls::lasrc
