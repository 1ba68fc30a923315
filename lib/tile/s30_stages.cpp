// SPDX-License-Identifier: Apache-2.0
#include "tile/s30_stages.hpp"

#include <numeric>
#include <span>
#include <utility>

#include "scene/sentinel2_ac_scene.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

constexpr double kProductPixelM = 30;
// Scenes often cover little of the tile.
const io::RasterOptions kSparse{.sparse = true};
// Of the c-factor where NBAR leaves a pixel alone.
constexpr float kNoFactor = -1000;

StageRaster reflectance_stage(std::string name, double pixel_m) {
    return {std::move(name), pixel_m, io::PixelType::i16, kFill, {}};
}

std::vector<io::Layer> layers_of(const StageRaster& stage) {
    std::vector<io::Layer> layers;
    for (const auto& band : stage.bands) {
        io::Layer layer;
        layer.type = stage.type;
        layer.nodata = stage.fill;
        layer.description = band;
        layers.push_back(std::move(layer));
    }
    return layers;
}

// Of bands of a strip, by position.
StageRaster band_stage(const std::string& name, std::span<const std::size_t> bands) {
    StageRaster stage = reflectance_stage(name, kProductPixelM);
    for (const std::size_t band : bands)
        stage.bands.emplace_back(scene::sentinel2_bands()[band].name);
    return stage;
}

void show_bands(const std::string& name, std::span<const std::size_t> bands, const S30Strip& strip,
                int first_row, const StageHook& hook) {
    const StageRaster stage = band_stage(name, bands);
    for (std::size_t i = 0; i < bands.size(); ++i)
        hook(stage, i, first_row, strip.bands[bands[i]].view());
}

std::array<std::size_t, scene::kSentinel2BandCount> all_bands() {
    std::array<std::size_t, scene::kSentinel2BandCount> bands{};
    std::iota(bands.begin(), bands.end(), std::size_t{0});
    return bands;
}

}  // namespace

std::string granule_letter(std::size_t granule) {
    constexpr std::size_t kLetters = 26;
    if (granule >= kLetters) return "Z" + std::to_string(granule - kLetters + 1);
    return std::string(1, static_cast<char>('A' + granule));
}

std::array<StageRaster, 3> combined_stages(const std::string& prefix) {
    std::array<StageRaster, 3> stages{reflectance_stage(prefix + "_10m", 10),
                                      reflectance_stage(prefix + "_20m", 20),
                                      reflectance_stage(prefix + "_60m", 60)};
    for (const auto& band : scene::sentinel2_bands())
        stages[band.box == 1 ? 0 : band.box == 2 ? 1 : 2].bands.emplace_back(band.name);
    return stages;
}

StageRaster mask_stage(const std::string& name, double pixel_m) {
    return {name, pixel_m, io::PixelType::u8, std::nullopt, {""}};
}

StageRaster angle_stage(const std::string& name) {
    return {name, kProductPixelM, io::PixelType::u16, kAngleFill, {"SZA", "SAA", "VZA", "VAA"}};
}

void show_resampled(const S30Strip& strip, int first_row, const StageHook& hook) {
    show_bands("5s30_30m", all_bands(), strip, first_row, hook);
    hook(mask_stage("5s30_mask_30m", kProductPixelM), 0, first_row, strip.fmask.view());
}

void show_factors(const Nbar& nbar, const S30Strip& strip, int first_row, const StageHook& hook) {
    constexpr std::array<std::size_t, 3> kShown{1, 3, 7};  // B02, B04, B08: also in kS30NbarBands
    StageRaster stage = band_stage("6cfactor_30m", kShown);
    stage.type = io::PixelType::f32;
    stage.fill = kNoFactor;
    std::array<Plane<float>, kShown.size()> planes;
    for (auto& plane : planes)
        plane = Plane<float>(strip.fmask.rows(), strip.fmask.cols(), kNoFactor);
    std::array<double, Nbar::kMaxBands> factors{};
    for (int r = 0; r < strip.fmask.rows(); ++r) {
        const AngleRow angles = strip.angle_row(r);
        for (int c = 0; c < strip.fmask.cols(); ++c) {
            const SunView here = angles.at(static_cast<std::size_t>(c));
            if (here.has_fill() || strip.bands[0](r, c) == kFill) continue;
            nbar.factors(here, factors);
            for (std::size_t i = 0; i < kShown.size(); ++i)
                planes[i](r, c) = static_cast<float>(factors[kShown[i]]);
        }
    }
    for (std::size_t i = 0; i < planes.size(); ++i)
        hook(stage, i, first_row, std::as_const(planes[i]).view());
}

void show_normalized(const S30Strip& strip, int first_row, const StageHook& hook) {
    show_bands("6nbar_30m", kS30NbarBands, strip, first_row, hook);
}

void show_adjusted(const S30Strip& strip, const granule::Sentinel2Satellite& satellite,
                   int first_row, const StageHook& hook) {
    show_bands("7bandpass_" + satellite.id + "_30m", kS30BandpassBands, strip, first_row, hook);
}

StageFiles::StageFiles(std::filesystem::path folder, const io::Grid& tile)
    : folder_(std::move(folder)), tile_(tile) {}

void StageFiles::take(const StageRaster& stage, std::size_t band, int first_row,
                      const StageRows& rows) {
    auto at = writers_.find(stage.name);
    if (at == writers_.end())
        at = writers_
                 .emplace(stage.name, io::RasterWriter((folder_ / (stage.name + ".tif")).string(),
                                                       scene::with_pixel_size(tile_, stage.pixel_m),
                                                       layers_of(stage), kSparse))
                 .first;
    std::visit(
        [&](const auto& view) {
            at->second.write_rows(first_row, view, static_cast<int>(band) + 1);
        },
        rows);
}

void StageFiles::close() {
    for (auto& [name, writer] : writers_) writer.close();
    writers_.clear();
}

}  // namespace hls::tile
