// SPDX-License-Identifier: Apache-2.0
// What a data set holds, in numbers: balance, skies, dates, places, and the statistics of its
// bands.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "chip/manifest.hpp"

namespace hls::chip {

// Of the pixels of one band, of all dates, that are not 0. Exact: from counts of every value.
struct BandStatistics {
    std::string band;
    std::int64_t pixels = 0;
    double mean = 0, deviation = 0;  // digital numbers
    int lowest = 0, p2 = 0, median = 0, p98 = 0, highest = 0;
};

struct ClassBalance {
    std::int64_t chips = 0, label_px = 0;
};

inline constexpr int kReportBins = 10;
using Histogram = std::array<std::int64_t, kReportBins>;  // of [0, 1], the last bin closed

struct DataSetReport {
    std::int64_t chips = 0;
    std::map<std::string, std::int64_t> tasks, rejected;         // by status, by reason
    std::map<std::string, std::map<int, ClassBalance>> balance;  // by split and class
    std::map<std::string, std::vector<int>> absent;              // classes that a split lacks
    std::map<std::string, std::vector<BandStatistics>> bands;    // by split, and "all"
    // Chips of each; a stack counts for every date.
    std::map<std::string, std::int64_t> tiles, months, scenes, collections;
    std::map<int, std::int64_t> dates;  // stacks by the dates that they have
    Histogram valid{}, label{};         // chips by share of valid and of labelled pixels
    Histogram scene_cloud{};            // chips by cloud cover of their scene
    std::int64_t contested_px = 0, clamped_px = 0, pixels = 0;
};

// `progress` is called with shares of 1 from one thread at a time. Throws Error{missing_input}
// without parts, and what RasterReader throws for a chip that cannot be read.
DataSetReport make_report(const std::filesystem::path& folder, int threads,
                          const std::function<void(double)>& progress);

std::string report_json(const DataSetReport& report);
std::string report_text(const DataSetReport& report);  // Markdown
// A page of its own, but for contact.png and map.png beside it.
std::string report_html(const DataSetReport& report);

}  // namespace hls::chip
