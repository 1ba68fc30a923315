// SPDX-License-Identifier: Apache-2.0
// What atmospheric correction must know besides the image: ozone, water vapour, pressure and the
// expected ratios of land reflectance between bands, over the rectangle of one scene.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ancillary/cmg.hpp"
#include "core/view2d.hpp"

namespace hls::ancillary {

// Fills are replaced by the defaults of lasrc.md 3.
struct AtmosphereCell {
    float ozone_cm_atm;
    float water_vapour_g_cm2;  // see WaterVapour
    float pressure_hpa;        // of the surface
};

// Band reflectance expected over land: red * (ndwi*slope + intercept), already divided by 1000 and
// with the rule for untrusted cells applied (lasrc.md 7.2). 1 = coastal, 2 = blue, 7 = SWIR2
// (Landsat numbers). ndwi is to be limited to mean_ndwi +- 2 std_ndwi, which are x 1000 (7.3).
struct RatioCell {
    float slope1, intercept1;
    float slope2, intercept2;
    float slope7, intercept7;
    std::int16_t mean_ndwi, std_ndwi;
};

// The reference halves the water vapour of the files (DN/200 instead of DN/100): lasrc.md 3.
enum class WaterVapour { as_lasrc, physical };

// Where a value came from, for the result record.
struct Source {
    std::string what;  // "elevation", "band ratios", "ozone and water vapour", or "climatology", ..
    std::string path;  // file; empty when nothing was read
};

struct Ancillary {
    CmgRectangle area;
    Plane<AtmosphereCell> atmosphere;  // [area.rows][area.cols]
    Plane<RatioCell> ratios;           // [area.rows][area.cols]
    std::vector<Source> sources;

    // The scene constants: those of the cell nearest to the point, which must lie in `area`.
    const AtmosphereCell& at(GeoPoint point) const {
        const CmgCell cell = nearest_cell(point);
        return atmosphere(area.local_row(cell.row), area.local_col(cell.col));
    }
    // Row and column of the whole grid, in `area`.
    const RatioCell& ratio(int row, int col) const noexcept {
        return ratios(area.local_row(row), area.local_col(col));
    }
};

struct AncillaryRequest {
    std::chrono::year_month_day date;  // UTC day of acquisition
    CmgRectangle area;
    WaterVapour water = WaterVapour::as_lasrc;
};

// Values of `fixed:ozone=0.3,water=1.5,pressure=1013`: cm-atm (0..1), g/cm2 (0..10), hPa
// (300..1100). They are used as they are: WaterVapour does not scale them.
struct FixedAtmosphere {
    float ozone_cm_atm, water_vapour_g_cm2, pressure_hpa;
};

// The text with or without "fixed:". All three keys are needed, in any order. Throws Error{usage}.
FixedAtmosphere parse_fixed_atmosphere(std::string_view text);

// CMGDEM.hdf, ratiomapndwiexp.hdf and the ozone/water vapour day of `folder` (lasrc.md 1), only the
// rectangle asked for. Throws Error{missing_input} naming every absent file, Error{bad_input} for a
// file that is not what it should be.
Ancillary read_ancillary(const std::filesystem::path& folder, const AncillaryRequest& request);

// Reads all of CMGDEM.hdf and of ratiomapndwiexp.hdf. Throws Error{missing_input, bad_input}.
void check_elevation(const std::filesystem::path& path);
void check_ratios(const std::filesystem::path& path);

// The embedded coarse climatology: nothing is read.
Ancillary climatology_ancillary(const AncillaryRequest& request);

// The given atmosphere everywhere, band ratios of the climatology.
Ancillary fixed_ancillary(const FixedAtmosphere& fixed, const AncillaryRequest& request);

// `choice` is what --ancillary takes: "climatology", "fixed:..", or a folder.
Ancillary load_ancillary(std::string_view choice, const AncillaryRequest& request);

}  // namespace hls::ancillary
