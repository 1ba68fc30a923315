// SPDX-License-Identifier: Apache-2.0
#include "tile/tile_job.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "geo/mgrs.hpp"
#include "product/layers.hpp"

namespace hls::tile {
namespace {

constexpr double kPixelM = 30;

}  // namespace

std::string bare_tile_name(std::string_view tile) {
    if (tile.starts_with('T')) tile.remove_prefix(1);
    return std::string(tile);
}

io::Grid product_grid(std::string_view name) {
    const std::string text = bare_tile_name(name);
    const std::string hint = "two digits of the zone, latitude band and two letters, as in 16RDV";
    const auto tile = geo::parse_mgrs_tile(text);
    if (!tile) throw Error{Exit::usage, fmt::format("there is no MGRS tile {}", text), hint};
    if (tile->id() != text)
        throw Error{Exit::usage, fmt::format("there is no MGRS tile {}", text),
                    fmt::format("did you mean {}?", tile->id())};
    if (!geo::in_tiling_grid(*tile))
        throw Error{Exit::usage,
                    fmt::format("MGRS square {} is no tile of the Sentinel-2 grid", text),
                    "hls-mgrs-intersect lists the tiles of a scene"};
    const auto corner = tile->upper_left();
    return {product::kTileSize, product::kTileSize, corner.x_m, corner.y_m, kPixelM,
            tile->hls_epsg()};
}

geo::LonLat center_of(const io::Grid& grid) {
    const double half = grid.rows * grid.pixel_m / 2;
    return geo::Utm(*geo::utm_zone_of_epsg(grid.epsg))
        .inverse({grid.ulx_m + half, grid.uly_m - half});
}

std::string or_not_available(const std::string& text) {
    return text.empty() ? "Not Available" : text;
}

void set_mean_angles(const AngleSums& angles, product::ProductInfo& info) {
    info.mean_sun_zenith_deg = angles.mean_deg(angles.sun_zenith);
    info.mean_sun_azimuth_deg = angles.mean_deg(angles.sun_azimuth);
    info.mean_view_zenith_deg = angles.mean_deg(angles.view_zenith);
    info.mean_view_azimuth_deg = angles.mean_deg(angles.view_azimuth);
}

}  // namespace hls::tile
