// SPDX-License-Identifier: Apache-2.0
#include "scene/ac_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "fs/read_text.hpp"
#include "geo/utm.hpp"
#include "scene/scene_file.hpp"
#include "scene/sentinel2_ac_scene.hpp"

namespace hls::scene {
namespace {

namespace stdfs = std::filesystem;

struct LayerRow {
    std::string_view name;
    std::string_view description;
};

constexpr std::array kLayers{
    LayerRow{"SR_B1", "Surface reflectance, coastal aerosol 0.44 um"},
    LayerRow{"SR_B2", "Surface reflectance, blue 0.48 um"},
    LayerRow{"SR_B3", "Surface reflectance, green 0.56 um"},
    LayerRow{"SR_B4", "Surface reflectance, red 0.65 um"},
    LayerRow{"SR_B5", "Surface reflectance, near infrared 0.86 um"},
    LayerRow{"SR_B6", "Surface reflectance, shortwave infrared 1.61 um"},
    LayerRow{"SR_B7", "Surface reflectance, shortwave infrared 2.2 um"},
    LayerRow{"TOA_B9", "Top of atmosphere reflectance, cirrus 1.37 um"},
    LayerRow{"BT_B10", "Brightness temperature, thermal infrared 10.9 um"},
    LayerRow{"BT_B11", "Brightness temperature, thermal infrared 12.0 um"},
    LayerRow{"SR_QA_AEROSOL", "Aerosol retrieval flags"},
    LayerRow{"AOT", "Aerosol optical thickness at 0.55 um"},
    LayerRow{"FMASK", "Cloud, shadow, snow and water mask"},
    LayerRow{"SZA", "Solar zenith angle"},
    LayerRow{"SAA", "Solar azimuth angle"},
    LayerRow{"VZA", "View zenith angle"},
    LayerRow{"VAA", "View azimuth angle"},
};

constexpr auto kLayerNames = [] {
    std::array<std::string_view, kLayers.size()> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = kLayers[i].name;
    return names;
}();

io::Layer scaled_layer(io::PixelType type, double nodata, double scale, double offset) {
    io::Layer layer;
    layer.type = type;
    layer.nodata = nodata;
    layer.scale = scale;
    layer.offset = offset;
    return layer;
}

io::Layer reflectance_layer() {
    return scaled_layer(io::PixelType::u16, kReflectanceFill, kReflectanceScale,
                        kReflectanceOffset);
}

io::Layer thermal_layer() {
    auto layer = scaled_layer(io::PixelType::u16, kReflectanceFill, kThermalScale, kThermalOffset);
    layer.unit = std::string("K");
    return layer;
}

io::Layer aot_layer() {
    return scaled_layer(io::PixelType::i16, kAotFill, kAotScale, 0);
}

io::Layer aerosol_qa_layer() {
    return scaled_layer(io::PixelType::u8, kAerosolQaFill, 1, 0);
}

io::Layer mask_layer() {
    io::Layer layer;
    layer.type = io::PixelType::u8;
    layer.nodata = kMaskFill;
    layer.classes = {{0, "clear land", {190, 180, 140}}, {1, "water", {40, 90, 200}},
                     {2, "cloud shadow", {60, 60, 60}},  {3, "snow or ice", {120, 230, 240}},
                     {4, "cloud", {255, 255, 255}},      {kMaskFill, "no data", {0, 0, 0}}};
    return layer;
}

// Fill is where all four angles are 0 (tiling.md 2.5). An azimuth or a view zenith of 0 can be
// genuine, so only the solar zenith is marked with a nodata value.
io::Layer angle_layer(std::string_view name) {
    io::Layer layer;
    layer.type = io::PixelType::i16;
    if (name == "SZA") layer.nodata = kAngleFill;
    layer.scale = kAngleScale;
    layer.unit = std::string("degree");
    return layer;
}

std::vector<std::string> layers_in(const stdfs::path& folder, const std::string& product_id) {
    std::vector<std::string> found;
    for (const auto name : kLayerNames)
        if (stdfs::exists(folder / ac_file_name(product_id, name))) found.emplace_back(name);
    return found;
}

// Foreign scene folders have no scene.json: the MTL says where the scene lies, the files what it
// has.
AcScene read_from_mtl(const stdfs::path& folder) {
    std::vector<stdfs::path> found;
    for (const auto& entry : stdfs::directory_iterator(folder))
        if (entry.path().filename().string().ends_with("_MTL.txt")) found.push_back(entry.path());
    if (found.size() != 1)
        throw Error{Exit::bad_input,
                    fmt::format("{}: no scene.json and {} files *_MTL.txt, not an AC scene",
                                folder.string(), found.size()),
                    "give a folder that hls-lasrc wrote"};
    const auto metadata = granule::parse_landsat_mtl(fs::read_text(found[0], kMaxMetadataBytes),
                                                     found[0].string(), granule::MtlUse::ac_scene);
    const io::Grid grid{metadata.reflective.lines,  metadata.reflective.samples,
                        metadata.ul_outer_x_m(),    metadata.ul_outer_y_m(),
                        metadata.reflective_cell_m, metadata.epsg()};
    AcScene scene = ac_scene_from(metadata, grid);
    scene.folder = folder;
    scene.layers = layers_in(folder, scene.product_id);
    if (scene.layers.empty())
        throw Error{Exit::bad_input, fmt::format("{}: no file {}, not an AC scene", folder.string(),
                                                 ac_file_name(scene.product_id, "SR_B4"))};
    if (scene.has("FMASK")) scene.mask_source = ac_file_name(scene.product_id, "FMASK");
    return scene;
}

void require_layers_on_disk(const AcScene& scene) {
    for (const auto& layer : scene.layers)
        if (!stdfs::exists(scene.layer_path(layer)))
            throw Error{Exit::bad_input,
                        fmt::format("missing layer {}: no file {}", layer, scene.layer_path(layer)),
                        "the scene is incomplete: correct it again"};
}

}  // namespace

std::span<const std::string_view> landsat_ac_layers() {
    return kLayerNames;
}

io::Layer landsat_ac_layer(std::string_view name) {
    const auto row = std::find_if(kLayers.begin(), kLayers.end(),
                                  [&](const LayerRow& r) { return r.name == name; });
    if (row == kLayers.end())
        throw Error{Exit::internal, fmt::format("no layer {} in a Landsat AC scene", name)};
    io::Layer layer = name.starts_with("SR_B") || name == "TOA_B9" ? reflectance_layer()
                      : name.starts_with("BT_")                    ? thermal_layer()
                      : name == "AOT"                              ? aot_layer()
                      : name == "SR_QA_AEROSOL"                    ? aerosol_qa_layer()
                      : name == "FMASK"                            ? mask_layer()
                                                                   : angle_layer(name);
    layer.description = row->description;
    return layer;
}

std::string ac_file_name(std::string_view product_id, std::string_view layer) {
    return fmt::format("{}_{}.tif", product_id, layer);
}

bool AcScene::has(std::string_view layer) const {
    return std::find(layers.begin(), layers.end(), layer) != layers.end();
}

std::string AcScene::layer_path(std::string_view layer) const {
    return (folder / ac_file_name(product_id, layer)).string();
}

AcScene ac_scene_from(const granule::LandsatMetadata& metadata, const io::Grid& grid) {
    AcScene scene;
    scene.product_id = metadata.product_id;
    scene.scene_id = metadata.scene_id;
    scene.spacecraft = metadata.spacecraft;
    scene.sensor = metadata.sensor;
    scene.level = metadata.level;
    scene.category = metadata.category;
    scene.wrs_path = metadata.wrs_path;
    scene.wrs_row = metadata.wrs_row;
    scene.sensing_time = metadata.sensing_time;
    scene.sensing_time_text = metadata.sensing_time_text;
    scene.l1_processing_time_text = metadata.processing_time_text;
    scene.l1_software = metadata.software;
    scene.tirs_ssm_model = metadata.tirs_ssm_model;
    scene.tirs_ssm_position_status = metadata.tirs_ssm_position_status;
    scene.grid = grid;
    scene.sun_azimuth_deg = metadata.sun_azimuth_deg < 0      ? metadata.sun_azimuth_deg + 360
                            : metadata.sun_azimuth_deg == 360 ? 0
                                                              : metadata.sun_azimuth_deg;
    scene.sun_elevation_deg = metadata.sun_elevation_deg;
    scene.cloud_cover_percent = metadata.cloud_cover_percent;
    return scene;
}

std::vector<std::pair<double, double>> footprint(const io::Grid& grid) {
    const auto zone = geo::utm_zone_of_epsg(grid.epsg);
    if (!zone) throw Error{Exit::bad_input, fmt::format("EPSG:{} is not UTM", grid.epsg)};
    const geo::Utm utm(*zone);
    const double east = grid.ulx_m + grid.cols * grid.pixel_m;
    const double south = grid.uly_m - grid.rows * grid.pixel_m;
    std::vector<std::pair<double, double>> corners;
    for (const geo::EastNorth corner : {geo::EastNorth{grid.ulx_m, grid.uly_m},
                                        {grid.ulx_m, south},
                                        {east, south},
                                        {east, grid.uly_m}}) {
        const auto place = utm.inverse(corner);
        corners.emplace_back(place.lon_deg, place.lat_deg);
    }
    const auto [west, far_east] = std::minmax_element(corners.begin(), corners.end());
    if (far_east->first - west->first > 180)
        for (auto& corner : corners)
            if (corner.first < 0) corner.first += 360;
    return corners;
}

AcScene read_ac_scene(const stdfs::path& path) {
    const SceneFile file = find_scene_file(path);
    if (!file.text) return read_from_mtl(file.folder);
    if (is_sentinel2_scene_json(*file.text))
        throw Error{Exit::bad_input, fmt::format("{}: a Sentinel-2 scene", file.json.string()),
                    "hls-tile s30 takes Sentinel-2 scenes"};
    AcScene scene = parse_scene_json(*file.text, file.json.string());
    scene.folder = file.folder;
    require_layers_on_disk(scene);
    return scene;
}

}  // namespace hls::scene
