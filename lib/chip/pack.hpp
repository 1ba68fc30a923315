// SPDX-License-Identifier: Apache-2.0
// A data set made ready to travel: tar shards in the manner of WebDataset, and its description as a
// STAC collection and as Croissant JSON-LD.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "chip/manifest.hpp"

namespace hls::chip {

struct PackRequest {
    std::filesystem::path folder;              // of the data set
    std::filesystem::path output;              // an empty folder that will be renamed
    std::uint64_t shard_bytes = 512ULL << 20;  // a shard ends before it would grow beyond
    std::string name = "hls-chips", license = "CC-BY-SA-4.0";
};

struct PackedShard {
    std::string file, split, sha256;
    std::int64_t chips = 0;
    std::uint64_t bytes = 0;
};

// shards/<split>-<number>.tar with <chip>.image.tif, <chip>.mask.tif, <chip>.json, further rasters
// of the chip beside them, in the order of a hash of their names, which is as good as shuffled;
// index.jsonl, a shard a line; plan.json and classes.csv. Throws Error{missing_input, bad_input}
// for files that are not there or not those of the record.
std::vector<PackedShard> pack_shards(const PackRequest& request,
                                     const std::vector<ChipRecord>& chips,
                                     const std::function<void(double)>& progress);

// stac/collection.json and stac/items/<two digits>/<chip>.json, whose assets lead by relative paths
// to the files in the data set's folder as it will lie beside `final_output`.
void write_stac(const PackRequest& request, const std::filesystem::path& final_output,
                const std::vector<ChipRecord>& chips);

// croissant.json (version 1.0): every shard a file with its digest, the chips a record set.
void write_croissant(const PackRequest& request, const std::vector<ChipRecord>& chips,
                     const std::vector<PackedShard>& shards);

}  // namespace hls::chip
