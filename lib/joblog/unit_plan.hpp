// SPDX-License-Identifier: Apache-2.0
// Which units of work a granule asks for, and what each of them needs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "geo/overlap.hpp"
#include "joblog/granule.hpp"

namespace hls::joblog {

enum class Gate {
    need,    // must be done first
    member,  // used if it is done; all members must be settled first, or the deadline be over
};

struct PlannedNeed {
    std::string key;
    Gate gate = Gate::need;
    std::optional<double> weight{};  // percent of the tile that a member covers
};

struct PlannedUnit {
    std::string key;
    std::string stage;
    std::string sensor{}, tile{}, acq_date{};
    int path = 0, row = 0;
    std::vector<PlannedNeed> needs{};
};

struct PlanRules {
    bool fetch = false, mask = false, ancillary = false;  // units before correction
    bool deliver = false;                                 // and after the product
    bool join_midnight = false;
    const geo::TileList* tiles = &geo::TileList::land();
};

// Overlaps of scenes and tiles, computed once each.
class Overlaps {
 public:
    explicit Overlaps(const geo::TileList& tiles) : tiles_(&tiles) {}
    const std::vector<geo::TileCover>& tiles_of(geo::PathRow scene);
    // Day rows of one path that cover part of the tile, from north to south in the descending half
    // of the orbit.
    const std::vector<geo::SceneCover>& rows_of(const geo::MgrsTile& tile, int path);

 private:
    const geo::TileList* tiles_;
    std::map<geo::PathRow, std::vector<geo::TileCover>> tiles_of_;
    std::map<std::pair<geo::MgrsTile, int>, std::vector<geo::SceneCover>> rows_of_;
};

// The ac unit of a granule with the units before it.
std::vector<PlannedUnit> plan_correction(const Granule& granule, const PlanRules& rules);

// The products made of it. Landsat: one tile unit for each tile that the nominal scene touches,
// with all rows of the pass as members, whether they come or not. Sentinel-2: the s30 unit of its
// tile and sensing time, with this granule as member.
std::vector<PlannedUnit> plan_products(const Granule& granule, const PlanRules& rules,
                                       Overlaps& overlaps);

}  // namespace hls::joblog
