// SPDX-License-Identifier: Apache-2.0
#include "scene/reference_folder.hpp"

#include <fmt/format.h>

#include "scene/ac_scene.hpp"
#include "scene/sentinel2_ac_scene.hpp"

namespace hls::scene {

ReferenceFolder::ReferenceFolder(const std::filesystem::path& output_dir,
                                 std::string_view product_id, bool overwrite)
    : directory_(output_dir / product_id,
                 overwrite ? fs::IfExists::replace : fs::IfExists::refuse) {}

io::RasterWriter ReferenceFolder::create(std::string_view name, const io::Grid& grid,
                                         const io::Layer& layer) const {
    return {(directory_.temporary() / fmt::format("{}.tif", name)).string(), grid, layer};
}

io::RasterWriter ReferenceFolder::create_band(std::size_t band, const io::Grid& grid) const {
    const auto& names = sentinel2_bands()[band];
    io::Layer layer;
    layer.type = io::PixelType::u16;
    layer.nodata = kReflectanceFill;
    layer.scale = kReflectanceScale;
    layer.offset = kReflectanceOffset;
    layer.description = names.description;
    return create(names.reference_file, grid, layer);
}

io::RasterWriter ReferenceFolder::create_qa(const io::Grid& grid) const {
    return create(kReferenceQa, grid, sentinel2_ac_layer("SR_QA_AEROSOL"));
}

io::RasterWriter ReferenceFolder::create_mask(const io::Grid& grid) const {
    return create(kReferenceMask, with_pixel_size(grid, kSentinel2MaskPixelM),
                  sentinel2_ac_layer("FMASK"));
}

io::RasterWriter ReferenceFolder::create_detectors(const io::Grid& grid) const {
    io::Layer layer;
    layer.type = io::PixelType::u8;
    layer.description = "Detector that saw the pixel";
    return create(kReferenceDetectors, with_pixel_size(grid, kSentinel2MaskPixelM), layer);
}

void ReferenceFolder::write_text(std::string_view name, std::string_view text) const {
    fs::write_text_atomically(directory_.temporary() / name, text, fs::IfExists::refuse);
}

}  // namespace hls::scene
