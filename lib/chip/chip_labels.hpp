// SPDX-License-Identifier: Apache-2.0
// What lies under a chip besides imagery: classes, parcels, its set of the split.
#pragma once

#include <string>
#include <vector>

#include "chip/chip_files.hpp"
#include "chip/manifest.hpp"
#include "chip/split.hpp"
#include "chip/task_parcels.hpp"
#include "chip/window.hpp"

namespace hls::chip {

// Fills the mask of `pixels`, and label_px and overlap_px of the record.
void label_chip(const ChipWindow& window, const LabelPatch& labels, ChipPixels& pixels,
                ChipRecord& record);

// Fills `fields` of the pixels and field_ids of the record: parcels count in the order of their
// keys. `labels` was burnt with fields from `polygons`.
void name_fields(const ChipWindow& window, const LabelPatch& labels,
                 const std::vector<LabelPolygon>& polygons, ChipPixels& pixels, ChipRecord& record);

// That of the record's point, or "buffer" where a corner of the window lies in a block of another
// set: no pixel may be in two of them.
std::string split_of_chip(const ChipRecord& record, const TileFrame& frame, const SplitRule& rule,
                          std::uint64_t seed);

}  // namespace hls::chip
