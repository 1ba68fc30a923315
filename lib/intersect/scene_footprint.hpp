// SPDX-License-Identifier: Apache-2.0
// Where a Landsat scene lies, from its metadata.
#pragma once

#include "geo/region.hpp"
#include "granule/landsat.hpp"

namespace hls::intersect {

// The raster's box; in UTM, and if the box is as large as a whole scene, the outline of the nominal
// scene stretched to that box, since its corners are empty. Throws Error{bad_input} if the metadata
// of a polar scene lack the corners.
geo::Region scene_footprint(const granule::LandsatMetadata& mtl);

}  // namespace hls::intersect
