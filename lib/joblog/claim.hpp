// SPDX-License-Identifier: Apache-2.0
// Who works on what: claims with a lease, which expire when nobody renews them.
#pragma once

#include <string>
#include <vector>

#include "joblog/unit.hpp"

namespace hls::joblog {

struct ClaimRequest {
    std::vector<std::string> stages;  // empty: all, first stages first
    std::string key;                  // this unit only
    int count = 1;
    seconds lease{7200};
    std::string owner;            // who works on it
    std::string backend = "run";  // run, list, batch
};

// Stages in the order of the data flow.
const std::vector<std::string>& stage_names();
// Throws Error{usage} for a stage that does not exist.
void require_stage(std::string_view stage);

// Units that may run now, in order of priority, newest acquisition first.
std::vector<Unit> due_units(store::Connection& connection, const ClaimRequest& request,
                            UtcTime now);

// Takes units for this owner. Each gets a new run id and the next number of its lease. Leases that
// ran out are taken back and backoffs that are over end first, in the same transaction.
std::vector<Unit> claim_units(Change& change, const ClaimRequest& request);

// Extends the lease; false if the unit is in other hands, or cancelled, by now.
bool renew_lease(Change& change, const Unit& unit, seconds lease);

// Gives back what was claimed and not begun.
void release_claim(Change& change, const Unit& unit);

struct Woken {
    int expired = 0;  // leases
    int retried = 0;  // backoffs that are over
    int closed = 0;   // tiles whose deadline is over
};
// Everything that only time changes.
Woken wake(Change& change);

}  // namespace hls::joblog
