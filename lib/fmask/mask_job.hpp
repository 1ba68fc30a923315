// SPDX-License-Identifier: Apache-2.0
// One granule from Level-1 to a class raster on disk: what to do, and what was done.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fmask/classify.hpp"
#include "fmask/granule_options.hpp"
#include "fmask/profile.hpp"

namespace hls::fmask {

// Choices that replace those of the profile.
struct RuleOverrides {
    std::optional<std::pair<int, int>> buffers;  // cloud, shadow; pixels
    std::optional<double> probability_offset;
    std::optional<double> water_threshold;
    std::optional<ShadowDepth> depth;
    std::optional<MatchRule> match;
};

struct MaskJob {
    std::string granule;  // Landsat 8/9 or Sentinel-2
    GranuleOptions options;
    std::filesystem::path output;
    std::string profile = "hls";
    RuleOverrides rules;
    std::string elevation;              // raster, m; empty: not known
    std::string water_occurrence;       // raster, percent; empty: not known
    std::filesystem::path statistics;   // read if it is there, else written; empty: neither
    std::filesystem::path browse;       // PNG, true colour beside the mask; empty: none
    std::filesystem::path probability;  // raster; empty: none
    std::filesystem::path height;       // raster; empty: none
    std::string software = "hls-fmask";
    int threads = 1;
    int strip_rows = 0;  // 0: as the files are cut. Results do not depend on it.
};

// Where to write the rasters of a job, by their final names, so that the caller can have them
// appear when they are complete.
using MaskFiles = std::function<std::filesystem::path(const std::filesystem::path&)>;

struct StageTiming {
    std::string stage;
    double wall_s = 0;
};

// What is known from metadata and file names alone.
struct MaskPlan {
    std::string product_id;
    std::vector<std::string> inputs;
    std::vector<std::filesystem::path> outputs;
    bool statistics_given = false;
};

struct MaskReport {
    MaskPlan plan;
    Profile profile;
    SceneStatistics statistics;
    // Where angles came from, what is missing: said in the tags of the mask too.
    std::vector<std::pair<std::string, std::string>> notes;
    std::array<std::int64_t, 5> pixels{};  // by class, land to cloud
    std::int64_t valid_pixels = 0;
    std::int64_t unbuffered_cloud_pixels = 0;
    std::int64_t tested_water_pixels = 0;  // water by the tests, whatever hides it
    ObjectCounts objects;
    io::Picture picture;  // true colour beside the mask, if job.browse asks for it
    std::vector<StageTiming> timings;

    // Percent of valid pixels. Version 4 counts all that is not cloud, version 5 land and water.
    double clear_v4() const;
    double clear_v5() const;
};

// Throws Error as make_mask for what can be told without reading pixels.
MaskPlan plan_mask(const MaskJob& job);

// Makes the mask and the other rasters that are asked for; the mask comes last. Picture and
// statistics are the caller's to write. `progress` hears 0..1. Throws Error: usage, low_sun, empty
// (no valid pixel), not_accepted, bad_input (corrupt or incomplete granule, statistics of something
// else, an elevation of another place), missing_input, cannot_create, io_error, or 128 + signal
// when cancelled.
MaskReport make_mask(const MaskJob& job, const MaskFiles& files,
                     const std::function<void(double)>& progress = {});

}  // namespace hls::fmask
