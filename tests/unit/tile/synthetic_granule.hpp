// SPDX-License-Identifier: Apache-2.0
// Small Sentinel-2 AC scenes of constant layers, written where the mosaic can read them.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/time.hpp"
#include "io/raster.hpp"
#include "scene/ac_scene_folder.hpp"
#include "scene/sentinel2_ac_scene.hpp"

namespace hls::tile {

struct SyntheticGranule {
    std::string tile = "35VLJ";
    std::string time = "120103";  // last field of the product id
    io::Grid grid{60, 60, 349140, 6850860, 10, 32635};
    // Stored values by layer; those not named are 1000, angles 3000, the mask land.
    std::map<std::string, int> values;

    // Writes the scene below `folder` and returns it as read back.
    scene::Sentinel2AcScene write(const std::filesystem::path& folder) const {
        scene::Sentinel2AcScene scene;
        scene.product_id = "S2A_MSIL1C_20210617T100559_N0300_R022_T" + tile + "_20210617T" + time;
        scene.product_uri = scene.product_id + ".SAFE";
        scene.tile = tile;
        scene.spacecraft = "Sentinel-2A";
        scene.datatake_start = parse_utc("2021-06-17T10:05:59Z");
        scene.relative_orbit = 22;
        scene.sensing_time_text = "2021-06-17T10:09:04.123456Z";
        scene.sensing_time = parse_utc(scene.sensing_time_text);
        scene.baseline = "03.00";
        scene.grid = grid;
        scene.sun_zenith_deg = 38;
        scene.mask_source = "synthetic";
        const auto names = scene::sentinel2_ac_layers();
        scene.layers.assign(names.begin(), names.end());
        scene::AcSceneFolder target(folder, scene.product_id, true);
        for (const auto& name : scene.layers) {
            auto writer = target.create_sentinel2_layer(name, grid);
            const auto type = scene::sentinel2_ac_layer(name).type;
            if (type == io::PixelType::u8)
                write_all<std::uint8_t>(writer, name);
            else if (type == io::PixelType::u16)
                write_all<std::uint16_t>(writer, name);
            else
                write_all<std::int16_t>(writer, name);
        }
        target.commit(scene);
        return scene::read_sentinel2_ac_scene(folder / scene.product_id);
    }

 private:
    template <typename T>
    void write_all(io::RasterWriter& writer, const std::string& name) const {
        const auto size = scene::with_pixel_size(grid, scene::sentinel2_ac_pixel_m(name));
        const auto found = values.find(name);
        const int usual = sizeof(T) == 1 ? 0 : std::is_signed_v<T> ? 1000 : 3000;
        const Plane<T> plane(size.rows, size.cols,
                             static_cast<T>(found == values.end() ? usual : found->second));
        writer.write_rows<T>(0, plane.view());
        writer.close();
    }
};

}  // namespace hls::tile
