// SPDX-License-Identifier: Apache-2.0
#include "lasrc/landsat_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "lasrc/landsat_model.hpp"
#include "scene/ac_scene.hpp"

namespace hls::lasrc {
namespace {

constexpr double kHighestSunZenith = 76;
constexpr double kGridToleranceM = .01;

std::vector<int> sorted_bands(const LandsatJob& job) {
    std::vector<int> bands = job.bands;
    if (bands.empty())
        for (int b = 1; b <= kLandsatBands; ++b) bands.push_back(b);
    std::sort(bands.begin(), bands.end());
    bands.erase(std::unique(bands.begin(), bands.end()), bands.end());
    if (bands.front() < 1 || bands.back() > kLandsatBands)
        throw Error{Exit::usage, "only bands 1 to 7 can be corrected", "--bands 2-7"};
    return bands;
}

bool is_present(const std::string& path) {
    try {
        return io::RasterReader(path).rows() > 0;
    } catch (const Error& error) {
        if (error.code == Exit::missing_input) return false;
        throw;
    }
}

std::vector<std::string> angle_paths(const scene::LandsatL1& l1) {
    using scene::LandsatAngle;
    return {l1.angle_path(LandsatAngle::sza), l1.angle_path(LandsatAngle::saa),
            l1.angle_path(LandsatAngle::vza), l1.angle_path(LandsatAngle::vaa)};
}

// QA and angles may be absent when only some bands are asked for; what is there is used.
void find_optional_rasters(const scene::LandsatL1& l1, scene::LandsatL1Needs& needs) {
    const auto& metadata = l1.metadata;
    needs.qa_pixel = metadata.has_file_name("QUALITY_L1_PIXEL") && is_present(l1.qa_pixel_path());
    needs.angles = false;
    if (metadata.has_file_name("ANGLE_SOLAR_ZENITH_BAND_4")) {
        const auto paths = angle_paths(l1);
        needs.angles = std::all_of(paths.begin(), paths.end(), is_present);
    }
}

scene::LandsatL1 open_with_hint(const LandsatJob& job, const scene::LandsatL1Needs& needs,
                                bool retrieve) {
    try {
        return scene::open_landsat_l1(job.granule, needs);
    } catch (Error& error) {
        // Of a whole granule nothing may be missing; of one cut down on purpose, this may help.
        if (retrieve && error.code == Exit::bad_input && !job.bands.empty())
            error.hint = "retrieval needs bands 1, 2, 4, 5 and 7; without: --aerosol fixed:AOT";
        throw;
    }
}

void check_mask(const std::string& path, const io::Grid& grid) {
    const io::RasterReader mask(path);
    const auto& found = mask.grid();
    const bool same = found && found->rows == grid.rows && found->cols == grid.cols &&
                      found->epsg == grid.epsg &&
                      std::fabs(found->ulx_m - grid.ulx_m) < kGridToleranceM &&
                      std::fabs(found->uly_m - grid.uly_m) < kGridToleranceM;
    if (!same)
        throw Error{
            Exit::bad_input, fmt::format("{}: not on the grid of the granule", path),
            fmt::format("{} x {} pixels of EPSG:{} are needed", grid.cols, grid.rows, grid.epsg)};
}

}  // namespace

LandsatInput open_landsat_input(const LandsatJob& job) {
    LandsatInput input;
    input.retrieve = std::holds_alternative<RetrieveAerosol>(job.aerosol);
    input.corrected = sorted_bands(job);
    input.used = input.corrected;
    if (input.retrieve) {
        input.used.insert(input.used.end(), kRetrievalBands.begin(), kRetrievalBands.end());
        std::sort(input.used.begin(), input.used.end());
        input.used.erase(std::unique(input.used.begin(), input.used.end()), input.used.end());
    }

    const bool whole = job.bands.empty();
    scene::LandsatL1Needs needs{input.used, whole, whole, job.accept};
    input.l1 = open_with_hint(job, needs, input.retrieve);
    if (whole) {
        input.cirrus = true;
        if (input.l1.metadata.thermal) input.thermal = {10, 11};
        needs.bands.push_back(9);
        needs.bands.insert(needs.bands.end(), input.thermal.begin(), input.thermal.end());
    } else {
        find_optional_rasters(input.l1, needs);
    }
    input.l1 = scene::open_landsat_l1(job.granule, needs);
    if (needs.qa_pixel) input.qa = input.l1.qa_pixel_path();
    if (needs.angles) input.angles = angle_paths(input.l1);
    if (job.mask) {
        check_mask(*job.mask, input.l1.grid);
        input.mask = job.mask;
    }

    const double zenith = input.l1.metadata.sun_zenith_deg();
    if (zenith > kHighestSunZenith)
        throw Error{Exit::low_sun,
                    fmt::format("{}: sun zenith {:.2f} deg is above {:.0f}",
                                input.l1.metadata.product_id, zenith, kHighestSunZenith)};
    return input;
}

std::vector<std::string> LandsatInput::layers() const {
    std::vector<std::string> names;
    for (const int band : corrected) names.push_back(fmt::format("SR_B{}", band));
    if (cirrus) names.emplace_back("TOA_B9");
    for (const int band : thermal) names.push_back(fmt::format("BT_B{}", band));
    names.emplace_back("SR_QA_AEROSOL");
    names.emplace_back("AOT");
    if (mask || qa) names.emplace_back("FMASK");
    if (!angles.empty()) names.insert(names.end(), {"SZA", "SAA", "VZA", "VAA"});
    return names;
}

std::vector<std::string> LandsatInput::files() const {
    std::vector<std::string> paths{l1.metadata.source};
    for (const int band : used) paths.push_back(l1.band_path(band));
    if (cirrus) paths.push_back(l1.band_path(9));
    for (const int band : thermal) paths.push_back(l1.band_path(band));
    if (qa) paths.push_back(*qa);
    paths.insert(paths.end(), angles.begin(), angles.end());
    if (mask) paths.push_back(*mask);
    return paths;
}

void mark_fill(std::span<const std::uint16_t> qa, std::span<std::uint8_t> fill) noexcept {
    for (std::size_t i = 0; i < fill.size(); ++i) fill[i] = static_cast<std::uint8_t>(qa[i] & 1);
}

void add_zero_fill(std::span<const std::uint16_t> dn, std::span<std::uint8_t> fill) noexcept {
    for (std::size_t i = 0; i < fill.size(); ++i)
        fill[i] = static_cast<std::uint8_t>(fill[i] | (dn[i] == 0 ? 1 : 0));
}

}  // namespace hls::lasrc
