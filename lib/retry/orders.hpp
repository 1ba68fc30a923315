// SPDX-License-Identifier: Apache-2.0
// What an operator tells the log: again, stop, go on.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "joblog/selection.hpp"

namespace hls::retry {

enum class Order {
    request,  // make it now, before everything else, whatever its state
    redrive,  // try again what failed or is done, with fresh budgets
    hold,     // keep it from running
    release,  // let what is held go on
    cancel,   // never do it
};

struct OrderOptions {
    std::string note;        // why: kept in the trail
    std::string from_stage;  // request: make this and everything after it again
    int priority = -1;       // request: 10 unless said
};

struct OrderedUnit {
    std::string unit, from, to;
};

// Moves all units the order makes sense for; others are left out, as is one that is running (for
// cancel and hold, its worker is told at its next heartbeat). Calls `body` for each.
int give_order(joblog::Change& change, Order order, const std::vector<joblog::Unit>& units,
               const OrderOptions& options, const std::function<void(const OrderedUnit&)>& body);

// The units before these, back to `from_stage`, in order of the data flow, and these.
std::vector<joblog::Unit> with_earlier_stages(store::Connection& connection,
                                              const std::vector<joblog::Unit>& units,
                                              std::string_view from_stage);

}  // namespace hls::retry
