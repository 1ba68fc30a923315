// SPDX-License-Identifier: Apache-2.0
#include "granule/landsat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "granule/odl.hpp"
#include "xml/element.hpp"

namespace hls::granule {
namespace {

constexpr std::string_view kHint = "fetch the product again, or check that it is Collection 2";
constexpr double kLargestCoordinate = 1e8;  // m; beyond any map projection of the Earth
constexpr int kLargestRaster = 1 << 20;     // lines or samples

using Keys = std::map<std::string, std::string, std::less<>>;

[[noreturn]] void fail(std::string_view source, std::string_view what) {
    throw Error{Exit::bad_input, fmt::format("{}: {}", source, what), std::string(kHint)};
}

std::optional<int> digits(std::string_view text, int low, int high) noexcept {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    const auto value = to_int(text);
    if (!value || *value < low || *value > high) return std::nullopt;
    return static_cast<int>(*value);
}

std::optional<std::chrono::year_month_day> compact_date(std::string_view text) noexcept {
    const auto year = digits(text.substr(0, 4), 1900, 9999);
    const auto month = digits(text.substr(4, 2), 1, 12);
    const auto day = digits(text.substr(6, 2), 1, 31);
    if (!year || !month || !day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return date;
}

// Typed access to the keys of one file; every failure names file and key.
class KeyReader {
 public:
    KeyReader(const Keys& keys, std::string_view source) : keys_(keys), source_(source) {}

    std::optional<std::string> find(std::string_view key) const {
        const auto at = keys_.find(key);
        if (at == keys_.end() || at->second.empty()) return std::nullopt;
        return at->second;
    }
    std::string text(std::string_view key) const {
        const auto value = find(key);
        if (!value) fail(source_, fmt::format("key {} is missing", key));
        return *value;
    }
    std::string text_or(std::string_view key, std::string fallback) const {
        return find(key).value_or(std::move(fallback));
    }
    double number(std::string_view key, double low, double high) const {
        const auto written = text(key);
        const auto value = to_double(written);
        if (!value || *value < low || *value > high)
            fail(source_,
                 fmt::format("{} = {} is not a number of {}..{}", key, written, low, high));
        return *value;
    }
    int integer(std::string_view key, int low, int high) const {
        const auto written = text(key);
        const auto value = to_int(written);
        if (!value || *value < low || *value > high)
            fail(source_,
                 fmt::format("{} = {} is not an integer of {}..{}", key, written, low, high));
        return static_cast<int>(*value);
    }
    bool has(std::string_view key) const { return find(key).has_value(); }
    RasterSize size(std::string_view kind) const {
        return {integer(fmt::format("{}_LINES", kind), 1, kLargestRaster),
                integer(fmt::format("{}_SAMPLES", kind), 1, kLargestRaster)};
    }
    std::optional<RasterSize> size_if_any(std::string_view kind) const {
        if (!has(fmt::format("{}_LINES", kind))) return std::nullopt;
        return size(kind);
    }

 private:
    const Keys& keys_;
    std::string_view source_;
};

void collect_leaves(const xml::Element& element, Keys& keys) {
    for (const auto& child : element.children) {
        if (child.children.empty()) keys.try_emplace(child.name, child.text);
        collect_leaves(child, keys);
    }
}

Keys read_keys(std::string_view text, std::string_view source) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    Keys keys;
    if (trim(text).starts_with('<')) {
        collect_leaves(xml::parse(trim(text), source), keys);
    } else {
        for (auto& entry : parse_odl(text, source))
            keys.try_emplace(std::move(entry.key), std::move(entry.value));
    }
    return keys;
}

// Collection 1 and older name many keys differently, so this comes before all other keys.
void read_collection(const KeyReader& keys, MtlUse use, LandsatMetadata& m) {
    if (const auto written = keys.find("COLLECTION_NUMBER")) {
        m.collection = keys.integer("COLLECTION_NUMBER", 0, 99);
        if (m.collection != 2)
            fail(m.source, fmt::format("collection {}, only collection 02 is read", *written));
    }
    m.product_id = keys.text("LANDSAT_PRODUCT_ID");
    const auto id = parse_landsat_product_id(m.product_id);
    if (!id) fail(m.source, fmt::format("LANDSAT_PRODUCT_ID = {} is none", m.product_id));
    m.id = *id;
    if (id->collection != 2)
        fail(m.source, fmt::format("collection {:02}, only collection 02 is read", id->collection));
    if (use == MtlUse::level1) keys.text("COLLECTION_NUMBER");
}

void read_identity(const KeyReader& keys, MtlUse use, LandsatMetadata& m) {
    const bool strict = use == MtlUse::level1;
    m.level = keys.text("PROCESSING_LEVEL");
    m.sensor = keys.text("SENSOR_ID");
    m.category = strict ? keys.text("COLLECTION_CATEGORY")
                        : keys.text_or("COLLECTION_CATEGORY", m.id.category);
    m.spacecraft = strict
                       ? keys.text("SPACECRAFT_ID")
                       : keys.text_or("SPACECRAFT_ID", fmt::format("LANDSAT_{}", m.id.satellite));
    m.wrs_path = strict || keys.has("WRS_PATH") ? keys.integer("WRS_PATH", 1, 233) : m.id.wrs_path;
    m.wrs_row = strict || keys.has("WRS_ROW") ? keys.integer("WRS_ROW", 1, 248) : m.id.wrs_row;
    m.scene_id = keys.text_or("LANDSAT_SCENE_ID", "");
    m.processing_time_text = keys.text_or("DATE_PRODUCT_GENERATED", "");
    m.software = keys.text_or("PROCESSING_SOFTWARE_VERSION", "");
    m.tirs_ssm_model = keys.text_or("TIRS_SSM_MODEL", "");
    m.tirs_ssm_position_status = keys.text_or("TIRS_SSM_POSITION_STATUS", "");
    m.sensing_time_text = keys.text("DATE_ACQUIRED") + "T" + keys.text("SCENE_CENTER_TIME");
    try {
        m.sensing_time = parse_utc(m.sensing_time_text);
    } catch (const Error&) {
        fail(m.source, fmt::format("DATE_ACQUIRED and SCENE_CENTER_TIME make no time: {}",
                                   m.sensing_time_text));
    }
}

void read_geometry(const KeyReader& keys, LandsatMetadata& m) {
    m.sun_azimuth_deg = keys.number("SUN_AZIMUTH", -180, 360);
    m.sun_elevation_deg = keys.number("SUN_ELEVATION", -90, 90);
    // USGS writes -1 where clouds were not assessed.
    if (keys.has("CLOUD_COVER")) {
        const double percent = keys.number("CLOUD_COVER", -1, 100);
        if (percent >= 0) m.cloud_cover_percent = percent;
    }
    const auto projection = keys.text("MAP_PROJECTION");
    if (projection != "UTM" && projection != "PS")
        fail(m.source, fmt::format("MAP_PROJECTION = {}, not UTM or PS", projection));
    m.projection = projection == "UTM" ? MapProjection::utm : MapProjection::polar_stereographic;
    if (m.projection == MapProjection::utm) m.utm_zone = keys.integer("UTM_ZONE", 1, 60);
    if (const auto datum = keys.text("DATUM"); datum != "WGS84")
        fail(m.source, fmt::format("DATUM = {}, not WGS84", datum));
    if (const auto up = keys.text_or("ORIENTATION", "NORTH_UP"); up != "NORTH_UP")
        fail(m.source, fmt::format("ORIENTATION = {}, not NORTH_UP", up));
    m.reflective_cell_m = keys.number("GRID_CELL_SIZE_REFLECTIVE", 1, 1e5);
    m.ul_center_x_m =
        keys.number("CORNER_UL_PROJECTION_X_PRODUCT", -kLargestCoordinate, kLargestCoordinate);
    m.ul_center_y_m =
        keys.number("CORNER_UL_PROJECTION_Y_PRODUCT", -kLargestCoordinate, kLargestCoordinate);
    m.reflective = keys.size("REFLECTIVE");
    m.thermal = keys.size_if_any("THERMAL");
    m.pan = keys.size_if_any("PANCHROMATIC");
}

double calibration(const LandsatMetadata& m, std::string_view name, int band) {
    constexpr double kAny = std::numeric_limits<double>::max();
    return KeyReader(m.keys, m.source).number(fmt::format("{}_BAND_{}", name, band), -kAny, kAny);
}

}  // namespace

std::optional<LandsatProductId> parse_landsat_product_id(std::string_view text) noexcept {
    // LC08_L1TP_020039_20150804_20200908_02_T1: all pieces have fixed widths.
    if (text.size() != 40) return std::nullopt;
    for (const std::size_t at : {4U, 9U, 16U, 25U, 34U, 37U})
        if (text[at] != '_') return std::nullopt;
    const char instruments = text[1];
    const auto level = text.substr(5, 4);
    const auto category = text.substr(38, 2);
    const auto satellite = digits(text.substr(2, 2), 8, 9);
    const auto path = digits(text.substr(10, 3), 1, 233);
    const auto row = digits(text.substr(13, 3), 1, 248);
    const auto acquired = compact_date(text.substr(17, 8));
    const auto processed = compact_date(text.substr(26, 8));
    const auto collection = digits(text.substr(35, 2), 1, 99);
    constexpr std::string_view kLevels[] = {"L1TP", "L1GT", "L1GS", "L2SP", "L2SR"};
    const bool known =
        text[0] == 'L' && (instruments == 'C' || instruments == 'O' || instruments == 'T') &&
        std::find(std::begin(kLevels), std::end(kLevels), level) != std::end(kLevels) &&
        (category == "RT" || category == "T1" || category == "T2");
    if (!known || !satellite || !path || !row || !acquired || !processed || !collection)
        return std::nullopt;
    return LandsatProductId{instruments, *satellite,  std::string(level),   *path, *row, *acquired,
                            *processed,  *collection, std::string(category)};
}

std::string format_landsat_product_id(const LandsatProductId& id) {
    const auto date = [](const std::chrono::year_month_day& d) {
        return fmt::format("{:04}{:02}{:02}", static_cast<int>(d.year()),
                           static_cast<unsigned>(d.month()), static_cast<unsigned>(d.day()));
    };
    return fmt::format("L{}{:02}_{}_{:03}{:03}_{}_{}_{:02}_{}", id.instruments, id.satellite,
                       id.level, id.wrs_path, id.wrs_row, date(id.acquired), date(id.processed),
                       id.collection, id.category);
}

int LandsatMetadata::epsg() const {
    return projection == MapProjection::utm ? 32600 + utm_zone : 3031;
}

Rescaling LandsatMetadata::reflectance(int band) const {
    return {calibration(*this, "REFLECTANCE_MULT", band),
            calibration(*this, "REFLECTANCE_ADD", band)};
}

Rescaling LandsatMetadata::radiance(int band) const {
    return {calibration(*this, "RADIANCE_MULT", band), calibration(*this, "RADIANCE_ADD", band)};
}

ThermalConstants LandsatMetadata::thermal_constants(int band) const {
    return {calibration(*this, "K1_CONSTANT", band), calibration(*this, "K2_CONSTANT", band)};
}

std::string LandsatMetadata::file_name(std::string_view key) const {
    const auto full_key = fmt::format("FILE_NAME_{}", key);
    const auto name = KeyReader(keys, source).text(full_key);
    // The metadata must not lead out of the product's own folder.
    if (name.find('/') != std::string::npos || name.starts_with('.') ||
        name.find('\0') != std::string::npos)
        fail(source, fmt::format("{} = {} is not a plain file name", full_key, name));
    return name;
}

bool LandsatMetadata::has_file_name(std::string_view key) const {
    return keys.contains(fmt::format("FILE_NAME_{}", key));
}

LandsatMetadata parse_landsat_mtl(std::string_view text, std::string_view source, MtlUse use) {
    LandsatMetadata m;
    m.source = source;
    m.keys = read_keys(text, source);
    const KeyReader keys(m.keys, m.source);
    read_collection(keys, use, m);
    read_identity(keys, use, m);
    read_geometry(keys, m);
    return m;
}

}  // namespace hls::granule
