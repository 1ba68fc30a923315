// SPDX-License-Identifier: Apache-2.0
// usage: ac_scenes DIR ROWS COLS
// Writes two AC scenes of neighbouring rows, with the texture of real ones, around the centre of
// tile 16RDV: input of hls-tile for its tests (small) and its benchmark (2150 x 7800 covers it
// all).
#include <cstdio>
#include <cstdlib>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "scene/ac_scene.hpp"
#include "scene/ac_scene_folder.hpp"
#include "texture.hpp"

namespace {

using namespace hls;
using texture::fields;
using texture::noise;

constexpr int kStrip = 256;
constexpr int kTileSize = 3660;
constexpr double kTileX = 399960;  // upper-left corner of 16RDV
constexpr double kTileY = 3500040;

struct Size {
    int rows, cols;
    // Real scenes share about a tenth of their rows with the next one.
    int shared() const { return rows / 7; }
};

int value(std::string_view layer, unsigned index, int row, int col, int middle) {
    if (layer == "SZA") return 3000 + row / 40 + col / 90;
    if (layer == "SAA") return 13000 + row / 50 + col / 30;
    if (layer == "VZA") return 1 + std::abs(col - middle + row / 5) * 2 / 10;
    if (layer == "VAA") return (col + row / 5 > middle ? 9800 : -8200) + row / 60;
    if (layer == "FMASK") return fields(row, col) > 1.2 ? 4 : fields(row, col) < -1.4 ? 1 : 0;
    if (layer == "SR_QA_AEROSOL") return 2 | (noise(row / 50, col / 50, 7) > 0 ? 0x40 : 0x80);
    if (layer == "AOT") return 100 + row / 100;
    if (layer.starts_with("BT_"))
        return static_cast<int>(43000 + 600 * fields(row, col) + 12 * noise(row, col, index));
    return static_cast<int>(9500 + 500 * index + 800 * fields(row, col) +
                            250 * noise(row, col, index));
}

template <typename T>
void write_layer(io::RasterWriter& writer, std::string_view name, unsigned index, Size size,
                 int first_row) {
    for (int row = 0; row < size.rows; row += kStrip) {
        Plane<T> strip(std::min(kStrip, size.rows - row), size.cols);
        for (int r = 0; r < strip.rows(); ++r)
            for (int c = 0; c < size.cols; ++c)
                strip(r, c) =
                    static_cast<T>(value(name, index, first_row + row + r, c, size.cols / 2));
        writer.write_rows<T>(row, strip.view());
    }
    writer.close();
}

// The upper scene of the pair is that of row 38.
void write_scene(const char* folder, int wrs_row, Size size) {
    const bool upper = wrs_row == 38;
    const int first_row = upper ? 0 : size.rows - size.shared();
    scene::AcScene scene;
    scene.product_id = "LC08_L1TP_0200" + std::to_string(wrs_row) + "_20200801_20200908_02_T1";
    scene.scene_id = "LC80200" + std::to_string(wrs_row) + "2020214LGN00";
    scene.spacecraft = "LANDSAT_8";
    scene.sensor = "OLI_TIRS";
    scene.level = "L1TP";
    scene.category = "T1";
    scene.wrs_path = 20;
    scene.wrs_row = wrs_row;
    scene.sensing_time_text =
        upper ? "2020-08-01T16:16:12.1234560Z" : "2020-08-01T16:16:36.0034560Z";
    scene.sensing_time = parse_utc(scene.sensing_time_text);
    scene.l1_processing_time_text = "2020-09-08T01:02:03Z";
    scene.l1_software = "LPGS_15.3.1";
    scene.tirs_ssm_model = "FINAL";
    scene.tirs_ssm_position_status = "ESTIMATED";
    const int margin_cols = (kTileSize - size.cols) / 2;
    const int margin_rows = (kTileSize - (2 * size.rows - size.shared())) / 2;
    scene.grid = {size.rows,
                  size.cols,
                  kTileX + 30.0 * margin_cols - 15,
                  kTileY - 30.0 * (margin_rows + first_row) + 15,
                  30,
                  32616};
    scene.sun_azimuth_deg = 130;
    scene.sun_elevation_deg = 58;
    scene.software = "ac_scenes 1";
    scene.mask_source = "simulated";
    scene::AcSceneFolder target(folder, scene.product_id, true);
    const auto layers = scene::landsat_ac_layers();
    scene.layers.assign(layers.begin(), layers.end());
    parallel_for(layers.size(), available_threads(), [&](std::size_t i) {
        const auto name = layers[i];
        const auto index = static_cast<unsigned>(i);
        auto writer = target.create_layer(name, scene.grid);
        switch (scene::landsat_ac_layer(name).type) {
            case io::PixelType::u8:
                return write_layer<std::uint8_t>(writer, name, index, size, first_row);
            case io::PixelType::u16:
                return write_layer<std::uint16_t>(writer, name, index, size, first_row);
            default:
                return write_layer<std::int16_t>(writer, name, index, size, first_row);
        }
    });
    target.commit(scene);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fputs("usage: ac_scenes DIR ROWS COLS\n", stderr);
        return static_cast<int>(Exit::usage);
    }
    try {
        const Size size{std::atoi(argv[2]), std::atoi(argv[3])};
        write_scene(argv[1], 38, size);
        write_scene(argv[1], 39, size);
    } catch (const Error& error) {
        std::fprintf(stderr, "ac_scenes: %s\n", error.what());
        return static_cast<int>(error.code);
    }
    return 0;
}
