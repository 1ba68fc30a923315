// SPDX-License-Identifier: Apache-2.0
#include "chip/report_pictures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string_view>

#include "chip/chip_colors.hpp"
#include "chip/draw.hpp"
#include "io/raster.hpp"

namespace hls::chip {
namespace {

constexpr int kThumb = 128, kGap = 6, kLabel = 44, kPerRow = 6;
constexpr Rgb kPaper{245, 245, 245}, kInk{40, 40, 40};

// Digits of 3 x 5 pixels, a row in three bits from the top.
constexpr std::array<std::array<std::uint8_t, 5>, 10> kDigits{{{7, 5, 5, 5, 7},
                                                               {2, 6, 2, 2, 7},
                                                               {7, 1, 7, 4, 7},
                                                               {7, 1, 7, 1, 7},
                                                               {5, 5, 7, 1, 1},
                                                               {7, 4, 7, 1, 7},
                                                               {7, 4, 7, 5, 7},
                                                               {7, 1, 2, 2, 2},
                                                               {7, 5, 7, 5, 7},
                                                               {7, 5, 7, 1, 7}}};

void fill(io::Picture& picture, int top, int left, int rows, int cols, const Rgb& color) {
    for (int r = std::max(top, 0); r < std::min(top + rows, picture.rows); ++r)
        for (int c = std::max(left, 0); c < std::min(left + cols, picture.cols); ++c)
            std::ranges::copy(color, picture.at(r, c));
}

void draw_number(io::Picture& picture, int top, int left, int number) {
    constexpr int kScale = 3;
    for (const char digit : std::to_string(number)) {
        const auto& rows = kDigits[static_cast<std::size_t>(digit - '0')];
        for (int r = 0; r < 5; ++r)
            for (int c = 0; c < 3; ++c)
                if ((rows[static_cast<std::size_t>(r)] >> (2 - c) & 1) != 0)
                    fill(picture, top + r * kScale, left + c * kScale, kScale, kScale, kInk);
        left += 4 * kScale;
    }
}

io::Stretch stretch_of(const DataSetReport& report, const std::string& band) {
    const auto all = report.bands.find("all");
    if (all == report.bands.end()) return {};
    const auto found = std::ranges::find(all->second, band, &BandStatistics::band);
    if (found == all->second.end() || found->p98 <= found->p2) return {0, 10000};
    return {static_cast<double>(found->p2), static_cast<double>(found->p98)};
}

struct Thumb {
    int top = 0, left = 0;
};

// Means of square cells: small pictures of large chips do not flicker.
void draw_band(const io::RasterReader& reader, const io::Stretch& stretch, int channel,
               const Thumb& at, io::Picture& picture) {
    const auto band = reader.read<std::uint16_t>();
    for (int r = 0; r < kThumb; ++r)
        for (int c = 0; c < kThumb; ++c) {
            const int top = r * band.rows() / kThumb, left = c * band.cols() / kThumb;
            const int bottom = std::max(top + 1, (r + 1) * band.rows() / kThumb);
            const int right = std::max(left + 1, (c + 1) * band.cols() / kThumb);
            double sum = 0;
            for (int y = top; y < bottom; ++y)
                for (int x = left; x < right; ++x) sum += band(y, x);
            picture.at(at.top + r, at.left + c)[channel] =
                stretch(sum / ((bottom - top) * (right - left)));
        }
}

void draw_borders(const std::string& mask_file, const Thumb& at, io::Picture& picture) {
    const auto mask = io::RasterReader(mask_file).read<std::uint8_t>();
    const auto label = [&](int r, int c) {
        return mask(std::min(r * mask.rows() / kThumb, mask.rows() - 1),
                    std::min(c * mask.cols() / kThumb, mask.cols() - 1));
    };
    for (int r = 0; r + 1 < kThumb; ++r)
        for (int c = 0; c + 1 < kThumb; ++c)
            if (label(r, c) != label(r + 1, c) || label(r, c) != label(r, c + 1))
                std::ranges::copy(Rgb{255, 255, 255}, picture.at(at.top + r, at.left + c));
}

void draw_chip(const std::filesystem::path& folder, const ChipRecord& chip,
               const DataSetReport& report, const Thumb& at, io::Picture& picture) {
    constexpr std::array<std::string_view, 3> kChannels{"red", "green", "blue"};
    const std::string image = (folder / chip.image).string();
    // Of a stack the clearest date.
    const auto date = std::ranges::max_element(chip.dates, {}, &ChipDate::valid_fraction);
    const auto before =
        static_cast<int>(date - chip.dates.begin()) * static_cast<int>(chip.bands.size());
    for (std::size_t b = 0; b < chip.bands.size(); ++b) {
        const auto channel = std::ranges::find(kChannels, chip.bands[b]);
        if (channel == kChannels.end()) continue;
        draw_band(io::RasterReader(image, before + static_cast<int>(b) + 1),
                  stretch_of(report, chip.bands[b]), static_cast<int>(channel - kChannels.begin()),
                  at, picture);
    }
    draw_borders((folder / chip.mask).string(), at, picture);
}

Rgb split_color(const std::string& split) {
    if (split == "train") return {64, 112, 208};
    if (split == "val") return {240, 144, 32};
    if (split == "test") return {48, 160, 72};
    return {150, 150, 150};
}

}  // namespace

io::Picture contact_sheet(const std::filesystem::path& folder, const std::vector<ChipRecord>& chips,
                          const DataSetReport& report, int per_class) {
    std::map<int, std::vector<const ChipRecord*>> classes;
    for (const ChipRecord& chip : chips) classes[chip.klass].push_back(&chip);
    int rows = 0;
    for (auto& [klass, members] : classes) {
        std::ranges::sort(members, {},
                          [](const ChipRecord* c) { return std::pair(draw(0, c->chip), c->chip); });
        if (members.size() > static_cast<std::size_t>(per_class))
            members.resize(static_cast<std::size_t>(per_class));
        rows += (static_cast<int>(members.size()) + kPerRow - 1) / kPerRow;
    }
    const int step = kThumb + kGap;
    io::Picture sheet(std::max(rows, 1) * step + kGap, kLabel + kPerRow * step + kGap, 3);
    fill(sheet, 0, 0, sheet.rows, sheet.cols, kPaper);
    int top = kGap;
    for (const auto& [klass, members] : classes) {
        fill(sheet, top, kGap, 16, kLabel - 2 * kGap, class_color(klass));
        draw_number(sheet, top + 22, kGap, klass);
        for (std::size_t i = 0; i < members.size(); ++i) {
            const int col = static_cast<int>(i) % kPerRow, row = static_cast<int>(i) / kPerRow;
            draw_chip(folder, *members[i], report, {top + row * step, kLabel + kGap + col * step},
                      sheet);
        }
        top += step * ((static_cast<int>(members.size()) + kPerRow - 1) / kPerRow);
    }
    return sheet;
}

io::Picture chip_map(const std::vector<ChipRecord>& chips, int side_px) {
    constexpr int kMark = 5, kMargin = 12;
    io::Picture map(side_px, 2 * side_px, 3);
    fill(map, 0, 0, map.rows, map.cols, kPaper);
    fill(map, 0, side_px, side_px, 1, kInk);
    if (chips.empty()) return map;
    double west = 180, east = -180, south = 90, north = -90;
    for (const ChipRecord& chip : chips) {
        west = std::min(west, chip.point.lon_deg);
        east = std::max(east, chip.point.lon_deg);
        south = std::min(south, chip.point.lat_deg);
        north = std::max(north, chip.point.lat_deg);
    }
    const double narrow = std::cos((south + north) / 2 * std::numbers::pi / 180);
    const double extent = std::max({(east - west) * narrow, north - south, 1e-6});
    const double scale = (side_px - 2 * kMargin - kMark) / extent;
    std::vector<const ChipRecord*> ordered;
    for (const ChipRecord& chip : chips) ordered.push_back(&chip);
    std::ranges::sort(ordered, {}, &ChipRecord::chip);
    for (const ChipRecord* chip : ordered) {
        const int left = kMargin + static_cast<int>((chip->point.lon_deg - west) * narrow * scale);
        const int top = kMargin + static_cast<int>((north - chip->point.lat_deg) * scale);
        fill(map, top, left, kMark, kMark, class_color(chip->klass));
        fill(map, top, side_px + left, kMark, kMark, split_color(chip->split));
    }
    return map;
}

}  // namespace hls::chip
