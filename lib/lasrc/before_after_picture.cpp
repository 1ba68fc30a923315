// SPDX-License-Identifier: Apache-2.0
#include "lasrc/before_after_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "core/cancel.hpp"
#include "io/browse.hpp"
#include "io/raster.hpp"
#include "scene/ac_scene.hpp"
#include "scene/sentinel2_ac_scene.hpp"

namespace hls::lasrc {
namespace {

constexpr int kPanel = 1000;  // largest edge of a panel, pixels
constexpr int kGap = 8;       // white pixels between panels
constexpr float kFill = -1e9f;
constexpr std::array kNaturalColour{4, 3, 2};  // band numbers of both sensors
constexpr double kBrightest = 0.32;            // reflectance shown as full brightness
constexpr double kHighestAot = 0.6;

// Every `step`th pixel of a raster, as physical values; stored 0 or nodata gives kFill.
Plane<float> thinned(const PictureRaster& raster, int step) {
    const io::RasterReader reader(raster.path);
    Plane<float> out((reader.rows() + step - 1) / step, (reader.cols() + step - 1) / step);
    const int strip = std::max(reader.block_rows(), step);
    Plane<std::int32_t> rows(strip, reader.cols());
    for (int first = 0; first < reader.rows(); first += strip) {
        throw_if_cancelled();
        const int count = std::min(strip, reader.rows() - first);
        reader.read_rows<std::int32_t>(first, rows.view().rows(0, count));
        for (int r = (first + step - 1) / step; r * step < first + count; ++r) {
            for (int c = 0; c < out.cols(); ++c) {
                const auto stored = rows(r * step - first, c * step);
                out(r, c) = stored == raster.fill
                                ? kFill
                                : static_cast<float>(stored * raster.scale + raster.offset);
            }
        }
    }
    return out;
}

// Blue through green to yellow, even steps of brightness.
std::array<std::uint8_t, 3> aot_colour(double aot) {
    constexpr std::array<std::array<double, 3>, 5> kStops{
        {{30, 20, 70}, {55, 80, 140}, {35, 140, 140}, {95, 200, 95}, {250, 230, 35}}};
    const double at = std::clamp(aot / kHighestAot, 0.0, 1.0) * (kStops.size() - 1);
    const auto low = std::min(static_cast<std::size_t>(at), kStops.size() - 2);
    std::array<std::uint8_t, 3> colour{};
    for (std::size_t i = 0; i < 3; ++i) {
        const double part = at - static_cast<double>(low);
        colour[i] = static_cast<std::uint8_t>(
            std::lround(kStops[low][i] * (1 - part) + kStops[low + 1][i] * part));
    }
    return colour;
}

void draw_natural_colour(io::Picture& picture, int left, const std::array<Plane<float>, 3>& bands) {
    for (int r = 0; r < bands[0].rows(); ++r) {
        for (int c = 0; c < bands[0].cols(); ++c) {
            if (std::any_of(bands.begin(), bands.end(),
                            [&](const auto& band) { return band(r, c) == kFill; }))
                continue;
            for (std::size_t i = 0; i < 3; ++i) {
                // The square root shows dark surfaces as the eye would see them.
                const double bright = std::sqrt(std::clamp(bands[i](r, c) / kBrightest, 0.0, 1.0));
                picture.at(r, left + c)[i] = static_cast<std::uint8_t>(std::lround(bright * 255));
            }
        }
    }
}

void draw_aot(io::Picture& picture, int left, const Plane<float>& aot) {
    for (int r = 0; r < aot.rows(); ++r) {
        for (int c = 0; c < aot.cols(); ++c) {
            if (aot(r, c) == kFill) continue;
            const auto colour = aot_colour(aot(r, c));
            std::copy(colour.begin(), colour.end(), picture.at(r, left + c));
        }
    }
}

}  // namespace

PictureSources picture_sources(const scene::LandsatL1& l1, const std::filesystem::path& scene_dir) {
    const auto& metadata = l1.metadata;
    const auto layer = [&](const std::string& name) {
        return (scene_dir / scene::ac_file_name(metadata.product_id, name)).string();
    };
    const double mu = std::sin(metadata.sun_elevation_deg * std::acos(-1.0) / 180);
    PictureSources sources{l1.grid.rows, l1.grid.cols, {}, {}, {}};
    for (std::size_t i = 0; i < 3; ++i) {
        const int band = kNaturalColour[i];
        const auto rescaling = metadata.reflectance(band);
        sources.before[i] = {l1.band_path(band), rescaling.mult / mu, rescaling.add / mu, 0};
        sources.after[i] = {layer("SR_B" + std::to_string(band)), scene::kReflectanceScale,
                            scene::kReflectanceOffset, scene::kReflectanceFill};
    }
    sources.aot = {layer("AOT"), scene::kAotScale, 0, scene::kAotFill};
    return sources;
}

PictureSources picture_sources(const scene::Sentinel2L1& l1,
                               const std::filesystem::path& scene_dir) {
    const auto layer = [&](std::string_view name) {
        return (scene_dir / scene::ac_file_name(l1.product_id, name)).string();
    };
    const auto grid = l1.grid(10);
    PictureSources sources{grid.rows, grid.cols, {}, {}, {}};
    for (std::size_t i = 0; i < 3; ++i) {
        const auto band = static_cast<std::size_t>(kNaturalColour[i] - 1);
        const double scale = 1 / l1.product.quantification;
        sources.before[i] = {l1.band_path(static_cast<int>(band)), scale,
                             l1.product.offset[band] * scale, 0};
        sources.after[i] = {layer(scene::sentinel2_bands()[band].layer), 1e-4, 0,
                            scene::kSentinel2Fill};
    }
    sources.aot = {layer("AOT"), scene::kAotScale, 0, scene::kAotFill};
    return sources;
}

void write_before_after(const PictureSources& sources, const std::filesystem::path& png,
                        bool overwrite) {
    const int step = (std::max(sources.rows, sources.cols) + kPanel - 1) / kPanel;
    std::array<Plane<float>, 3> before, after;
    for (std::size_t i = 0; i < 3; ++i) {
        before[i] = thinned(sources.before[i], step);
        after[i] = thinned(sources.after[i], step);
    }
    const auto aot = thinned(sources.aot, step);

    const int width = aot.cols();
    io::Picture picture(aot.rows(), 3 * width + 2 * kGap, 3);
    std::fill(picture.pixels.begin(), picture.pixels.end(), std::uint8_t{255});
    draw_natural_colour(picture, 0, before);
    draw_natural_colour(picture, width + kGap, after);
    draw_aot(picture, 2 * (width + kGap), aot);
    io::write_png(png, picture, overwrite ? fs::IfExists::replace : fs::IfExists::refuse);
}

}  // namespace hls::lasrc
