// SPDX-License-Identifier: Apache-2.0
// The files of an ancillary folder that one acquisition day needs (lasrc.md 1).
#pragma once

#include <chrono>
#include <filesystem>

namespace hls::ancillary {

enum class DayKind { modis, viirs };

struct AncillaryFiles {
    std::filesystem::path elevation;  // CMGDEM.hdf
    std::filesystem::path ratios;     // ratiomapndwiexp.hdf
    std::filesystem::path day;        // LADS/<yyyy>/..., ozone and water vapour
    DayKind kind = DayKind::modis;
};

// Of several files for the day the first of VJ104ANC, VNP04ANC, any other V*04ANC, L8ANC is taken:
// VIIRS is what production uses (lasrc.md 14.6). Of several versions of one product, the last by
// name. Throws one Error{missing_input} that names every file that is absent.
AncillaryFiles find_ancillary(const std::filesystem::path& folder,
                              std::chrono::year_month_day date);

}  // namespace hls::ancillary
