// SPDX-License-Identifier: Apache-2.0
// A Sentinel-2 Level-1C product on disk, checked before its pixels are read: a .SAFE folder, a .zip
// of one (read in place), a tile of the AWS archive, or a flat folder with MTD_MSIL1C.xml,
// MTD_TL.xml and T*_Bnn.{jp2,tif}. Any size that is a multiple of 60 m.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/view2d.hpp"
#include "granule/sentinel2_masks.hpp"
#include "granule/sentinel2_metadata.hpp"
#include "io/raster.hpp"

namespace hls::scene {

enum class Sentinel2Layout { safe, aws, flat };

// The band whose view angles and footprints stand for all bands (tiling.md 3.8): B06.
inline constexpr int kSentinel2AngleBand = 5;

// What the caller is going to read; bands by index of granule::sentinel2_bands().
struct Sentinel2L1Needs {
    std::vector<int> bands{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    bool detectors = true;  // mask of detector footprints of kSentinel2AngleBand, and angle grids
};

struct Sentinel2L1 {
    granule::Sentinel2Product product;
    granule::Sentinel2Tile tile;
    granule::Sentinel2ProductId id;  // of PRODUCT_URI
    std::string product_id;          // its text, without ".SAFE"
    Sentinel2Layout layout = Sentinel2Layout::safe;
    std::string source;  // the path given, for messages
    std::string root;    // where `files` are, as GDAL opens it: a folder or /vsizip/{...}/...
    std::vector<std::string> files;  // below root, sorted

    // Grid of `pixel_m` = 10, 20, 30 or 60 m in the product's CRS: southern zones are EPSG 327zz
    // with the false northing.
    io::Grid grid(int pixel_m) const;
    // Grid of a band at its native resolution.
    io::Grid band_grid(int band) const;

    // Paths for io::RasterReader; throw Error{bad_input} if there is no such file.
    std::string band_path(int band) const;
    // MSK_DETFOO, raster or .gml; nullopt if there is none.
    std::optional<std::string> detector_mask_path(int band) const;
    // MSK_QUALIT (baseline 04.00 and later); nullopt if there is none.
    std::optional<std::string> quality_mask_path(int band) const;

    // MTD_MSIL1C.xml and MTD_TL.xml as they are; the former is empty where an AWS tile has none.
    std::string product_metadata_text() const;
    std::string tile_metadata_text() const;
    // Text of a small file below root. Throws Error{bad_input} if there is none.
    std::string read_text(const std::string& file) const;
    // Path of a file below root for people.
    std::string name_of(const std::string& file) const;
};

// Whether a path is a Sentinel-2 product rather than a Landsat one, by its name and, of a folder,
// by the metadata in it. Says nothing about what open_sentinel2_l1() will find.
bool is_sentinel2_l1(const std::string& path);

// `path` is a folder, a .zip, or the MTD_MSIL1C.xml or metadata.xml in a folder. Checks that the
// product is Level-1C of a known satellite and baseline (not_accepted), and for everything needed
// that it is there, has the size MTD_TL.xml says and lies where it says (bad_input naming both). A
// path that does not exist is missing_input, a zip whose names lead out of it bad_input.
Sentinel2L1 open_sentinel2_l1(const std::string& path, const Sentinel2L1Needs& needs = {});

// Same place with the northern definition of UTM, as Landsat and HLS have it: EPSG 326zz, northings
// negative south of the equator. Grids that are northern already do not change.
io::Grid signed_utm_grid(const io::Grid& grid);

// Digital numbers of one band at native resolution, rows best asked for in ascending order; 0 is no
// data. Pixels whose packets were lost or degraded are 0 where a quality mask says so (tiling.md
// 3.2). One object is used by one thread at a time. Reflectance is
// (DN + product.offset[band]) / product.quantification.
class Sentinel2BandReader {
 public:
    Sentinel2BandReader(const Sentinel2L1& l1, int band);

    int rows() const { return raster_.rows(); }
    int cols() const { return raster_.cols(); }
    int block_rows() const { return raster_.block_rows(); }
    bool has_lost_packets() const { return lost_.rows() > 0; }
    void read_rows(int first_row, View2D<std::uint16_t> out) const;

 private:
    io::RasterReader raster_;
    Plane<std::uint8_t> lost_;  // 1: lost; on the mask's own grid; empty without a loss
};

// What Sentinel2BandReader applies, for those who read a band in pieces: 1 where packets were lost
// or degraded, on the mask's own grid; no rows if nothing was lost.
Plane<std::uint8_t> read_lost_packets(const Sentinel2L1& l1, int band);
// Sets lost pixels to 0 in rows [first_row, first_row + dn.rows()) of a band of `band_rows` rows.
void clear_lost_packets(const Plane<std::uint8_t>& lost, int band_rows, int first_row,
                        View2D<std::uint16_t> dn);

// Detector 1..12 that saw each pixel of the grid of `pixel_m` metres (10, 20, 30 or 60), 0 where
// none did. A raster mask is sampled at pixel centres; of polygons the first one that holds the
// centre counts. Throws Error{bad_input} without a mask or with a corrupt one.
Plane<std::uint8_t> read_detectors(const Sentinel2L1& l1, int band, int pixel_m);

// Polygons to `out`, whose upper-left pixel has its outer corner at (ulx_m, uly_m): the even-odd
// rule at pixel centres, the first polygon wins.
void rasterize_footprints(const std::vector<granule::DetectorFootprint>& footprints, double ulx_m,
                          double uly_m, double pixel_m, View2D<std::uint8_t> out);

}  // namespace hls::scene
