// SPDX-License-Identifier: Apache-2.0
// Which files could fill each slot of a store, which one does, and where the slot lies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/collection.hpp"
#include "zarr/state_folder.hpp"

namespace hls::zarr {

// A file that could fill one variable of one slot. Candidates are kept when another file wins, so
// that the runner-up comes back when the winner goes, without anybody having to remember it.
struct Candidate {
    std::string slot;
    std::string variable;
    std::string key;
    std::int64_t record = 0;  // index along the files' own time dimension
    std::string location;     // where to read it
    std::string etag;         // of the content that was looked at
    std::string sequencer;
    pattern::Captures captures;
    UtcTime time;
    std::optional<UtcTime> production;
    UtcTime modified;
};

// True if `a` goes before `b` by the rules of the collection, in their order: the later production
// time, sequencer or modification, the greater key or group. One that has a production time beats
// one that has none. The key decides at last, so that the answer never depends on arrival.
bool beats(const Candidate& a, const Candidate& b, const std::vector<std::string>& rules);

struct Held {
    std::string key;
    std::string etag;
    std::int64_t record = 0;
    UtcTime time;
};

// Plain access to the tables; transactions are the caller's.
class SlotTable {
 public:
    explicit SlotTable(StateFolder& state) : db_(state.db()) {}

    std::vector<Candidate> candidates_of_key(std::string_view key);
    std::vector<Candidate> candidates_of_slot(std::string_view slot, std::string_view variable);
    void put(const Candidate& candidate);
    void drop(const Candidate& candidate);

    std::optional<Held> held(std::string_view slot, std::string_view variable);
    void hold(const Candidate& winner);
    void clear(std::string_view slot, std::string_view variable);
    struct HeldTime {
        std::string slot;
        std::string variable;
        UtcTime time;
    };
    // What is held of slots from `first` to `last`, both included.
    std::vector<HeldTime> held_times(std::string_view first, std::string_view last);

    struct AxisRow {
        std::string slot;
        std::uint64_t row = 0;
        UtcTime time;
    };
    std::optional<AxisRow> row_of(std::string_view slot);
    // In the order of the rows, [first, end).
    std::vector<AxisRow> rows(std::uint64_t first, std::uint64_t end);
    std::uint64_t length();  // one more than the last row
    // First row of a slot that sorts behind `slot`; length() if there is none.
    std::uint64_t first_row_behind(std::string_view slot);
    void put_row(const AxisRow& row);

    // Keys of all candidates, for reconcile; sorted.
    std::vector<std::string> keys();

    std::string sequencer_of(std::string_view key);
    void note_sequencer(std::string_view key, std::string_view sequencer);

 private:
    std::vector<Candidate> candidates(std::string_view where, std::string_view first,
                                      std::string_view second);

    store::Connection& db_;
};

}  // namespace hls::zarr
