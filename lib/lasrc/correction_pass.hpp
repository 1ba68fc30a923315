// SPDX-License-Identifier: Apache-2.0
// Second pass over the files of a granule: every layer of the AC scene, strip by strip.
#pragma once

#include <cstdint>

#include "lasrc/aerosol_field.hpp"
#include "lasrc/landsat_input.hpp"
#include "lasrc/landsat_model.hpp"
#include "lasrc/retrieval_pass.hpp"
#include "scene/ac_scene_folder.hpp"

namespace hls::lasrc {

// Writes all input.layers() into `folder`, uncommitted. `field` is filled, or null for the fixed
// aerosol. Returns the number of valid pixels.
std::int64_t write_corrected_layers(const LandsatInput& input, const LandsatModel& model,
                                    const AerosolField* field, const FixedAerosol& fixed,
                                    const PassSettings& settings,
                                    const scene::AcSceneFolder& folder);

// Fmask class of a QA_PIXEL value: 0 clear, 1 water, 2 shadow, 3 snow, 4 cloud, 255 fill.
std::uint8_t mask_class(std::uint16_t qa_pixel) noexcept;

}  // namespace hls::lasrc
