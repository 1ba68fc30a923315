// SPDX-License-Identifier: Apache-2.0
#include "chip/chip_labels.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace hls::chip {
namespace {

// Calls body(row of the chip, row and first column of the patch).
template <typename Body>
void for_each_row(const ChipWindow& window, const LabelPatch& labels, int size, Body body) {
    for (int r = 0; r < size; ++r)
        body(r, window.row - labels.box.row + r, window.col - labels.box.col);
}

}  // namespace

void label_chip(const ChipWindow& window, const LabelPatch& labels, ChipPixels& pixels,
                ChipRecord& record) {
    const int size = record.size_px;
    pixels.mask = Plane<std::uint8_t>(size, size);
    std::array<std::int64_t, 256> counts{};
    for_each_row(window, labels, size, [&](int r, int row, int col) {
        const auto classes = labels.classes.row(row).subspan(static_cast<std::size_t>(col),
                                                             static_cast<std::size_t>(size));
        std::ranges::copy(classes, pixels.mask.row(r).begin());
        for (const std::uint8_t klass : classes) ++counts[klass];
        for (int c = 0; c < size; ++c) record.overlap_px += labels.contested(row, col + c);
    });
    for (std::size_t klass = 0; klass < counts.size(); ++klass)
        if (counts[klass] > 0) record.label_px[static_cast<int>(klass)] = counts[klass];
}

void name_fields(const ChipWindow& window, const LabelPatch& labels,
                 const std::vector<LabelPolygon>& polygons, ChipPixels& pixels,
                 ChipRecord& record) {
    const int size = record.size_px;
    pixels.fields = Plane<std::int32_t>(size, size);
    std::map<std::string, std::vector<std::int32_t>> numbers;  // of polygons, by key of the parcel
    std::map<std::int32_t, std::int32_t> ranks;                // by number of the polygon
    for_each_row(window, labels, size, [&](int, int row, int col) {
        for (int c = 0; c < size; ++c)
            if (const auto number = labels.fields(row, col + c); number != 0) ranks[number] = 0;
    });
    for (const auto& [number, rank] : ranks)
        numbers[polygons[static_cast<std::size_t>(number - 1)].key].push_back(number);
    for (const auto& [key, members] : numbers) {
        record.field_ids.push_back(key.substr(key.find('\x1f') + 1));
        for (const std::int32_t number : members)
            ranks[number] = static_cast<std::int32_t>(record.field_ids.size());
    }
    for_each_row(window, labels, size, [&](int r, int row, int col) {
        for (int c = 0; c < size; ++c)
            if (const auto number = labels.fields(row, col + c); number != 0)
                pixels.fields(r, c) = ranks.at(number);
    });
}

std::string split_of_chip(const ChipRecord& record, const TileFrame& frame, const SplitRule& rule,
                          std::uint64_t seed) {
    const std::string own(split_of(record.point, rule, seed));
    const double side = record.pixel_m * record.size_px;
    for (const double x : {0., side})
        for (const double y : {0., side}) {
            const auto corner = frame.utm.inverse({record.ulx_m + x, record.uly_m - y});
            if (split_of(corner, rule, seed) != own) return "buffer";
        }
    return own;
}

}  // namespace hls::chip
