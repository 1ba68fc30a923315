// SPDX-License-Identifier: Apache-2.0
// Writes the ancillary files of lasrc.md 1.5 with known contents, at full size, as they are
// published.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include "ancillary/cmg.hpp"

namespace hls::simulate {

// A whole-Earth field of stored integers: `inside` (row and column of the whole grid) within
// `area`, `value` elsewhere. Without `inside` it is constant. Write the area of a scene only:
// calling a function for all 26 million cells is slow.
struct CmgField {
    int value = 0;
    std::function<int(int row, int col)> inside = nullptr;
    ancillary::CmgRectangle area = {};
};

// Raw integers x 1000; the order and names are those of ratiomapndwiexp.hdf. The defaults are the
// reference's fallback ratios with a small spread of the index.
struct RatioFields {
    CmgField mean_ndwi{300}, std_ndwi{100};
    CmgField ratio1{550}, ratio2{600}, ratio7{2000};
    CmgField slope1{0}, intercept1{550};
    CmgField slope2{0}, intercept2{600};
    CmgField slope7{0}, intercept7{2000};
};

struct AncillaryFields {
    CmgField elevation_m{0};  // fill -9999
    RatioFields ratios;
    CmgField ozone{120};  // cm-atm x 400, 0 = fill
    CmgField water{300};  // LaSRC uses DN/200, 0 = fill
};

enum class DayFile { modis, viirs };

// CMGDEM.hdf and ratiomapndwiexp.hdf in `folder` (made if absent), and the day's file in
// LADS/<yyyy>/: L8ANC<yyyyddd>.hdf_fused, or VJ104ANC.A<yyyyddd>.002.h5. Takes about two seconds.
void write_ancillary(const std::filesystem::path& folder, std::chrono::year_month_day date,
                     const AncillaryFields& fields, DayFile kind = DayFile::modis);

// One of them each.
void write_elevation(const std::filesystem::path& path, const CmgField& elevation_m);
void write_ratios(const std::filesystem::path& path, const RatioFields& ratios);
void write_modis_day(const std::filesystem::path& path, const CmgField& ozone,
                     const CmgField& water);
void write_viirs_day(const std::filesystem::path& path, const CmgField& ozone,
                     const CmgField& water);

}  // namespace hls::simulate
