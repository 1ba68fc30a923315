// SPDX-License-Identifier: Apache-2.0
// Writing a corrected Sentinel-2 granule: every layer, strip by strip, in either layout.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/view2d.hpp"
#include "lasrc/sentinel2_aerosol.hpp"
#include "lasrc/sentinel2_image.hpp"
#include "lasrc/sentinel2_job.hpp"
#include "scene/sentinel2_ac_scene.hpp"

namespace hls::lasrc {

struct Sentinel2Result {
    const scene::Sentinel2L1& l1;
    const Sentinel2Image& image;
    const Sentinel2Model& model;
    Sentinel2Aerosol& aerosol;                       // gets the aerosol levels
    const std::optional<Plane<std::uint8_t>>& mask;  // FMASK at 20 m
    bool has_level = true;                           // the aerosol was retrieved
};

// Names of the layers that correcting the job writes: of scene::sentinel2_ac_layers(), or files of
// the reference layout without ".tif", its metadata apart.
std::vector<std::string> sentinel2_output_names(const Sentinel2Job& job);

// Grid of the output at 10 m: signed northings, EPSG 326zz.
io::Grid sentinel2_output_grid(const scene::Sentinel2L1& l1);

// Writes job.output_dir/<product id>/ as a whole. `scene` goes into scene.json of the native
// layout.
void write_sentinel2_scene(const Sentinel2Job& job, const Sentinel2Result& result,
                           const scene::Sentinel2AcScene& scene,
                           const std::function<void(double)>& progress);

}  // namespace hls::lasrc
