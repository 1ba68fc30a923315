// SPDX-License-Identifier: Apache-2.0
// First pass over the files of a granule: the aerosol of every window.
#pragma once

#include <functional>

#include "ancillary/ancillary.hpp"
#include "lasrc/aerosol_field.hpp"
#include "lasrc/landsat_input.hpp"
#include "lasrc/landsat_model.hpp"

namespace hls::lasrc {

struct PassSettings {
    Quirks quirks;
    int threads = 1;
    std::function<void(double)> progress;  // 0..1 of this pass
};

// As the retrieval leaves it: failed windows not yet filled. Reads strips of rows, so memory does
// not grow with the number of rows.
AerosolField retrieve_aerosol(const LandsatInput& input, const LandsatModel& model,
                              const ancillary::Ancillary& ancillary, const PassSettings& settings);

}  // namespace hls::lasrc
