// SPDX-License-Identifier: Apache-2.0
// What should be there and is not, each with its reason.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "joblog/intake.hpp"
#include "joblog/selection.hpp"

namespace hls::joblog {

struct Gap {
    std::string unit, state, reason;
    std::string blocked_by;  // the unit at fault, if it is another one
};

// One line each: for people, and as a JSON object.
std::string gap_text(const Gap& gap);
std::string gap_json(const Gap& gap);

struct AuditCount {
    int expected = 0;
    int gaps = 0;
};

// Units of the selection that are neither done nor skipped (nor superseded). With `check_files`,
// done ones whose output is gone from this machine as well.
AuditCount audit_units(store::Connection& connection, const Selection& selection, bool check_files,
                       const std::function<void(const Gap&)>& body);

// Products that these granules of a catalogue should have become, and did not; also those that the
// log never heard of.
AuditCount audit_granules(store::Connection& connection, const std::vector<Granule>& granules,
                          const PlanRules& rules, const std::function<void(const Gap&)>& body);

}  // namespace hls::joblog
