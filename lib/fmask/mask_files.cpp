// SPDX-License-Identifier: Apache-2.0
#include "fmask/mask_files.hpp"

#include <algorithm>
#include <array>

#include "core/cancel.hpp"
#include "io/cog.hpp"

namespace hls::fmask {
namespace {

constexpr int kRowsAtOnce = 256;
constexpr std::int16_t kNoProbability = -32768;
constexpr std::uint16_t kNoHeight = 65535;
constexpr int kGapPx = 8;  // white between the panels of a picture

const std::vector<io::RasterClass>& mask_classes() {
    static const std::vector<io::RasterClass> classes{
        {kLand, "land", {156, 140, 100}},        {kWater, "water", {40, 90, 180}},
        {kShadow, "cloud shadow", {60, 45, 70}}, {kSnow, "snow or ice", {120, 230, 240}},
        {kCloudClass, "cloud", {245, 245, 245}}, {kFill, "fill", {0, 0, 0}}};
    return classes;
}

const std::array<std::uint8_t, 3>& colour_of(std::uint8_t value) {
    return std::find_if(mask_classes().begin(), mask_classes().end(),
                        [&](const io::RasterClass& entry) { return entry.value == value; })
        ->rgb;
}

template <typename T>
void write_cog(const std::filesystem::path& path, const io::Grid& grid, const io::Layer& layer,
               const RowFiller<T>& fill_row) {
    io::CogEncoder encoder(grid, layer.type);
    Plane<T> rows(std::min(kRowsAtOnce, grid.rows), grid.cols);
    for (int first = 0; first < grid.rows; first += kRowsAtOnce) {
        throw_if_cancelled();
        const int count = std::min(kRowsAtOnce, grid.rows - first);
        for (int r = 0; r < count; ++r) fill_row(first + r, rows.row(r));
        encoder.append_rows<T>(rows.view().rows(0, count));
    }
    encoder.write(path.string(), layer);
}

}  // namespace

void write_mask(const std::filesystem::path& path, const io::Grid& grid,
                const Classification& classes, const Tags& tags) {
    io::Layer layer;
    layer.type = io::PixelType::u8;
    layer.nodata = kFill;
    layer.description = "Fmask classes";
    layer.metadata = tags;
    layer.classes = mask_classes();
    write_cog<std::uint8_t>(path, grid, layer, [&](int row, std::span<std::uint8_t> values) {
        classes.fill_row(row, values);
    });
}

void write_probability(const std::filesystem::path& path, const io::Grid& grid,
                       const Surface& surface, const CloudProbability& probability,
                       const SceneStatistics& statistics) {
    io::Layer layer;
    layer.type = io::PixelType::i16;
    layer.nodata = kNoProbability;
    layer.scale = 0.001;
    layer.description = "Probability of cloud";
    const auto swir1 = surface.swir1.inner();
    const bool cirrus_known = surface.cirrus.size() > 0;
    write_cog<std::int16_t>(path, grid, layer, [&](int row, std::span<std::int16_t> values) {
        std::fill(values.begin(), values.end(), kNoProbability);
        for_each_set(surface.valid.row(row), [&](int c) {
            const int cirrus = cirrus_known ? surface.cirrus(row, c) : 0;
            const bool water = surface.water(row, c) && statistics.water_threshold;
            const int value =
                water ? probability.over_water(surface.heat(row, c), swir1(row, c), cirrus)
                      : probability.over_land(surface.heat(row, c), surface.variability(row, c),
                                              cirrus);
            values[static_cast<std::size_t>(c)] =
                static_cast<std::int16_t>(value / (kProbabilityUnit / 1000));
        });
    });
}

void write_heights(const std::filesystem::path& path, const io::Grid& grid, const Objects& objects,
                   const ShadowMatch& match) {
    io::Layer layer;
    layer.type = io::PixelType::u16;
    layer.nodata = kNoHeight;
    layer.description = "Height of cloud base above ground";
    layer.unit = "m";
    std::size_t next = 0;
    write_cog<std::uint16_t>(path, grid, layer, [&](int row, std::span<std::uint16_t> values) {
        std::fill(values.begin(), values.end(), kNoHeight);
        for (; next < objects.runs.size() && objects.runs[next].row == row; ++next) {
            const Run& run = objects.runs[next];
            const CloudHeight& height = match.heights[run.object];
            if (height.matched)
                std::fill_n(values.begin() + run.first, run.length(),
                            static_cast<std::uint16_t>(height.base_m + 0.5f));
        }
    });
}

io::Picture draw_mask(const io::Picture& true_colour, const Classification& classes, int step) {
    io::Picture picture(true_colour.rows, 2 * true_colour.cols + kGapPx, 3);
    std::fill(picture.pixels.begin(), picture.pixels.end(), std::uint8_t{255});
    std::vector<std::uint8_t> row(static_cast<std::size_t>(classes.valid.cols()));
    for (int r = 0; r < true_colour.rows; ++r) {
        classes.fill_row(r * step, row);
        for (int c = 0; c < true_colour.cols; ++c) {
            const auto at =
                (static_cast<std::size_t>(r) * static_cast<std::size_t>(true_colour.cols) +
                 static_cast<std::size_t>(c)) *
                3;
            std::copy_n(true_colour.pixels.begin() + static_cast<std::ptrdiff_t>(at), 3,
                        picture.at(r, c));
            const auto& rgb = colour_of(row[static_cast<std::size_t>(c * step)]);
            std::copy(rgb.begin(), rgb.end(), picture.at(r, true_colour.cols + kGapPx + c));
        }
    }
    return picture;
}

}  // namespace hls::fmask
