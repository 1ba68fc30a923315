// SPDX-License-Identifier: Apache-2.0
// The files of a chip, under names that follow from what they show.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "chip/imagery_table.hpp"
#include "chip/manifest.hpp"
#include "core/view2d.hpp"
#include "io/raster.hpp"

namespace hls::chip {

inline constexpr std::uint8_t kUnlabelled = 0, kNoLabelData = 255;

struct ChipPixels {
    // 0 no data, else reflectance x 10000, at least 1; all bands of the first date first.
    std::vector<Plane<std::uint16_t>> bands;
    Plane<std::uint8_t> mask;                  // 0 unlabelled, else the class
    std::vector<Plane<std::uint8_t>> quality;  // SCL or Fmask of each date
    Plane<std::int32_t> fields;                // 0 none, else 1 + index in field_ids of the record
};

struct ChipFormat {
    io::Compression compression = io::Compression::zstd;
    bool flat = false;  // no folder level of two digits
    bool fields = false, qa = false;
    const ImageryTable* table = nullptr;
};

// "c5_30TVK_20230712_12345_9a3e6d0c": class, tile, day, parcel, and eight digits of the digest of
// key, scenes and window. A stack has its first and last day, as in 20230420-20230801. Characters
// of the parcel's id other than [A-Za-z0-9._-] become "_".
std::string chip_name(const ChipRecord& record);

// "worker1_task26393_class3_chip0", as the pipeline that this one follows named its chips: `worker`
// is the number given to all of them, the task's number the first twelve digits of its identity,
// and `chip` counts those of the class within the task.
std::string original_chip_name(int worker, std::string_view task_id, int klass, int chip);

// Files below `folder`, image first, under record.chip, or where that is empty under chip_name();
// fills chip, paths and digests of `record`. An existing file is replaced: it would be the same.
// Throws Error{cannot_create, io_error}.
void write_chip(const std::filesystem::path& folder, const ChipPixels& pixels,
                const ChipFormat& format, ChipRecord& record);

}  // namespace hls::chip
