// SPDX-License-Identifier: Apache-2.0
// Everything the log knows of a unit: why it is where it is.
#pragma once

#include <string>

#include "joblog/unit.hpp"

namespace hls::joblog {

// For people: the unit, what it needs, what is made of it, its products upstream, attempts, moves
// and deliveries, some lines each.
std::string history_text(store::Connection& connection, const Unit& unit);
// The same as one line of JSON.
std::string history_json(store::Connection& connection, const Unit& unit);

// One line of JSON with the unit's state, for lists.
std::string unit_json(const Unit& unit);

}  // namespace hls::joblog
