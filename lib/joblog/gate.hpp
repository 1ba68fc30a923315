// SPDX-License-Identifier: Apache-2.0
// When a unit that waits for others may run. Decided in the transaction that settles the last of
// them, so that of two that end at the same instant exactly one opens it.
#pragma once

#include <string>
#include <string_view>

#include "joblog/unit.hpp"

namespace hls::joblog {

// Looks at what the unit needs and moves it among wait, ready and skipped; a finished product whose
// inputs changed becomes ready again. Claimed and retrying units are left to their workers.
//
// All needs must be done; one that was skipped skips the unit. Members (the scenes of a tile, the
// twins of a Sentinel-2 product) must be settled - done, skipped, absent or failed - or the unit's
// deadline be over; members that are not settled but cover less of the tile than
// Settings::tiny_overlap_percent do not count. With no member done the unit is skipped: no_scene.
void settle(Change& change, const Unit& unit);

// Tells all units that need `key` what became of it, and settles them, and so on.
void settle_dependents(Change& change, std::string_view key);

// Looks up what became of everything that the unit needs, and settles it: for needs that were
// added.
void refresh_needs(Change& change, const Unit& unit);

// What the inputs of the unit are at present: the output fingerprints of all members and needs that
// have one, in order of use. One that is being made again counts with what it made before, which
// stays in place until it is replaced. "" for a unit that needs nothing.
std::string input_fingerprint(store::Connection& connection, const Unit& unit);

// The same for many units, with one statement.
class InputFingerprints {
 public:
    explicit InputFingerprints(store::Connection& connection);
    std::string of(const Unit& unit);

 private:
    store::Statement rows_;
};

}  // namespace hls::joblog
