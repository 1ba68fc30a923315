// SPDX-License-Identifier: Apache-2.0
// An AC scene being written: the folder appears with all its layers and scene.json, or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "fs/atomic_output.hpp"
#include "io/raster.hpp"
#include "scene/ac_scene.hpp"
#include "scene/sentinel2_ac_scene.hpp"

namespace hls::scene {

class AcSceneFolder {
 public:
    // Will become output_dir/product_id/. Throws Error{cannot_create} if that exists and
    // `overwrite` is false, or if it cannot be made.
    AcSceneFolder(const std::filesystem::path& output_dir, std::string product_id, bool overwrite);

    // The checks of the constructor alone: nothing is made.
    static void check(const std::filesystem::path& output_dir, std::string_view product_id,
                      bool overwrite);

    // A writer for the layer called `layer` (landsat_ac_layers()). Close it before commit().
    io::RasterWriter create_layer(std::string_view layer, const io::Grid& grid) const;

    // Of a Sentinel-2 scene, whose layers differ in resolution: `scene_grid` is that of 10 m.
    io::RasterWriter create_sentinel2_layer(std::string_view layer,
                                            const io::Grid& scene_grid) const;

    // Writes scene.json and renames the folder into place.
    void commit(const AcScene& scene);
    void commit(const Sentinel2AcScene& scene);

 private:
    void commit(std::string_view scene_json);

    std::string product_id_;
    fs::AtomicDirectory directory_;
};

}  // namespace hls::scene
