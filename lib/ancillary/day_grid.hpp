// SPDX-License-Identifier: Apache-2.0
// The two fields of one day over the whole Earth, and whether they can be used.
#pragma once

#include <cstdint>
#include <filesystem>

#include "ancillary/modis_day.hpp"

namespace hls::ancillary {

// Where the VIIRS products keep their fields.
inline constexpr const char* kViirsFields = "/HDFEOS/GRIDS/VIIRS_CMG/Data Fields/";
inline constexpr const char* kOzoneField = "Coarse Resolution Ozone";
inline constexpr const char* kWaterField = "Coarse Resolution Water Vapor";

// Of L8ANC*.hdf_fused (HDF4) or V*04ANC*.h5 (HDF5), told by the first bytes. Throws
// Error{missing_input}, Error{bad_input} for a damaged file, an absent field or another shape.
VapourGrid read_day_grid(const std::filesystem::path& path);

struct GridQuality {
    std::int64_t unknown = 0;          // cells without ozone
    std::int64_t unknown_in_belt = 0;  // of these between 40 degrees north and south
    std::int64_t implausible = 0;      // known cells that cannot be true

    double unknown_percent() const;
};

// Ozone below 0.05 cm-atm (20) or water vapour above 20 g/cm2 (2000) is not of this Earth: the
// lowest ozone column ever seen is 0.073 cm-atm, the wettest air holds some 8 g/cm2.
GridQuality judge_grid(const VapourGrid& grid);

// A file as hls-lasrc wants it: no unknown cell in the belt where MODIS days are filled too, at
// most 1 % of the cells implausible. Throws Error{bad_input} that begins with the path.
void require_usable(const GridQuality& quality, const std::filesystem::path& path);

}  // namespace hls::ancillary
