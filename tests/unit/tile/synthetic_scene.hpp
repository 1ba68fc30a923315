// SPDX-License-Identifier: Apache-2.0
// Small AC scenes with any content, written where the mosaic can read them.
#pragma once

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/view2d.hpp"
#include "io/raster.hpp"
#include "scene/ac_scene.hpp"
#include "scene/ac_scene_folder.hpp"

namespace hls::tile {

// A folder that goes away with its object.
class TemporaryFolder {
 public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "hls-tile-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

// Layers of a scene in memory, in the stored values of AC scenes.
struct SyntheticScene {
    // Noise everywhere: reflectance, temperature, classes 0-4, aerosol levels, slowly varying
    // angles with view azimuths of both signs.
    SyntheticScene(int wrs_row, const io::Grid& size, unsigned seed) : row(wrs_row), grid(size) {
        std::mt19937 random(seed);
        const auto noise = [&](int low, int high) {
            Plane<int> plane(size.rows, size.cols);
            for (auto& v : plane.cells())
                v = low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
            return plane;
        };
        for (const auto* name :
             {"SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B6", "SR_B7", "TOA_B9"})
            layers[name] = noise(7000, 24000);
        for (const auto* name : {"BT_B10", "BT_B11"}) layers[name] = noise(36000, 48000);
        layers["FMASK"] = noise(0, 60);
        for (auto& v : layers["FMASK"].cells())
            v = v == 60 ? 4 : v == 59 ? 2 : v == 58 ? 3 : v == 57 ? 255 : v % 2;
        layers["SR_QA_AEROSOL"] = noise(0, 3);
        for (auto& v : layers["SR_QA_AEROSOL"].cells()) v = v << 6 | 2;
        for (const auto* name : {"SZA", "SAA", "VZA", "VAA"})
            layers[name] = Plane<int>(size.rows, size.cols);
        for (int r = 0; r < size.rows; ++r)
            for (int c = 0; c < size.cols; ++c) {
                layers["SZA"](r, c) = 3500 + r / 3 + wrs_row;
                layers["SAA"](r, c) = -5000 + c / 4;
                layers["VZA"](r, c) = 1 + (r + c) / 5;
                layers["VAA"](r, c) = c < size.cols / 2 ? -7700 : 10300;
            }
    }

    // Writes the scene below `folder` and returns it as read back.
    scene::AcScene write(const std::filesystem::path& folder) const {
        scene::AcScene scene;
        scene.product_id = "LC08_L1TP_003" + std::string(row < 100 ? "0" : "") +
                           std::to_string(row) + "_20200826_20200905_02_T1";
        scene.spacecraft = "LANDSAT_8";
        scene.sensor = "OLI_TIRS";
        scene.level = "L1TP";
        scene.category = "T1";
        scene.wrs_path = 3;
        scene.wrs_row = row;
        scene.sensing_time_text = "2020-08-26T14:45:56.7059220Z";
        scene.sensing_time = parse_utc(scene.sensing_time_text);
        scene.grid = grid;
        scene.sun_azimuth_deg = 55;
        scene.sun_elevation_deg = 53.9;
        scene::AcSceneFolder target(folder, scene.product_id, false);
        for (const auto name : scene::landsat_ac_layers()) {
            const auto found = layers.find(std::string(name));
            if (found == layers.end()) continue;
            scene.layers.emplace_back(name);
            auto writer = target.create_layer(name, grid);
            switch (scene::landsat_ac_layer(name).type) {
                case io::PixelType::u8:
                    write_plane<std::uint8_t>(writer, found->second);
                    break;
                case io::PixelType::u16:
                    write_plane<std::uint16_t>(writer, found->second);
                    break;
                default:
                    write_plane<std::int16_t>(writer, found->second);
            }
            writer.close();
        }
        target.commit(scene);
        return scene::read_ac_scene(folder / scene.product_id);
    }

    int row;
    io::Grid grid;
    std::map<std::string, Plane<int>> layers;

 private:
    template <typename T>
    static void write_plane(io::RasterWriter& writer, const Plane<int>& values) {
        Plane<T> plane(values.rows(), values.cols());
        for (std::size_t i = 0; i < plane.size(); ++i)
            plane.cells()[i] = static_cast<T>(values.cells()[i]);
        writer.write_rows<T>(0, plane.view());
    }
};

}  // namespace hls::tile
