// SPDX-License-Identifier: Apache-2.0
// A Landsat 8/9 Collection 2 Level-1 product on disk, checked before its pixels are read.
#pragma once

#include <string>
#include <vector>

#include "granule/landsat.hpp"
#include "io/raster.hpp"

namespace hls::scene {

enum class LandsatAngle { sza, saa, vza, vaa };

// What the caller is going to read, and which products it takes beyond L1TP of category T1 or RT.
struct LandsatL1Needs {
    std::vector<int> bands;  // 1..11
    bool qa_pixel = true;
    bool angles = true;               // all four
    std::vector<std::string> accept;  // levels or categories, e.g. "L1GT" (any category), "T2"
};

struct LandsatL1 {
    granule::LandsatMetadata metadata;
    // Of the reflective bands, QA and angles. From the rasters, or from the MTL if they carry none.
    io::Grid grid;
    std::string folder;  // where the files are: a folder or /vsitar/<path>.tar

    // Paths for io::RasterReader. Throw Error{bad_input} if the MTL names no such file.
    std::string band_path(int band) const;
    std::string qa_pixel_path() const;
    std::string angle_path(LandsatAngle angle) const;
};

// `path` is a product folder, its .tar, or its MTL file. Checks level and category (not_accepted,
// also for a polar stereographic product), and for everything needed: that it is calibrated, that
// the file is there, that its size is that of the MTL and that its georeferencing agrees with the
// MTL (bad_input naming both). A path that does not exist is missing_input.
LandsatL1 open_landsat_l1(const std::string& path, const LandsatL1Needs& needs);

}  // namespace hls::scene
