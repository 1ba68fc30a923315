// SPDX-License-Identifier: Apache-2.0
#include "scene/sentinel2_ac_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "scene/ac_scene.hpp"
#include "scene/scene_file.hpp"
#include "scene/sentinel2_l1.hpp"

namespace hls::scene {
namespace {

namespace stdfs = std::filesystem;

constexpr std::array<Sentinel2Band, kSentinel2BandCount> kBands{{
    {"B01", "SR_B01", "sr_band1", "Surface reflectance, coastal aerosol 0.443 um", 6},
    {"B02", "SR_B02", "sr_band2", "Surface reflectance, blue 0.49 um", 1},
    {"B03", "SR_B03", "sr_band3", "Surface reflectance, green 0.56 um", 1},
    {"B04", "SR_B04", "sr_band4", "Surface reflectance, red 0.665 um", 1},
    {"B05", "SR_B05", "sr_band5", "Surface reflectance, red edge 0.705 um", 2},
    {"B06", "SR_B06", "sr_band6", "Surface reflectance, red edge 0.74 um", 2},
    {"B07", "SR_B07", "sr_band7", "Surface reflectance, red edge 0.783 um", 2},
    {"B08", "SR_B08", "sr_band8", "Surface reflectance, broad near infrared 0.842 um", 1},
    {"B8A", "SR_B8A", "sr_band8a", "Surface reflectance, narrow near infrared 0.865 um", 2},
    {"B09", "SR_B09", "sr_band9", "Surface reflectance, water vapour 0.945 um", 6},
    {"B10", "TOA_B10", "sr_band10", "Top of atmosphere reflectance, cirrus 1.375 um", 6},
    {"B11", "SR_B11", "sr_band11", "Surface reflectance, shortwave infrared 1.61 um", 2},
    {"B12", "SR_B12", "sr_band12", "Surface reflectance, shortwave infrared 2.19 um", 2},
}};

struct OtherLayer {
    std::string_view name;
    std::string_view description;
    double pixel_m;
};

constexpr std::array kOthers{
    OtherLayer{"SR_QA_AEROSOL", "Aerosol retrieval flags", kSentinel2PixelM},
    OtherLayer{"AOT", "Aerosol optical thickness at 0.55 um", kSentinel2PixelM},
    OtherLayer{"FMASK", "Cloud, shadow, snow and water mask", kSentinel2MaskPixelM},
    OtherLayer{"SZA", "Solar zenith angle", kSentinel2AnglePixelM},
    OtherLayer{"SAA", "Solar azimuth angle", kSentinel2AnglePixelM},
    OtherLayer{"VZA", "View zenith angle", kSentinel2AnglePixelM},
    OtherLayer{"VAA", "View azimuth angle", kSentinel2AnglePixelM},
};

constexpr auto kLayerNames = [] {
    std::array<std::string_view, kBands.size() + kOthers.size()> names{};
    for (std::size_t i = 0; i < kBands.size(); ++i) names[i] = kBands[i].layer;
    for (std::size_t i = 0; i < kOthers.size(); ++i) names[kBands.size() + i] = kOthers[i].name;
    return names;
}();

const Sentinel2Band* band_of(std::string_view layer) {
    const auto at = std::ranges::find(kBands, layer, &Sentinel2Band::layer);
    return at == kBands.end() ? nullptr : &*at;
}

const OtherLayer& other_of(std::string_view layer) {
    const auto at = std::ranges::find(kOthers, layer, &OtherLayer::name);
    if (at == kOthers.end())
        throw Error{Exit::internal, fmt::format("no layer {} in a Sentinel-2 AC scene", layer)};
    return *at;
}

io::Layer reflectance_layer(std::string_view description) {
    io::Layer layer;
    layer.type = io::PixelType::i16;
    layer.nodata = kSentinel2Fill;
    layer.scale = 1e-4;
    layer.description = description;
    return layer;
}

io::Layer angle_layer(std::string_view description) {
    io::Layer layer;
    layer.type = io::PixelType::u16;
    layer.nodata = kSentinel2AngleFill;
    layer.scale = kAngleScale;
    layer.unit = std::string("degree");
    layer.description = description;
    return layer;
}

// Whole pixels of `size` m in `length` m.
int whole_pixels(double length, double size) {
    const double count = length / size;
    if (count < 1 || count != std::floor(count))
        throw Error{Exit::internal, fmt::format("{} m are no whole pixels of {} m", length, size)};
    return static_cast<int>(count);
}

// File of the reference layout without its ending.
std::string reference_name(std::string_view layer) {
    if (const auto* band = band_of(layer)) return std::string(band->reference_file);
    if (layer == "SR_QA_AEROSOL") return "sr_aerosol";
    if (layer == "FMASK") return "FMASK_20m";
    throw Error{Exit::internal, fmt::format("{} is no file of the reference layout", layer)};
}

void require_files(const Sentinel2AcScene& scene, const std::vector<std::string>& layers) {
    for (const auto& layer : layers)
        if (!stdfs::exists(scene.layer_path(layer)))
            throw Error{Exit::bad_input,
                        fmt::format("missing layer {}: no file {}", layer, scene.layer_path(layer)),
                        "the scene is incomplete: correct it again"};
}

Sentinel2AcScene read_reference_layout(const stdfs::path& folder) {
    if (!stdfs::exists(folder / "MTD_TL.xml"))
        throw Error{
            Exit::bad_input,
            fmt::format("{}: neither scene.json nor MTD_TL.xml, not an AC scene", folder.string()),
            "give a folder that hls-lasrc wrote"};
    const Sentinel2L1 l1 = open_sentinel2_l1(folder.string(), {{}, true});
    Sentinel2AcScene scene;
    scene.folder = folder;
    scene.reference_layout = true;
    scene.product_id = l1.product_id;
    scene.product_uri = l1.product.product_uri;
    scene.tile = l1.id.tile;
    scene.spacecraft = l1.product.spacecraft;
    scene.datatake_start = l1.id.sensing;
    scene.relative_orbit = l1.id.relative_orbit;
    scene.tile_id = l1.tile.tile_id;
    scene.datastrip_id = l1.tile.datastrip_id;
    scene.baseline = granule::format_sentinel2_baseline(l1.product.baseline);
    scene.sensing_time = l1.tile.sensing_time;
    scene.sensing_time_text = l1.tile.sensing_time_text;
    scene.l1_processing_time_text = l1.tile.archiving_time_text;
    scene.grid = l1.grid(static_cast<int>(kSentinel2PixelM));
    scene.sun_zenith_deg = l1.tile.sun_zenith_deg;
    scene.sun_azimuth_deg = l1.tile.sun_azimuth_deg;
    scene.cloud_cover_percent = l1.product.cloud_cover_percent;
    for (const Sentinel2Band& band : kBands) scene.layers.emplace_back(band.layer);
    scene.layers.insert(scene.layers.end(), {"SR_QA_AEROSOL", "FMASK"});
    scene.mask_source = reference_name("FMASK") + ".tif";
    require_files(scene, scene.layers);
    return scene;
}

}  // namespace

const std::array<Sentinel2Band, kSentinel2BandCount>& sentinel2_bands() noexcept {
    return kBands;
}

std::span<const std::string_view> sentinel2_ac_layers() noexcept {
    return kLayerNames;
}

io::Layer sentinel2_ac_layer(std::string_view name) {
    if (const auto* band = band_of(name)) return reflectance_layer(band->description);
    const OtherLayer& other = other_of(name);
    // These three are encoded as in Landsat scenes.
    if (name == "SR_QA_AEROSOL" || name == "AOT" || name == "FMASK") return landsat_ac_layer(name);
    return angle_layer(other.description);
}

double sentinel2_ac_pixel_m(std::string_view name) {
    const auto* band = band_of(name);
    return band != nullptr ? band->pixel_m() : other_of(name).pixel_m;
}

io::Grid with_pixel_size(const io::Grid& grid, double pixel_m) {
    return {whole_pixels(grid.rows * grid.pixel_m, pixel_m),
            whole_pixels(grid.cols * grid.pixel_m, pixel_m),
            grid.ulx_m,
            grid.uly_m,
            pixel_m,
            grid.epsg};
}

bool Sentinel2AcScene::has(std::string_view layer) const {
    return std::ranges::find(layers, layer) != layers.end();
}

std::string Sentinel2AcScene::layer_path(std::string_view layer) const {
    const std::string file =
        reference_layout ? reference_name(layer) + ".tif" : ac_file_name(product_id, layer);
    return (folder / file).string();
}

Sentinel2AcScene read_sentinel2_ac_scene(const stdfs::path& path) {
    const SceneFile file = find_scene_file(path);
    if (!file.text) return read_reference_layout(file.folder);
    if (is_landsat_scene_json(*file.text))
        throw Error{Exit::bad_input, fmt::format("{}: a Landsat scene", file.json.string()),
                    "hls-tile l30 takes Landsat scenes"};
    Sentinel2AcScene scene = parse_sentinel2_scene_json(*file.text, file.json.string());
    scene.folder = file.folder;
    require_files(scene, scene.layers);
    return scene;
}

}  // namespace hls::scene
