// SPDX-License-Identifier: Apache-2.0
// A data set to look at: samples of every class, and where its chips lie.
#pragma once

#include <filesystem>
#include <vector>

#include "chip/manifest.hpp"
#include "chip/report.hpp"
#include "io/browse.hpp"

namespace hls::chip {

// Up to `per_class` chips of each class, chosen by a hash of their names, a row or more for each
// class with its colour and number in front. Red, green and blue are stretched between the 2 % and
// 98 % quantiles of the whole set; borders of labels are drawn in white.
io::Picture contact_sheet(const std::filesystem::path& folder, const std::vector<ChipRecord>& chips,
                          const DataSetReport& report, int per_class = 12);

// A square for each chip at its place on the globe, coloured by class on the left and by split on
// the right; north is up, and a degree of longitude as long as it is at the middle latitude.
io::Picture chip_map(const std::vector<ChipRecord>& chips, int side_px = 480);

}  // namespace hls::chip
