// SPDX-License-Identifier: Apache-2.0
#include "simulate/landsat_mtl.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

namespace hls::simulate {
namespace {

constexpr const char* kOrigin = "simulated by hls-simulate";

std::string quoted(std::string_view text) {
    return fmt::format("\"{}\"", text);
}

std::string date_text(const CivilDate& date) {
    return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

// Distance of the Earth from the sun in astronomical units, to 1e-4.
double earth_sun_distance(const CivilDate& date) {
    return 1 - 0.01672 * std::cos(0.9856 * (date.day_of_year - 4) * 3.14159265358979 / 180);
}

struct Member {
    const char* key;  // after FILE_NAME_ and DATA_TYPE_
    const char* suffix;
    const char* type;
};
constexpr Member kRasters[] = {
    {"BAND_1", "B1", "UINT16"},
    {"BAND_2", "B2", "UINT16"},
    {"BAND_3", "B3", "UINT16"},
    {"BAND_4", "B4", "UINT16"},
    {"BAND_5", "B5", "UINT16"},
    {"BAND_6", "B6", "UINT16"},
    {"BAND_7", "B7", "UINT16"},
    {"BAND_8", "B8", "UINT16"},
    {"BAND_9", "B9", "UINT16"},
    {"BAND_10", "B10", "UINT16"},
    {"BAND_11", "B11", "UINT16"},
    {"QUALITY_L1_PIXEL", "QA_PIXEL", "UINT16"},
    {"QUALITY_L1_RADIOMETRIC_SATURATION", "QA_RADSAT", "UINT16"},
    {"ANGLE_SENSOR_AZIMUTH_BAND_4", "VAA", "INT16"},
    {"ANGLE_SENSOR_ZENITH_BAND_4", "VZA", "INT16"},
    {"ANGLE_SOLAR_AZIMUTH_BAND_4", "SAA", "INT16"},
    {"ANGLE_SOLAR_ZENITH_BAND_4", "SZA", "INT16"},
};

// Groups are filled through this so that a line of code reads like a line of the file.
class GroupWriter {
 public:
    explicit GroupWriter(std::string name) { group_.name = std::move(name); }

    GroupWriter& text(std::string key, std::string_view value) {
        return raw(std::move(key), quoted(value));
    }
    GroupWriter& raw(std::string key, std::string value) {
        group_.entries.emplace_back(std::move(key), std::move(value));
        return *this;
    }
    template <typename... Args>
    GroupWriter& number(std::string key, fmt::format_string<Args...> format, Args&&... args) {
        return raw(std::move(key), fmt::format(format, std::forward<Args>(args)...));
    }
    MtlGroup take() { return std::move(group_); }

 private:
    MtlGroup group_;
};

MtlGroup product_contents(const SceneRequest& request) {
    const std::string id = request.product_id();
    GroupWriter group("PRODUCT_CONTENTS");
    group.text("ORIGIN", kOrigin)
        .text("LANDSAT_PRODUCT_ID", id)
        .text("PROCESSING_LEVEL", "L1TP")
        .raw("COLLECTION_NUMBER", "02")
        .text("COLLECTION_CATEGORY", "T1")
        .text("OUTPUT_FORMAT", "GEOTIFF");
    const auto present = [&request](const Member& member) {
        return request.pan || std::string_view(member.key) != "BAND_8";
    };
    for (const Member& member : kRasters)
        if (present(member))
            group.text(fmt::format("FILE_NAME_{}", member.key),
                       fmt::format("{}_{}.TIF", id, member.suffix));
    group.text("FILE_NAME_METADATA_ODL", id + "_MTL.txt")
        .text("FILE_NAME_METADATA_XML", id + "_MTL.xml");
    for (const Member& member : kRasters)
        if (present(member)) group.text(fmt::format("DATA_TYPE_{}", member.key), member.type);
    return group.take();
}

MtlGroup image_attributes(const SceneRequest& request, const SceneGeometry& geometry,
                          double cloud_cover_percent) {
    const CivilDate date = civil_date(request.sensed);
    const std::string instant = format_utc(request.sensed, 6);  // 2021-07-15T17:05:21.456789Z
    GroupWriter group("IMAGE_ATTRIBUTES");
    group.text("SPACECRAFT_ID", fmt::format("LANDSAT_{}", request.satellite))
        .text("SENSOR_ID", "OLI_TIRS")
        .raw("WRS_TYPE", "2")
        .number("WRS_PATH", "{}", request.wrs_path)
        .number("WRS_ROW", "{}", request.wrs_row)
        .text("NADIR_OFFNADIR", "NADIR")
        .number("TARGET_WRS_PATH", "{}", request.wrs_path)
        .number("TARGET_WRS_ROW", "{}", request.wrs_row)
        .raw("DATE_ACQUIRED", date_text(date))
        .text("SCENE_CENTER_TIME",
              fmt::format("{}0Z", instant.substr(11, instant.size() - 12)))  // 7 decimals
        .text("STATION_ID", "LGN")
        .number("CLOUD_COVER", "{:.2f}", cloud_cover_percent)
        .number("CLOUD_COVER_LAND", "{:.2f}", cloud_cover_percent)
        .raw("IMAGE_QUALITY_OLI", "9")
        .raw("IMAGE_QUALITY_TIRS", "9");
    if (request.satellite == 8)
        group.text("TIRS_SSM_MODEL", "FINAL").text("TIRS_SSM_POSITION_STATUS", "ESTIMATED");
    for (int band = 1; band <= 9; ++band) group.text(fmt::format("SATURATION_BAND_{}", band), "N");
    group.raw("ROLL_ANGLE", "0.000")
        .number("SUN_AZIMUTH", "{:.8f}", geometry.center_sun_azimuth_deg())
        .number("SUN_ELEVATION", "{:.8f}", 90 - geometry.center_sun_zenith_deg())
        .number("EARTH_SUN_DISTANCE", "{:.7f}", earth_sun_distance(date));
    return group.take();
}

void add_projection(GroupWriter& group, const SceneRequest& request) {
    group.text("MAP_PROJECTION", "UTM")
        .text("DATUM", "WGS84")
        .text("ELLIPSOID", "WGS84")
        .number("UTM_ZONE", "{}", request.utm_zone);
    if (request.pan) group.raw("GRID_CELL_SIZE_PANCHROMATIC", "15.00");
    group.raw("GRID_CELL_SIZE_REFLECTIVE", "30.00").raw("GRID_CELL_SIZE_THERMAL", "30.00");
}

MtlGroup projection_attributes(const SceneRequest& request, const SceneGeometry& geometry) {
    GroupWriter group("PROJECTION_ATTRIBUTES");
    add_projection(group, request);
    if (request.pan)
        group.number("PANCHROMATIC_LINES", "{}", 2 * request.rows - 1)
            .number("PANCHROMATIC_SAMPLES", "{}", 2 * request.cols - 1);
    for (const char* kind : {"REFLECTIVE", "THERMAL"})
        group.number(fmt::format("{}_LINES", kind), "{}", request.rows)
            .number(fmt::format("{}_SAMPLES", kind), "{}", request.cols);
    group.text("ORIENTATION", "NORTH_UP");
    struct Corner {
        const char* name;
        int row, col;
    };
    const Corner corners[] = {{"UL", 0, 0},
                              {"UR", 0, request.cols - 1},
                              {"LL", request.rows - 1, 0},
                              {"LR", request.rows - 1, request.cols - 1}};
    for (const Corner& corner : corners) {
        const geo::LonLat place = geometry.at(corner.row, corner.col).place;
        group.number(fmt::format("CORNER_{}_LAT_PRODUCT", corner.name), "{:.5f}", place.lat_deg)
            .number(fmt::format("CORNER_{}_LON_PRODUCT", corner.name), "{:.5f}", place.lon_deg);
    }
    for (const Corner& corner : corners)
        group
            .number(fmt::format("CORNER_{}_PROJECTION_X_PRODUCT", corner.name), "{:.3f}",
                    request.ul_center_x_m + corner.col * kPixelM)
            .number(fmt::format("CORNER_{}_PROJECTION_Y_PRODUCT", corner.name), "{:.3f}",
                    request.ul_center_y_m - corner.row * kPixelM);
    return group.take();
}

MtlGroup processing_record(const SceneRequest& request) {
    const CivilDate sensed = civil_date(request.sensed);
    const CivilDate processed = civil_date(request.sensed + std::chrono::days(7));
    GroupWriter group("LEVEL1_PROCESSING_RECORD");
    group.text("ORIGIN", kOrigin)
        .text("LANDSAT_SCENE_ID",
              fmt::format("LC{}{:03}{:03}{:04}{:03}LGN00", request.satellite, request.wrs_path,
                          request.wrs_row, sensed.year, sensed.day_of_year))
        .text("LANDSAT_PRODUCT_ID", request.product_id())
        .text("PROCESSING_LEVEL", "L1TP")
        .text("COLLECTION_CATEGORY", "T1")
        .text("OUTPUT_FORMAT", "GEOTIFF")
        .raw("DATE_PRODUCT_GENERATED", date_text(processed) + "T04:08:31Z")
        .text("PROCESSING_SOFTWARE_VERSION", "LPGS_15.6.0")
        .text("DATA_SOURCE_ELEVATION", "GLS2000");
    return group.take();
}

MtlGroup min_max(const char* name, const char* quantity, const char* format, int bands,
                 const double* mult, const double* add) {
    GroupWriter group(name);
    for (int band = 1; band <= bands; ++band) {
        const int i = band - 1;
        group
            .raw(fmt::format("{}_MAXIMUM_BAND_{}", quantity, band),
                 fmt::format(fmt::runtime(format), 65535 * mult[i] + add[i]))
            .raw(fmt::format("{}_MINIMUM_BAND_{}", quantity, band),
                 fmt::format(fmt::runtime(format), mult[i] + add[i]));
    }
    return group.take();
}

MtlGroup rescaling(const Calibration& numbers) {
    GroupWriter group("LEVEL1_RADIOMETRIC_RESCALING");
    for (int band = 1; band <= 11; ++band)
        group.number(fmt::format("RADIANCE_MULT_BAND_{}", band), "{:.4E}",
                     numbers.radiance_mult[band - 1]);
    for (int band = 1; band <= 11; ++band)
        group.number(fmt::format("RADIANCE_ADD_BAND_{}", band), "{:.5f}",
                     numbers.radiance_add[band - 1]);
    for (int band = 1; band <= 9; ++band)
        group.number(fmt::format("REFLECTANCE_MULT_BAND_{}", band), "{:.4E}",
                     numbers.reflectance_mult);
    for (int band = 1; band <= 9; ++band)
        group.number(fmt::format("REFLECTANCE_ADD_BAND_{}", band), "{:.6f}",
                     numbers.reflectance_add);
    return group.take();
}

MtlGroup pixel_range() {
    GroupWriter group("LEVEL1_MIN_MAX_PIXEL_VALUE");
    for (int band = 1; band <= 11; ++band)
        group.raw(fmt::format("QUANTIZE_CAL_MAX_BAND_{}", band), "65535")
            .raw(fmt::format("QUANTIZE_CAL_MIN_BAND_{}", band), "1");
    return group.take();
}

MtlGroup thermal_constants(const Calibration& numbers) {
    GroupWriter group("LEVEL1_THERMAL_CONSTANTS");
    for (int band = 10; band <= 11; ++band)
        group.number(fmt::format("K1_CONSTANT_BAND_{}", band), "{:.4f}", numbers.k1[band - 10])
            .number(fmt::format("K2_CONSTANT_BAND_{}", band), "{:.4f}", numbers.k2[band - 10]);
    return group.take();
}

MtlGroup projection_parameters(const SceneRequest& request) {
    GroupWriter group("LEVEL1_PROJECTION_PARAMETERS");
    add_projection(group, request);
    group.text("ORIENTATION", "NORTH_UP").text("RESAMPLING_OPTION", "CUBIC_CONVOLUTION");
    return group.take();
}

std::string_view unquoted(std::string_view value) {
    return value.starts_with('"') ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

const Calibration& calibration(int satellite) noexcept {
    static constexpr Calibration kLandsat8{
        .radiance_mult = {1.2198E-02, 1.2491E-02, 1.1510E-02, 9.7062E-03, 5.9397E-03, 1.4771E-03,
                          4.9788E-04, 1.0985E-02, 2.3214E-03, 3.3420E-04, 3.3420E-04},
        .radiance_add = {-60.99049, -62.45501, -57.55176, -48.53088, -29.69848, -7.38574, -2.48939,
                         -54.92360, -11.60684, 0.1, 0.1},
        .k1 = {774.8853, 480.8883},
        .k2 = {1321.0789, 1201.1442}};
    static constexpr Calibration kLandsat9{
        .radiance_mult = {1.2885E-02, 1.3233E-02, 1.2160E-02, 1.0306E-02, 6.3231E-03, 1.5796E-03,
                          5.3337E-04, 1.1666E-02, 2.6231E-03, 3.8000E-04, 3.4900E-04},
        .radiance_add = {-64.42253, -66.16703, -60.79879, -51.53176, -31.61549, -7.89808, -2.66685,
                         -58.33223, -13.11532, 0.1, 0.1},
        .k1 = {799.0284, 475.6581},
        .k2 = {1329.2405, 1198.3494}};
    return satellite == 9 ? kLandsat9 : kLandsat8;
}

std::vector<MtlGroup> landsat_mtl(const SceneRequest& request, const SceneGeometry& geometry,
                                  double cloud_cover_percent) {
    const Calibration& numbers = calibration(request.satellite);
    double mult[9], add[9];
    std::fill_n(mult, 9, numbers.reflectance_mult);
    std::fill_n(add, 9, numbers.reflectance_add);
    return {product_contents(request),
            image_attributes(request, geometry, cloud_cover_percent),
            projection_attributes(request, geometry),
            processing_record(request),
            min_max("LEVEL1_MIN_MAX_RADIANCE", "RADIANCE", "{:.5f}", 11, numbers.radiance_mult,
                    numbers.radiance_add),
            min_max("LEVEL1_MIN_MAX_REFLECTANCE", "REFLECTANCE", "{:.6f}", 9, mult, add),
            pixel_range(),
            rescaling(numbers),
            thermal_constants(numbers),
            projection_parameters(request)};
}

std::string mtl_as_odl(const std::vector<MtlGroup>& groups) {
    std::string text = "GROUP = LANDSAT_METADATA_FILE\n";
    for (const MtlGroup& group : groups) {
        text += fmt::format("  GROUP = {}\n", group.name);
        for (const auto& [key, value] : group.entries)
            text += fmt::format("    {} = {}\n", key, value);
        text += fmt::format("  END_GROUP = {}\n", group.name);
    }
    return text + "END_GROUP = LANDSAT_METADATA_FILE\nEND\n";
}

std::string mtl_as_xml(const std::vector<MtlGroup>& groups) {
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LANDSAT_METADATA_FILE>\n";
    for (const MtlGroup& group : groups) {
        text += fmt::format("  <{}>\n", group.name);
        for (const auto& [key, value] : group.entries)
            text += fmt::format("    <{0}>{1}</{0}>\n", key, unquoted(value));
        text += fmt::format("  </{}>\n", group.name);
    }
    return text + "</LANDSAT_METADATA_FILE>\n";
}

}  // namespace hls::simulate
