// SPDX-License-Identifier: Apache-2.0
#include "ancillary/ancillary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "ancillary/ancillary_files.hpp"
#include "ancillary/climatology.hpp"
#include "ancillary/day_grid.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"
#include "io/hdf4.hpp"
#include "io/hdf5.hpp"

namespace hls::ancillary {
namespace {

constexpr std::string_view kFixed = "fixed:";
constexpr const char* kElevation = "averaged elevation";
constexpr int kElevationFill = -9999;

// The part of a whole-Earth data set, in two pieces where the rectangle crosses the antimeridian.
template <typename T, typename Reader>
Plane<T> read_area(const Reader& file, const std::string& name, const CmgRectangle& area) {
    Plane<T> plane(area.rows, area.cols);
    const int west = std::min(area.cols, kCmgCols - area.col0);
    const auto copy = [&](int col0, int count, int at) {
        if (count == 0) return;
        const std::vector<T> part = file.template read_shaped<T>(
            name, {kCmgRows, kCmgCols}, {{area.row0, col0}, {area.rows, count}});
        for (int row = 0; row < area.rows; ++row)
            std::copy_n(part.begin() + static_cast<std::ptrdiff_t>(row) * count, count,
                        plane.row(row).begin() + at);
    };
    copy(area.col0, west, 0);
    copy(0, area.cols - west, west);
    return plane;
}

struct DayPlanes {
    Plane<std::uint8_t> ozone;
    Plane<std::uint16_t> water;
};

DayPlanes read_day(const AncillaryFiles& files, const CmgRectangle& area) {
    if (files.kind == DayKind::modis) {
        const io::Hdf4Reader file(files.day);
        return {read_area<std::uint8_t>(file, kOzoneField, area),
                read_area<std::uint16_t>(file, kWaterField, area)};
    }
    const std::string group = kViirsFields;
    const io::Hdf5Reader file(files.day);
    return {read_area<std::uint8_t>(file, group + kOzoneField, area),
            read_area<std::uint16_t>(file, group + kWaterField, area)};
}

// Digital numbers to physical values, with the defaults for fills of lasrc.md 3.
struct Conversion {
    float default_water;
    double water_divisor;

    AtmosphereCell operator()(int ozone, int water, int elevation) const {
        return {ozone == 0 ? .3f : static_cast<float>(ozone / 400.0),
                water == 0 ? default_water : static_cast<float>(water / water_divisor),
                pressure_at(elevation == kElevationFill ? 0.0 : elevation)};
    }
};

Plane<AtmosphereCell> read_atmosphere(const AncillaryFiles& files,
                                      const AncillaryRequest& request) {
    const CmgRectangle& area = request.area;
    const auto elevation =
        read_area<std::int16_t>(io::Hdf4Reader(files.elevation), kElevation, area);
    const DayPlanes day = read_day(files, area);
    const Conversion convert{files.kind == DayKind::modis ? .5f : 2.5f,
                             request.water == WaterVapour::as_lasrc ? 200.0 : 100.0};
    Plane<AtmosphereCell> cells(area.rows, area.cols);
    for (std::size_t i = 0; i < cells.size(); ++i)
        cells.cells()[i] =
            convert(day.ozone.cells()[i], day.water.cells()[i], elevation.cells()[i]);
    return cells;
}

// The eleven maps of the ratio file, x 1000, in the order of kRatioNames.
constexpr std::array<const char*, 11> kRatioNames{
    "average ndvi",     "standard ndvi", "average ratio b9", "average ratio b10",
    "average ratio b7", "slope ratiob9", "inter ratiob9",    "slope ratiob10",
    "inter ratiob10",   "slope ratiob7", "inter ratiob7"};
struct RawRatios {
    std::int16_t mean_ndwi, std_ndwi, ratio1, ratio2, ratio7;
    std::int16_t slope1, intercept1, slope2, intercept2, slope7, intercept7;
};

float thousandth(std::int16_t value) {
    return static_cast<float>(value * 0.001);
}

// lasrc.md 7.2: implausible mean ratios give the defaults; where the index hardly varies a slope
// means nothing and the mean ratios stand.
RatioCell ratio_cell(const RawRatios& raw) {
    const auto implausible = [](std::int16_t ratio) { return ratio > 1000 || ratio < 100; };
    RatioCell cell = kDefaultRatios;
    cell.mean_ndwi = raw.mean_ndwi;
    cell.std_ndwi = raw.std_ndwi;
    if (implausible(raw.ratio1) || implausible(raw.ratio2)) return cell;
    const bool flat = raw.std_ndwi < 200;
    const auto slope = [&](std::int16_t value) { return flat ? 0.f : thousandth(value); };
    const auto intercept = [&](std::int16_t value, std::int16_t mean) {
        return thousandth(flat ? mean : value);
    };
    cell.slope1 = slope(raw.slope1);
    cell.slope2 = slope(raw.slope2);
    cell.slope7 = slope(raw.slope7);
    cell.intercept1 = intercept(raw.intercept1, raw.ratio1);
    cell.intercept2 = intercept(raw.intercept2, raw.ratio2);
    cell.intercept7 = intercept(raw.intercept7, raw.ratio7);
    return cell;
}

Plane<RatioCell> read_ratios(const std::filesystem::path& path, const CmgRectangle& area) {
    const io::Hdf4Reader file(path);
    std::array<Plane<std::int16_t>, kRatioNames.size()> maps;
    for (std::size_t i = 0; i < maps.size(); ++i)
        maps[i] = read_area<std::int16_t>(file, kRatioNames[i], area);
    Plane<RatioCell> cells(area.rows, area.cols);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto value = [&](std::size_t map) { return maps[map].cells()[i]; };
        cells.cells()[i] = ratio_cell({value(0), value(1), value(2), value(3), value(4), value(5),
                                       value(6), value(7), value(8), value(9), value(10)});
    }
    return cells;
}

[[noreturn]] void bad_fixed(const std::string& what) {
    throw Error{Exit::usage, "--ancillary fixed: " + what,
                "for example fixed:ozone=0.3,water=1.5,pressure=1013 (cm-atm, g/cm2, hPa)"};
}

float checked(std::string_view key, std::optional<double> value, double lowest, double highest) {
    if (!value) bad_fixed(fmt::format("{} is missing or not a number", key));
    if (*value < lowest || *value > highest)
        bad_fixed(fmt::format("{} must lie within {}..{}", key, lowest, highest));
    return static_cast<float>(*value);
}

}  // namespace

FixedAtmosphere parse_fixed_atmosphere(std::string_view text) {
    if (text.starts_with(kFixed)) text.remove_prefix(kFixed.size());
    std::optional<double> ozone, water, pressure;
    for (const std::string_view item : split(text, ',')) {
        const std::size_t equals = item.find('=');
        const std::string_view key = trim(item.substr(0, equals));
        std::optional<double>* target = key == "ozone"      ? &ozone
                                        : key == "water"    ? &water
                                        : key == "pressure" ? &pressure
                                                            : nullptr;
        if (!target || equals == std::string_view::npos)
            bad_fixed(fmt::format("\"{}\" is not ozone=, water= or pressure=", item));
        if (target->has_value()) bad_fixed(fmt::format("{} is given twice", key));
        *target = to_double(trim(item.substr(equals + 1)));
    }
    return {checked("ozone", ozone, 0.0, 1.0), checked("water", water, 0.0, 10.0),
            checked("pressure", pressure, 300.0, 1100.0)};
}

Ancillary read_ancillary(const std::filesystem::path& folder, const AncillaryRequest& request) {
    const AncillaryFiles files = find_ancillary(folder, request.date);
    return {request.area,
            read_atmosphere(files, request),
            read_ratios(files.ratios, request.area),
            {{"elevation", files.elevation.string()},
             {"band ratios", files.ratios.string()},
             {"ozone and water vapour", files.day.string()}}};
}

void check_elevation(const std::filesystem::path& path) {
    read_area<std::int16_t>(io::Hdf4Reader(path), kElevation, {});
}

void check_ratios(const std::filesystem::path& path) {
    const io::Hdf4Reader file(path);
    for (const char* name : kRatioNames) read_area<std::int16_t>(file, name, {});
}

Ancillary fixed_ancillary(const FixedAtmosphere& fixed, const AncillaryRequest& request) {
    const CmgRectangle& area = request.area;
    const AtmosphereCell cell{fixed.ozone_cm_atm, fixed.water_vapour_g_cm2, fixed.pressure_hpa};
    return {area,
            Plane<AtmosphereCell>(area.rows, area.cols, cell),
            Plane<RatioCell>(area.rows, area.cols, kDefaultRatios),
            {{fmt::format("fixed:ozone={},water={},pressure={}", fixed.ozone_cm_atm,
                          fixed.water_vapour_g_cm2, fixed.pressure_hpa),
              ""},
             {"band ratios of the embedded climatology", ""}}};
}

Ancillary load_ancillary(std::string_view choice, const AncillaryRequest& request) {
    if (choice == "climatology") return climatology_ancillary(request);
    if (choice.starts_with(kFixed)) return fixed_ancillary(parse_fixed_atmosphere(choice), request);
    return read_ancillary(std::filesystem::path(choice), request);
}

}  // namespace hls::ancillary
