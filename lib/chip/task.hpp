// SPDX-License-Identifier: Apache-2.0
// A task: everything that decides the pixels of the chips of one cell, as one line of JSON. It
// holds no geometry; the worker reads the parcels itself (hls-formats(5)).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chip/parcel.hpp"
#include "chip/season.hpp"
#include "chip/series.hpp"
#include "chip/split.hpp"

namespace hls::chip {

inline constexpr std::size_t kMaxTaskBytes = 1 << 20;

struct ParcelSource {
    std::string path, layer, digest;
    std::string id_column, code_column, name_column, where, assume_crs;
};

struct ImageryRequest {
    std::string catalogue;  // address; empty: a folder of items is named to the worker
    std::vector<std::string> collections;
    std::string profile = "s2-10";
    double cloud_max = 20;
    std::vector<SeasonWindow> seasons;
    std::optional<Series> series;  // of stacks; then the seasons say nothing of the scenes

    int dates() const { return series ? series->dates : 1; }
};

struct Task {
    std::string plan_id, task_id;
    int attempt = 1;
    ParcelSource parcels;
    std::string class_map_digest;
    bool climb_class_map = false;
    CellGrid grid;
    CellKey cell;
    double west_deg = 0, south_deg = 0, east_deg = 0, north_deg = 0;  // of the parcels' points
    SplitRule split;
    int year = 0;
    std::uint64_t seed = 42;
    double min_area_m2 = 2500;
    std::map<int, std::int64_t> class_distribution;  // candidates of the cell
    std::map<int, double> expected;                  // chips, before clouds
    std::map<int, double> sampling_probs;            // keep where u < p
    std::map<int, std::int64_t> target_samples;
    std::optional<std::vector<std::string>> selected;  // ids; replaces the sampling
    ImageryRequest imagery;
    ChipShape shape;
    double min_valid = 0.9;

    ParcelRules rules() const;
};

// "t-" and 16 hexadecimal digits of all that changes the result: not of paths, attempt or plan.
std::string task_identity(const Task& task);

std::string format_task(const Task& task);
// Throws Error{bad_input} that says what is wrong; unknown members are ignored, another major
// version of the schema and members given twice are refused.
Task parse_task(std::string_view line);

}  // namespace hls::chip
