// SPDX-License-Identifier: Apache-2.0
// usage: ac_granules DIR CELLS TWINS
// Writes Sentinel-2 AC scenes of CELLS x CELLS cells of 60 m in the middle of tile 16RDV, with the
// texture of real ones: input of hls-tile for its tests (small) and its benchmark (1830 cells are
// the tile). Twins see overlapping bands of it from north to south; a single granule sees it all.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "scene/ac_scene_folder.hpp"
#include "scene/sentinel2_ac_scene.hpp"
#include "texture.hpp"

namespace {

using namespace hls;
using texture::fields;
using texture::noise;

constexpr int kTileCells = 1830;
constexpr double kCellM = 60;
constexpr double kTileX = 399960;  // upper-left corner of 16RDV
constexpr double kTileY = 3500040;

// What is seen: a band of cell rows, right of a slanting edge.
struct View {
    int cells = 0;
    int first_row = 0;
    int end_row = 0;
    Plane<float> picture;  // of each cell

    bool sees(int cell_row, int cell_col) const {
        return cell_row >= first_row && cell_row < end_row &&
               cell_col >= cells / 10 - cell_row / 12;
    }
};

Plane<float> picture_of(int cells) {
    Plane<float> picture(cells, cells);
    for (int r = 0; r < cells; ++r)
        for (int c = 0; c < cells; ++c) picture(r, c) = static_cast<float>(fields(2 * r, 2 * c));
    return picture;
}

struct Encoding {
    unsigned index = 0;
    int fill = 0;
    int per_cell = 1;
};

int angle_value(std::string_view layer, int row, int col) {
    if (layer == "SZA") return 3000 + row / 40 + col / 90;
    if (layer == "SAA") return 13000 + row / 50 + col / 30;
    if (layer == "VZA") return 300 + col * 2 / 10 + row / 30;
    return (col + row / 5) % 700 < 350 ? 10300 + row / 60 : 28400 + row / 60;
}

int value(std::string_view layer, const Encoding& encoding, int row, int col, double field) {
    if (layer == "FMASK") return field > 1.2 ? 4 : field < -1.4 ? 1 : 0;
    if (layer == "SR_QA_AEROSOL") return 2 | (noise(row / 100, col / 100, 7) > 0 ? 0x40 : 0x80);
    if (layer == "AOT") return 100 + row / 100;
    if (encoding.per_cell == 2) return angle_value(layer, row, col);
    return static_cast<int>(600 + 90 * encoding.index + 220 * field +
                            70 * noise(row, col, encoding.index));
}

template <typename T>
void write_layer(io::RasterWriter& writer, std::string_view layer, const Encoding& encoding,
                 const View& view) {
    const int n = encoding.per_cell;
    for (int cell_row = 0; cell_row < view.cells; ++cell_row) {
        Plane<T> rows(n, view.cells * n);
        for (int r = 0; r < n; ++r)
            for (int c = 0; c < rows.cols(); ++c)
                rows(r, c) =
                    static_cast<T>(view.sees(cell_row, c / n)
                                       ? value(layer, encoding, cell_row * n + r, c,
                                               static_cast<double>(view.picture(cell_row, c / n)))
                                       : encoding.fill);
        writer.write_rows<T>(cell_row * n, std::as_const(rows).view());
    }
    writer.close();
}

scene::Sentinel2AcScene describe(int cells, int granule) {
    scene::Sentinel2AcScene scene;
    scene.product_id =
        "S2B_MSIL1C_20200801T161909_N0500_R040_T16RDV_20200801T20330" + std::to_string(granule + 1);
    scene.product_uri = scene.product_id + ".SAFE";
    scene.tile = "16RDV";
    scene.spacecraft = "Sentinel-2B";
    scene.datatake_start = parse_utc("2020-08-01T16:19:09Z");
    scene.relative_orbit = 40;
    scene.tile_id = "S2B_OPER_MSI_L1C_TL_VGS1_20200801T203301_A017791_T16RDV_N05.00";
    scene.datastrip_id = "S2B_OPER_MSI_L1C_DS_VGS1_20200801T203301_S20200801T162532_N05.00";
    scene.baseline = "05.00";
    scene.sensing_time_text = "2020-08-01T16:30:0" + std::to_string(granule) + ".123456Z";
    scene.sensing_time = parse_utc(scene.sensing_time_text);
    scene.l1_processing_time_text = "2020-08-01T21:00:00.000000Z";
    const double margin = (kTileCells - cells) / 2 * kCellM;
    scene.grid = {cells * scene::kSentinel2Cell,
                  cells * scene::kSentinel2Cell,
                  kTileX + margin,
                  kTileY - margin,
                  scene::kSentinel2PixelM,
                  32616};
    scene.sun_zenith_deg = 31;
    scene.sun_azimuth_deg = 131;
    scene.cloud_cover_percent = 10;
    scene.software = "ac_granules 1";
    scene.mask_source = "simulated";
    const auto layers = scene::sentinel2_ac_layers();
    scene.layers.assign(layers.begin(), layers.end());
    return scene;
}

void write_granule(const char* folder, int granule, const View& view) {
    const auto scene = describe(view.cells, granule);
    scene::AcSceneFolder target(folder, scene.product_id, true);
    parallel_for(scene.layers.size(), available_threads(), [&](std::size_t i) {
        const auto& layer = scene.layers[i];
        auto writer = target.create_sentinel2_layer(layer, scene.grid);
        const auto encoding = scene::sentinel2_ac_layer(layer);
        const Encoding how{static_cast<unsigned>(i), static_cast<int>(*encoding.nodata),
                           static_cast<int>(kCellM / scene::sentinel2_ac_pixel_m(layer))};
        switch (encoding.type) {
            case io::PixelType::u8:
                return write_layer<std::uint8_t>(writer, layer, how, view);
            case io::PixelType::u16:
                return write_layer<std::uint16_t>(writer, layer, how, view);
            default:
                return write_layer<std::int16_t>(writer, layer, how, view);
        }
    });
    target.commit(scene);
}

}  // namespace

int main(int argc, char** argv) {
    const int cells = argc == 4 ? std::atoi(argv[2]) : 0;
    const int twins = argc == 4 ? std::atoi(argv[3]) : 0;
    if (cells < 2 || cells > kTileCells || cells % 2 != 0 || twins < 1 || twins > 9) {
        std::fputs("usage: ac_granules DIR CELLS TWINS, even CELLS up to 1830, TWINS up to 9\n",
                   stderr);
        return static_cast<int>(Exit::usage);
    }
    try {
        View view{cells, 0, cells, picture_of(cells)};
        for (int granule = 0; granule < twins; ++granule) {
            if (twins > 1) {
                view.first_row = cells * granule / (twins + 1);
                view.end_row = cells * (granule + 2) / (twins + 1);
            }
            write_granule(argv[1], granule, view);
        }
    } catch (const Error& error) {
        std::fprintf(stderr, "ac_granules: %s\n", error.what());
        return static_cast<int>(error.code);
    }
    return 0;
}
