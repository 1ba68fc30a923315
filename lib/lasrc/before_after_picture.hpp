// SPDX-License-Identifier: Apache-2.0
// A picture for people: the scene before and after correction, and its aerosol.
#pragma once

#include <filesystem>

#include "scene/landsat_l1.hpp"

namespace hls::lasrc {

// PNG with three panels of at most 1000 x 1000 pixels, side by side: top-of-atmosphere and surface
// reflectance as natural colour (bands 4, 3, 2) with one stretch for both, and AOT at 550 nm from 0
// (dark blue) to 0.6 (yellow). Fill is white. `scene_dir` is the AC scene of `l1`; both need bands
// 2, 3 and 4 (else Error{bad_input}). Throws as io::RasterReader and io::write_png do.
void write_before_after(const scene::LandsatL1& l1, const std::filesystem::path& scene_dir,
                        const std::filesystem::path& png, bool overwrite);

}  // namespace hls::lasrc
