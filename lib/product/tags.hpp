// SPDX-License-Identifier: Apache-2.0
// The GeoTIFF tags of a product's layers (tiling.md 5.3), names and number formats as published.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "io/raster.hpp"
#include "product/layers.hpp"
#include "product/product_info.hpp"

namespace hls::product {

using Tags = std::vector<std::pair<std::string, std::string>>;

// What every layer carries. Values of several scenes are joined with "; " (numbers with ", ").
Tags global_tags(const ProductInfo& info);

// Encoding of one layer with its own tags after those of the product.
io::Layer layer_encoding(const LayerSpec& spec, const Tags& global);

// NaN (target sun zenith undefined) falls back to the mean sun zenith.
double nbar_solar_zenith_deg(const ProductInfo& info) noexcept;

// One field of all scenes joined with "; ".
std::string joined(const std::vector<LandsatSource>& scenes, std::string LandsatSource::*field);
// "UTM, WGS84, UTM ZONE 19; UTM, WGS84, UTM ZONE 19"; "WGS84 / UTM zone 35N" for S30, which names
// the projection of the Level-1 tile: 19S in the south, though the product has negative northings.
std::string horizontal_cs_name(const ProductInfo& info);
// S30 only: "EPSG:32635", of the Level-1 tile too.
std::string horizontal_cs_code(const ProductInfo& info);

}  // namespace hls::product
