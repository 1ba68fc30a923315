// SPDX-License-Identifier: Apache-2.0
#include "product/tags.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "geo/mgrs.hpp"
#include "product/number_text.hpp"

namespace hls::product {
namespace {

constexpr std::string_view kMaskBits =
    "Bits are listed from the MSB (bit 7) to the LSB (bit 0): \n"
    "7-6    aerosol:\n"
    "       00 - climatology\n"
    "       01 - low\n"
    "       10 - average\n"
    "       11 - high\n"
    "5      water\n"
    "4      snow/ice\n"
    "3      cloud shadow\n"
    "2      adjacent to cloud\n"
    "1      cloud\n"
    "0      cirrus cloud\n";

template <typename Texts>
std::string joined_texts(const Texts& texts, std::string_view separator) {
    return fmt::format("{}", fmt::join(texts, separator));
}

// Image registration is no longer done (tiling.md 6, quirk 21), its tags have stayed.
void add_registration(Tags& tags, std::size_t scenes) {
    const std::string zeros = joined_texts(std::vector<int>(scenes, 0), ", ");
    for (const char* name :
         {"arop_ave_xshift(meters)", "arop_ave_yshift(meters)", "arop_ncp", "arop_rmse(meters)"})
        tags.emplace_back(name, zeros);
    tags.emplace_back("arop_s2_refimg", "NONE");
}

void add_landsat(Tags& tags, const ProductInfo& info, const std::vector<LandsatSource>& scenes) {
    const auto add = [&](const char* name, std::string LandsatSource::*field) {
        tags.emplace_back(name, joined(scenes, field));
    };
    add_registration(tags, scenes.size());
    add("ACCODE", &LandsatSource::accode);
    add("L1_PROCESSING_TIME", &LandsatSource::l1_processing_time);
    add("LANDSAT_PRODUCT_ID", &LandsatSource::product_id);
    add("LANDSAT_SCENE_ID", &LandsatSource::scene_id);
    add("PROCESSING_LEVEL", &LandsatSource::processing_level);
    add("SENSING_TIME", &LandsatSource::sensing_time);
    add("SENSOR", &LandsatSource::sensor);
    add("TIRS_SSM_MODEL", &LandsatSource::tirs_ssm_model);
    add("TIRS_SSM_POSITION_STATUS", &LandsatSource::tirs_ssm_position_status);
    tags.emplace_back("SENTINEL2_TILEID", info.id.tile);
    tags.emplace_back("USGS_SOFTWARE", scenes.front().usgs_software);
}

void add_sentinel2(Tags& tags, const ProductInfo& info, const Sentinel2Source& source) {
    add_registration(tags, 1);
    tags.emplace_back("ACCODE", source.accode);
    tags.emplace_back("DATASTRIP_ID", source.datastrip_id);
    tags.emplace_back("HORIZONTAL_CS_CODE", horizontal_cs_code(info));
    tags.emplace_back("L1C_IMAGE_QUALITY", source.image_quality);
    tags.emplace_back("L1_PROCESSING_TIME", source.l1_processing_time);
    for (const auto& [band, slope, offset] : source.bandpass)
        tags.emplace_back(fmt::format("MSI band {} bandpass adjustment slope and offset", band),
                          fmt::format("{:.6f}, {:.6f}", slope, offset));
    tags.emplace_back("PROCESSING_BASELINE", source.processing_baseline);
    tags.emplace_back("PRODUCT_URI", source.product_uri);
    tags.emplace_back("SENSING_TIME", source.sensing_time);
    tags.emplace_back("SPACECRAFT_NAME", source.spacecraft);
    tags.emplace_back("TILE_ID", source.tile_id);
}

// Of the tile's own hemisphere.
int level1_epsg(const ProductInfo& info) {
    const auto tile = geo::parse_mgrs_tile(info.id.tile);
    return tile ? tile->epsg() : info.grid.epsg;
}

}  // namespace

double nbar_solar_zenith_deg(const ProductInfo& info) noexcept {
    return std::isnan(info.nbar_solar_zenith_deg) ? info.mean_sun_zenith_deg
                                                  : info.nbar_solar_zenith_deg;
}

std::string joined(const std::vector<LandsatSource>& scenes, std::string LandsatSource::*field) {
    std::vector<std::string> texts;
    for (const auto& scene : scenes) texts.push_back(scene.*field);
    return joined_texts(texts, "; ");
}

std::string horizontal_cs_name(const ProductInfo& info) {
    const auto* scenes = std::get_if<std::vector<LandsatSource>>(&info.source);
    if (scenes == nullptr)
        return fmt::format("WGS84 / UTM zone {}{}", info.grid.epsg % 100,
                           level1_epsg(info) / 100 == 327 ? "S" : "N");
    std::vector<std::string> names;
    for (const auto& scene : *scenes)
        names.push_back(fmt::format("UTM, WGS84, UTM ZONE {}", scene.utm_zone));
    return joined_texts(names, "; ");
}

std::string horizontal_cs_code(const ProductInfo& info) {
    return fmt::format("EPSG:{}", level1_epsg(info));
}

Tags global_tags(const ProductInfo& info) {
    Tags tags{
        {"cloud_coverage", fmt::format("{}", info.cloud_coverage)},
        {"HLS_PROCESSING_TIME", format_utc(info.processing_time)},
        {"HORIZONTAL_CS_NAME", horizontal_cs_name(info)},
        {"MEAN_SUN_AZIMUTH_ANGLE", tag_number(info.mean_sun_azimuth_deg)},
        {"MEAN_SUN_ZENITH_ANGLE", tag_number(info.mean_sun_zenith_deg)},
        {"MEAN_VIEW_AZIMUTH_ANGLE", tag_number(info.mean_view_azimuth_deg)},
        {"MEAN_VIEW_ZENITH_ANGLE", tag_number(info.mean_view_zenith_deg)},
        {"NBAR_SOLAR_ZENITH", tag_number(nbar_solar_zenith_deg(info))},
        {"NCOLS", fmt::format("{}", info.grid.cols)},
        {"NROWS", fmt::format("{}", info.grid.rows)},
        {"spatial_coverage", fmt::format("{}", info.spatial_coverage)},
        {"SPATIAL_RESOLUTION", tag_number(info.grid.pixel_m)},
        {"ULX", tag_number(info.grid.ulx_m)},
        {"ULY", tag_number(info.grid.uly_m)},
    };
    if (const auto* scenes = std::get_if<std::vector<LandsatSource>>(&info.source)) {
        if (scenes->empty()) throw Error{Exit::internal, "a product of no scene"};
        add_landsat(tags, info, *scenes);
    } else {
        add_sentinel2(tags, info, std::get<Sentinel2Source>(info.source));
    }
    return tags;
}

io::Layer layer_encoding(const LayerSpec& spec, const Tags& global) {
    io::Layer layer;
    layer.type = pixel_type(spec.kind);
    layer.nodata = fill_value(spec.kind);
    layer.scale = scale_factor(spec.kind);
    layer.description = spec.long_name;
    layer.metadata = global;
    layer.metadata.emplace_back("_FillValue", fmt::format("{}", fill_value(spec.kind)));
    if (spec.kind == LayerKind::mask) {
        layer.metadata.emplace_back("Fmask bit description", kMaskBits);
    } else {
        layer.metadata.emplace_back("long_name", spec.long_name);
        layer.metadata.emplace_back("scale_factor", tag_number(layer.scale));
        layer.metadata.emplace_back("add_offset", "0.0");
    }
    return layer;
}

}  // namespace hls::product
