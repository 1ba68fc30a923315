// SPDX-License-Identifier: Apache-2.0
// From granules to rows: products, the units they ask for, and what those need.
#pragma once

#include <string>

#include "joblog/unit.hpp"
#include "joblog/unit_plan.hpp"

namespace hls::joblog {

struct IntakeRules {
    PlanRules plan;
    std::string track = "forward";  // forward, historic, request, test
    int priority = 50;              // lower is sooner
};

struct IntakeCount {
    int granules = 0;
    int known = 0;  // of these, nothing new was said
    int units = 0;  // made
};

// Adds granules within one transaction. The order of events does not matter, and neither do
// duplicates: the rows depend only on what was announced.
class Intake {
 public:
    Intake(Change& change, const IntakeRules& rules);

    void add(const Granule& granule);
    const IntakeCount& count() const { return count_; }

 private:
    bool keep_product(const Granule& granule);
    void choose_landsat_input(const Granule& granule);
    void supersede_twins(const Granule& granule);
    void keep_unit(const PlannedUnit& planned);
    void keep_needs(const PlannedUnit& planned);
    void keep_times(const PlannedUnit& planned, const Granule& granule);

    Change& change_;
    const IntakeRules& rules_;
    Overlaps overlaps_;
    IntakeCount count_;
};

// Before a unit that is done is made again: of the editions of its scene the best that is there
// now.
void choose_input_again(Change& change, const Unit& unit);

// Priority of a track unless said otherwise: request 10, forward 50, test 60, historic 80.
int priority_of_track(std::string_view track);

}  // namespace hls::joblog
