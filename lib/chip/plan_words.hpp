// SPDX-License-Identifier: Apache-2.0
// What people write of a plan, turned into a request, and a plan into lines.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chip/imagery_table.hpp"
#include "chip/plan.hpp"

namespace hls::chip {

struct PlanWords {
    std::string grid = "deg:0.05";
    std::string split = "block:10000 0.7,0.15,0.15";
    std::string catalogue;                            // name or address
    std::vector<std::string> collections;             // empty: those of the catalogue
    std::vector<double> bounds;                       // west, south, east, north, or empty
    std::vector<std::string> probabilities, targets;  // "3=0.5", "3=5000"
    std::optional<double> max_iou;                    // without: 1, or 0.5 for an exact plan
    std::string series_from, series_to;               // both or none
};

// Throws Error{usage} for words that make no sense.
void apply_words(const PlanWords& words, const ImageryTable& table, PlanRequest& request);

// The summary first, then the tasks.
std::vector<std::string> plan_lines(const Plan& plan);

}  // namespace hls::chip
