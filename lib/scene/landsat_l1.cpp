// SPDX-License-Identifier: Apache-2.0
#include "scene/landsat_l1.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>

#include "core/error.hpp"
#include "fs/archive.hpp"
#include "fs/read_text.hpp"

namespace hls::scene {
namespace {

namespace stdfs = std::filesystem;

constexpr std::size_t kMaxMtlBytes = std::size_t{4} << 20;
constexpr std::string_view kOdlSuffix = "_MTL.txt";
constexpr std::string_view kXmlSuffix = "_MTL.xml";
constexpr int kFirstThermalBand = 10;

struct Source {
    std::string folder;    // for RasterReader
    std::string mtl_name;  // for messages
    std::string mtl_text;
};

[[noreturn]] void fail(Exit code, std::string message, std::string hint = {}) {
    throw Error{code, std::move(message), std::move(hint)};
}

// The MTL among file names: the ODL one if both are there. nullopt if there is none.
std::optional<std::string> choose_mtl(const std::vector<std::string>& names,
                                      const std::string& where) {
    for (const auto suffix : {kOdlSuffix, kXmlSuffix}) {
        std::vector<std::string> found;
        std::copy_if(names.begin(), names.end(), std::back_inserter(found),
                     [&](const std::string& name) { return name.ends_with(suffix); });
        if (found.size() > 1)
            fail(Exit::bad_input, fmt::format("{}: more than one *{}", where, suffix),
                 "one folder or archive holds one product; or name the MTL file");
        if (found.size() == 1) return found.front();
    }
    return std::nullopt;
}

[[noreturn]] void fail_without_mtl(const std::string& path) {
    fail(Exit::bad_input,
         fmt::format("{}: no *{} in it, not a Landsat Level-1 product", path, kOdlSuffix),
         "give a Collection 2 product folder, its .tar or its MTL file");
}

Source open_folder(const stdfs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : stdfs::directory_iterator(folder))
        names.push_back(entry.path().filename().string());
    const auto mtl = choose_mtl(names, folder.string());
    if (!mtl) fail_without_mtl(folder.string());
    return {folder.string(), (folder / *mtl).string(), fs::read_text(folder / *mtl, kMaxMtlBytes)};
}

Source open_tar(const stdfs::path& tar) {
    std::vector<std::string> names;
    for (auto& member : fs::list_archive(tar)) names.push_back(std::move(member.name));
    const auto mtl = choose_mtl(names, tar.string());
    if (!mtl) fail_without_mtl(tar.string());
    const auto inside = stdfs::path(*mtl).parent_path();
    const auto folder = stdfs::path("/vsitar/" + stdfs::absolute(tar).string()) / inside;
    return {(inside.empty() ? folder.parent_path() : folder).string(),
            fmt::format("{}/{}", tar.string(), *mtl),
            fs::read_archive_member(tar, *mtl, kMaxMtlBytes)};
}

Source open_source(const std::string& given) {
    const stdfs::path path(given);
    std::error_code error;
    const auto status = stdfs::status(path, error);
    if (error.value() == EACCES)
        fail(Exit::permission, fmt::format("no permission to read {}", given));
    if (!stdfs::exists(status)) fail(Exit::missing_input, fmt::format("no such file: {}", given));
    if (stdfs::is_directory(status)) return open_folder(path);
    if (given.ends_with(".tar")) return open_tar(path);
    if (given.ends_with(kOdlSuffix) || given.ends_with(kXmlSuffix)) {
        const auto folder = path.has_parent_path() ? path.parent_path() : stdfs::path(".");
        return {folder.string(), given, fs::read_text(path, kMaxMtlBytes)};
    }
    fail_without_mtl(given);
}

// L1TP of T1 and RT are what HLS is made of; --accept widens that by level or category.
void require_accepted(const granule::LandsatMetadata& m, const std::vector<std::string>& accept) {
    const auto asked = [&](std::string_view word) {
        return std::find(accept.begin(), accept.end(), word) != accept.end();
    };
    const bool level = m.level == "L1TP" || asked(m.level);
    const bool category =
        m.category == "T1" || m.category == "RT" || asked(m.category) || asked(m.level);
    if (!level || !category)
        fail(Exit::not_accepted,
             fmt::format("{} is {} {}, not L1TP T1 or RT", m.product_id, m.level, m.category),
             fmt::format("--accept {} takes it all the same", level ? m.category : m.level));
    if (m.projection != granule::MapProjection::utm)
        fail(Exit::not_accepted,
             fmt::format("{} is in polar stereographic projection, only UTM is processed",
                         m.product_id));
}

// A missing calibration must show before hours of work, not in the middle of them.
void require_calibration(const granule::LandsatMetadata& m, const std::vector<int>& bands) {
    for (const int band : bands) {
        if (band < kFirstThermalBand) {
            m.reflectance(band);
        } else {
            m.radiance(band);
            m.thermal_constants(band);
        }
    }
}

struct Expected {
    std::string what;  // "band 3", for messages
    std::string path;
    granule::RasterSize size;
    io::PixelType type;
};

std::vector<Expected> expected_files(const LandsatL1& scene, const LandsatL1Needs& needs) {
    const auto& m = scene.metadata;
    std::vector<Expected> files;
    for (const int band : needs.bands) {
        if (band >= kFirstThermalBand && !m.thermal)
            fail(Exit::bad_input, fmt::format("{}: key THERMAL_LINES is missing", m.source));
        const auto size = band >= kFirstThermalBand ? *m.thermal : m.reflective;
        files.push_back(
            {fmt::format("band {}", band), scene.band_path(band), size, io::PixelType::u16});
    }
    if (needs.qa_pixel)
        files.push_back({"QA_PIXEL", scene.qa_pixel_path(), m.reflective, io::PixelType::u16});
    if (needs.angles)
        for (const auto angle :
             {LandsatAngle::sza, LandsatAngle::saa, LandsatAngle::vza, LandsatAngle::vaa})
            files.push_back({"angle", scene.angle_path(angle), m.reflective, io::PixelType::i16});
    return files;
}

bool same_place(const io::Grid& a, const io::Grid& b) {
    constexpr double kTolerance = 0.01;  // m; metadata write millimetres
    return std::abs(a.ulx_m - b.ulx_m) < kTolerance && std::abs(a.uly_m - b.uly_m) < kTolerance &&
           std::abs(a.pixel_m - b.pixel_m) < 1e-6 && a.epsg == b.epsg;
}

io::RasterReader open_raster(const Expected& file, const std::string& mtl) {
    try {
        return io::RasterReader(file.path);
    } catch (const Error& error) {
        // The product is there but incomplete: fetching it again is the cure, not waiting.
        if (error.code != Exit::missing_input) throw;
        fail(Exit::bad_input,
             fmt::format("missing {}: no file {}, named in {}", file.what, file.path, mtl),
             "the product is incomplete: fetch it again or ask for the bands it has");
    }
}

void check_raster(const Expected& file, const LandsatL1& scene) {
    const auto& mtl = scene.metadata.source;
    const auto reader = open_raster(file, mtl);
    if (reader.rows() != file.size.lines || reader.cols() != file.size.samples)
        fail(Exit::bad_input,
             fmt::format("{} has {} lines x {} samples, {} says {} x {}", file.path, reader.rows(),
                         reader.cols(), mtl, file.size.lines, file.size.samples));
    if (reader.type() != file.type)
        fail(Exit::bad_input,
             fmt::format("{} has {} pixels, not {}", file.path, io::pixel_type_name(reader.type()),
                         io::pixel_type_name(file.type)));
    const auto grid = reader.grid();
    if (grid && !same_place(*grid, scene.grid))
        fail(Exit::bad_input,
             fmt::format(
                 "{} lies at {:.3f} {:.3f} (EPSG:{}, {} m), {} says {:.3f} {:.3f} (EPSG:{}, {} m)",
                 file.path, grid->ulx_m, grid->uly_m, grid->epsg, grid->pixel_m, mtl,
                 scene.grid.ulx_m, scene.grid.uly_m, scene.grid.epsg, scene.grid.pixel_m));
}

std::string_view angle_key(LandsatAngle angle) {
    switch (angle) {
        case LandsatAngle::sza:
            return "ANGLE_SOLAR_ZENITH_BAND_4";
        case LandsatAngle::saa:
            return "ANGLE_SOLAR_AZIMUTH_BAND_4";
        case LandsatAngle::vza:
            return "ANGLE_SENSOR_ZENITH_BAND_4";
        case LandsatAngle::vaa:
            return "ANGLE_SENSOR_AZIMUTH_BAND_4";
    }
    return "";
}

}  // namespace

std::string LandsatL1::band_path(int band) const {
    return folder + "/" + metadata.file_name(fmt::format("BAND_{}", band));
}

std::string LandsatL1::qa_pixel_path() const {
    return folder + "/" + metadata.file_name("QUALITY_L1_PIXEL");
}

std::string LandsatL1::angle_path(LandsatAngle angle) const {
    return folder + "/" + metadata.file_name(angle_key(angle));
}

LandsatL1 open_landsat_l1(const std::string& path, const LandsatL1Needs& needs) {
    const Source source = open_source(path);
    LandsatL1 scene;
    scene.folder = source.folder;
    scene.metadata = granule::parse_landsat_mtl(source.mtl_text, source.mtl_name);
    const auto& m = scene.metadata;
    require_accepted(m, needs.accept);
    require_calibration(m, needs.bands);
    scene.grid = {m.reflective.lines, m.reflective.samples, m.ul_outer_x_m(),
                  m.ul_outer_y_m(),   m.reflective_cell_m,  m.epsg()};
    for (const auto& file : expected_files(scene, needs)) check_raster(file, scene);
    return scene;
}

}  // namespace hls::scene
