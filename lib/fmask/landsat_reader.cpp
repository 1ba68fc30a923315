// SPDX-License-Identifier: Apache-2.0
#include "fmask/landsat_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "scene/landsat_l1.hpp"

namespace hls::fmask {
namespace {

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kCelsius = 273.15;
constexpr std::uint16_t kSaturatedDn = 65535;
constexpr int kRadsatFirstBit = 1;  // of blue, band 2; green and red follow
constexpr int kAngleUnits = 9000;   // 90 degrees in 0.01 deg
constexpr std::array kReflectiveBands{2, 3, 4, 5, 6, 7};
constexpr int kCirrusBand = 9;
constexpr int kThermalBand = 10;
constexpr const char* kRadsatKey = "QUALITY_L1_RADIOMETRIC_SATURATION";

// Temperature by digital number, 0.01 deg C.
std::vector<std::int16_t> temperature_table(const granule::Rescaling& radiance,
                                            const granule::ThermalConstants& constants) {
    std::vector<std::int16_t> table(65536);
    for (std::size_t dn = 0; dn < table.size(); ++dn) {
        const double light = radiance.mult * static_cast<double>(dn) + radiance.add;
        const double celsius =
            light <= 0 ? -100 : constants.k2 / std::log(constants.k1 / light + 1) - kCelsius;
        table[dn] = static_cast<std::int16_t>(std::lround(100 * std::clamp(celsius, -100., 80.)));
    }
    return table;
}

// 1 / cosine by angle in 0.01 deg.
std::vector<double> secants() {
    std::vector<double> table(kAngleUnits + 1);
    for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = 1 / std::cos(std::min(static_cast<double>(i) / 100, 89.) * kRadians);
    return table;
}

// One raster that is read beside the others, and where its rows of the current strip lie.
struct Source {
    io::RasterReader reader;
    int band = 0;  // 0: not a band
    Plane<std::uint16_t> values{};
};

std::string hint_without(const std::string& message, const granule::LandsatMetadata& m) {
    const auto names = [&](std::string_view key) {
        return m.has_file_name(key) && message.find(m.file_name(key)) != std::string::npos;
    };
    if (names("BAND_9")) return "--without cirrus goes on all the same";
    if (names("BAND_10")) return "--without thermal goes on all the same";
    for (const auto key : {"ANGLE_SOLAR_ZENITH_BAND_4", "ANGLE_SOLAR_AZIMUTH_BAND_4",
                           "ANGLE_SENSOR_ZENITH_BAND_4", "ANGLE_SENSOR_AZIMUTH_BAND_4"})
        if (names(key)) return "--without angles goes on all the same";
    return {};
}

}  // namespace

struct LandsatReader::State {
    scene::LandsatL1 l1;
    AngleOverrides given;
    bool thermal = false;
    bool cirrus = false;
    bool angles = false;
    bool sun_per_pixel = false;
    bool view_per_pixel = false;

    std::vector<std::unique_ptr<Source>> sources;  // reflective bands, then what else there is
    Source* cirrus_source = nullptr;
    Source* thermal_source = nullptr;
    Source* radsat = nullptr;
    Source* sza = nullptr;
    Source* vza = nullptr;
    Source* vaa = nullptr;

    std::vector<std::int16_t> temperatures;
    std::vector<double> secant = secants();
    ViewField view;
    std::atomic<bool> saw_temperature{false};

    Source* add(const std::string& path, int band) {
        sources.push_back(std::make_unique<Source>(Source{io::RasterReader(path), band}));
        return sources.back().get();
    }
    double sun_zenith() const { return given.sun_zenith.value_or(l1.metadata.sun_zenith_deg()); }
    void open_sources();
    void read(int first_row, int rows, int threads, Strip& strip);
    void convert_row(int row_of_image, int row, Strip& strip);
    void convert_reflectance(int row, Strip& strip);
    void add_view(int row_of_image, int row);
};

void LandsatReader::State::open_sources() {
    const auto& m = l1.metadata;
    for (const int band : kReflectiveBands) add(l1.band_path(band), band);
    if (cirrus) cirrus_source = add(l1.band_path(kCirrusBand), kCirrusBand);
    if (thermal) {
        thermal_source = add(l1.band_path(kThermalBand), kThermalBand);
        temperatures =
            temperature_table(m.radiance(kThermalBand), m.thermal_constants(kThermalBand));
    }
    if (m.has_file_name(kRadsatKey)) {
        const std::string path = l1.folder + "/" + m.file_name(kRadsatKey);
        try {
            radsat = add(path, 0);
        } catch (const Error& error) {
            // A saturated pixel shows in its digital number too.
            if (error.code != Exit::missing_input) throw;
        }
    }
    if (sun_per_pixel) sza = add(l1.angle_path(scene::LandsatAngle::sza), 0);
    if (view_per_pixel) {
        vza = add(l1.angle_path(scene::LandsatAngle::vza), 0);
        vaa = add(l1.angle_path(scene::LandsatAngle::vaa), 0);
        view = ViewField(l1.grid.rows, l1.grid.cols);
    } else {
        view =
            ViewField(view_tangent(given.view_zenith.value_or(0), given.view_azimuth.value_or(0)));
    }
}

void LandsatReader::State::read(int first_row, int rows, int threads, Strip& strip) {
    parallel_for(sources.size(), threads, [&](std::size_t i) {
        Source& source = *sources[i];
        if (source.values.rows() < rows) source.values = Plane<std::uint16_t>(rows, l1.grid.cols);
        const auto out = source.values.view().rows(0, rows);
        if (&source == vaa || &source == vza || &source == sza) {
            // Angles are signed: the same bytes, told apart when they are used.
            source.reader.read_rows<std::int16_t>(
                first_row, {reinterpret_cast<std::int16_t*>(out.data()), out.rows(), out.cols()});
            return;
        }
        source.reader.read_rows<std::uint16_t>(first_row, out);
    });
    constexpr int kCell = ViewField::kCell;
    const int first_cell = first_row / kCell;
    const int cells = (first_row + rows - 1) / kCell - first_cell + 1;
    parallel_for(static_cast<std::size_t>(cells), threads, [&](std::size_t i) {
        const int cell = first_cell + static_cast<int>(i);
        const int end = std::min((cell + 1) * kCell, first_row + rows);
        for (int r = std::max(cell * kCell, first_row); r < end; ++r)
            convert_row(r, r - first_row, strip);
    });
}

void LandsatReader::State::convert_row(int row_of_image, int row, Strip& strip) {
    const auto cols = static_cast<std::size_t>(l1.grid.cols);
    const auto valid = strip.valid.row(row);
    const auto saturated = strip.saturated.row(row);
    std::fill(valid.begin(), valid.end(), std::uint8_t{1});
    std::fill(saturated.begin(), saturated.end(), std::uint8_t{0});
    for (const auto& source : sources) {
        if (source->band == 0) continue;
        const auto dn = source->values.row(row);
        for (std::size_t c = 0; c < cols; ++c) valid[c] = valid[c] & (dn[c] != 0);
        if (source->band > 4) continue;
        const int bit = source->band - 2;
        for (std::size_t c = 0; c < cols; ++c)
            saturated[c] =
                static_cast<std::uint8_t>(saturated[c] | ((dn[c] == kSaturatedDn) << bit));
    }
    if (radsat != nullptr) {
        const auto bits = radsat->values.row(row);
        for (std::size_t c = 0; c < cols; ++c)
            saturated[c] =
                static_cast<std::uint8_t>(saturated[c] | ((bits[c] >> kRadsatFirstBit) & 7));
    }
    convert_reflectance(row, strip);
    if (thermal_source != nullptr) {
        const auto dn = thermal_source->values.row(row);
        const auto out = strip.temperature.row(row);
        for (std::size_t c = 0; c < cols; ++c) out[c] = temperatures[dn[c]];
        if (std::any_of(dn.begin(), dn.end(), [](std::uint16_t v) { return v != 0; }))
            saw_temperature.store(true, std::memory_order_relaxed);
    }
    if (view_per_pixel) add_view(row_of_image, row);
}

void LandsatReader::State::convert_reflectance(int row, Strip& strip) {
    const std::array out{&strip.blue, &strip.green, &strip.red,
                         &strip.nir,  &strip.swir1, &strip.swir2};
    const auto cols = static_cast<std::size_t>(l1.grid.cols);
    std::vector<double> per_pixel(cols, 1 / std::cos(sun_zenith() * kRadians));
    if (sza != nullptr) {
        const auto zeniths = sza->values.row(row);
        for (std::size_t c = 0; c < cols; ++c)
            per_pixel[c] = secant[static_cast<std::size_t>(
                std::clamp<int>(static_cast<std::int16_t>(zeniths[c]), 0, kAngleUnits))];
    }
    const auto convert = [&](const Source& source, auto& plane, double lowest) {
        using T = std::decay_t<decltype(plane(0, 0))>;
        const auto rescaling = l1.metadata.reflectance(source.band);
        const double mult = rescaling.mult * kReflectanceUnit;
        const double add = rescaling.add * kReflectanceUnit;
        const auto dn = source.values.row(row);
        const auto values = plane.row(row);
        for (std::size_t c = 0; c < cols; ++c) {
            const double value = (mult * dn[c] + add) * per_pixel[c];
            values[c] = static_cast<T>(
                std::floor(std::clamp<double>(value, lowest, kHighestReflectance) + 0.5));
        }
    };
    for (std::size_t i = 0; i < out.size(); ++i) convert(*sources[i], *out[i], 0);
    if (cirrus_source != nullptr) convert(*cirrus_source, strip.cirrus, kLowestCirrus);
}

// Angles change slowly: every fourth pixel of every fourth row tells enough.
void LandsatReader::State::add_view(int row_of_image, int row) {
    if (row_of_image % 4 != 0) return;
    const auto zeniths = vza->values.row(row);
    const auto azimuths = vaa->values.row(row);
    const auto red = sources[2]->values.row(row);
    for (std::size_t c = 0; c < zeniths.size(); c += 4) {
        if (red[c] == 0) continue;
        view.add(row_of_image, static_cast<int>(c),
                 view_tangent(static_cast<std::int16_t>(zeniths[c]) / 100.,
                              static_cast<std::int16_t>(azimuths[c]) / 100.));
    }
}

LandsatReader::LandsatReader(const std::string& granule, const GranuleOptions& options)
    : state_(std::make_unique<State>()) {
    const auto& [accept, angles, without] = options;
    State& s = *state_;
    s.given = angles;
    s.l1 = scene::open_landsat_l1(granule, {{}, false, false, accept});
    const auto& m = s.l1.metadata;
    s.cirrus = !without.cirrus && m.has_file_name("BAND_9");
    s.thermal = !without.thermal && m.thermal && m.has_file_name("BAND_10");
    const bool angle_files = !without.angles && m.has_file_name("ANGLE_SENSOR_ZENITH_BAND_4");
    s.sun_per_pixel = angle_files && !angles.sun_zenith;
    s.view_per_pixel = angle_files && !angles.view_zenith;

    scene::LandsatL1Needs needs{{}, false, s.sun_per_pixel || s.view_per_pixel, accept};
    needs.bands.assign(kReflectiveBands.begin(), kReflectiveBands.end());
    if (s.cirrus) needs.bands.push_back(kCirrusBand);
    if (s.thermal) needs.bands.push_back(kThermalBand);
    try {
        s.l1 = scene::open_landsat_l1(granule, needs);
    } catch (Error& error) {
        if (const auto hint = hint_without(error.message, m); !hint.empty()) error.hint = hint;
        throw;
    }
    require_sun(s.sun_zenith(), m.product_id);
    s.open_sources();
}

LandsatReader::~LandsatReader() = default;

const std::string& LandsatReader::product_id() const {
    return state_->l1.metadata.product_id;
}

SceneTraits LandsatReader::traits() const {
    const State& s = *state_;
    return {Sensor::landsat,
            s.l1.grid,
            s.thermal,
            s.cirrus,
            false,
            s.sun_zenith(),
            s.given.sun_azimuth.value_or(s.l1.metadata.sun_azimuth_deg)};
}

std::vector<std::string> LandsatReader::files() const {
    std::vector<std::string> paths{state_->l1.metadata.source};
    for (const auto& source : state_->sources) paths.push_back(source->reader.path());
    return paths;
}

std::string LandsatReader::sun_source() const {
    if (state_->given.sun_zenith) return "given";
    return state_->sun_per_pixel ? "per pixel" : "scene centre";
}

std::string LandsatReader::view_source() const {
    if (state_->given.view_zenith) return "given";
    return state_->view_per_pixel ? "per pixel" : "nadir";
}

int LandsatReader::preferred_strip_rows() const {
    constexpr int kAtLeast = 128;
    const int block = std::max(1, state_->sources.front()->reader.block_rows());
    return block >= kAtLeast ? std::min(block, 512) : (kAtLeast + block - 1) / block * block;
}

StripReader LandsatReader::strips(int threads) {
    return [this, threads](int first_row, int rows, Strip& strip) {
        state_->read(first_row, rows, threads, strip);
    };
}

ViewField LandsatReader::view() const {
    ViewField field = state_->view;
    field.finish();
    return field;
}

bool LandsatReader::saw_temperature() const {
    return state_->saw_temperature.load();
}

}  // namespace hls::fmask
