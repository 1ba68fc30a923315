// SPDX-License-Identifier: Apache-2.0
// From a layer of parcels to tasks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chip/class_map.hpp"
#include "chip/task.hpp"
#include "geo/region.hpp"

namespace hls::chip {

struct PlanRequest {
    io::PolygonLayerOptions parcels;
    ClassMap class_map;
    bool climb_class_map = false;
    CellGrid grid;
    std::optional<geo::Bounds> bounds;  // of the parcels' points
    int min_polygons = 5;               // of a class map's classes in a cell, else it is dropped
    double min_area_m2 = 2500;
    int year = 0;
    std::string season_table;  // text; source for messages
    std::string season_source;
    std::map<int, double> probabilities;  // classes not named are not sampled
    std::map<int, std::int64_t> targets;
    bool exact = false;  // takes as many as the targets say, plus a reserve for clouds
    double max_iou = 1;  // 1: windows may overlap
    std::uint64_t seed = 42;
    SplitRule split;
    ImageryRequest imagery;           // without seasons and series
    int dates = 1;                    // of a chip; more make a stack
    std::optional<int> least_dates;   // of a stack; without: all
    std::optional<DateRange> series;  // of a stack; without: that of the seasons
    ChipShape shape;
    double min_valid = 0.9;
};

// Chips beyond the target that an exact plan lists, for those that clouds will take.
inline constexpr double kReserve = 1.15;

struct PlanSummary {
    std::string plan_id;
    std::int64_t features = 0, repaired = 0, no_centroid = 0;
    std::map<std::string, std::int64_t> left_out;    // reason -> features
    std::map<std::string, std::int64_t> unmapped;    // code -> features
    std::map<int, std::int64_t> candidates, chosen;  // per class; chosen: expected where sampled
    std::int64_t cells_dropped = 0, parcels_in_dropped_cells = 0;
    std::map<int, std::int64_t> short_of_target;  // exact plans: chips that cannot be had
};

struct Plan {
    PlanSummary summary;
    std::vector<Task> tasks;  // by tile, row and column of the cell
};

// Reads the layer once. Throws what PolygonLayer throws, Error{usage} for probabilities, targets
// and bounds that make no sense, and Error{empty} if no task is left.
Plan make_plan(const PlanRequest& request, const std::function<void(double)>& progress);

// Digest of a layer: SHA-256 over the sorted digests of (id, code, geometry), so that neither the
// order of features nor the way the file is packed matters.
class LayerDigest {
 public:
    void add(const io::PolygonFeature& feature);
    std::string hex();

 private:
    std::vector<std::string> lines_;
};

// Why a feature gets no chip, for people: "small", "edge", ...
std::string_view unfit_name(Unfit why);

}  // namespace hls::chip
