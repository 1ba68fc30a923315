// SPDX-License-Identifier: Apache-2.0
#include "scene/ac_scene_folder.hpp"

#include <utility>

namespace hls::scene {
namespace {

fs::IfExists mode_of(bool overwrite) {
    return overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
}

}  // namespace

AcSceneFolder::AcSceneFolder(const std::filesystem::path& output_dir, std::string product_id,
                             bool overwrite)
    : product_id_(std::move(product_id)),
      directory_(output_dir / product_id_, mode_of(overwrite)) {}

void AcSceneFolder::check(const std::filesystem::path& output_dir, std::string_view product_id,
                          bool overwrite) {
    fs::check_output(output_dir / product_id, mode_of(overwrite));
}

io::RasterWriter AcSceneFolder::create_layer(std::string_view layer, const io::Grid& grid) const {
    return {(directory_.temporary() / ac_file_name(product_id_, layer)).string(), grid,
            landsat_ac_layer(layer)};
}

io::RasterWriter AcSceneFolder::create_sentinel2_layer(std::string_view layer,
                                                       const io::Grid& scene_grid) const {
    return {(directory_.temporary() / ac_file_name(product_id_, layer)).string(),
            with_pixel_size(scene_grid, sentinel2_ac_pixel_m(layer)), sentinel2_ac_layer(layer)};
}

void AcSceneFolder::commit(std::string_view scene_json_text) {
    fs::write_text_atomically(directory_.temporary() / "scene.json", scene_json_text,
                              fs::IfExists::refuse);
    directory_.commit();
}

void AcSceneFolder::commit(const AcScene& scene) {
    commit(scene_json(scene));
}

void AcSceneFolder::commit(const Sentinel2AcScene& scene) {
    commit(sentinel2_scene_json(scene));
}

}  // namespace hls::scene
