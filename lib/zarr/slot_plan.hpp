// SPDX-License-Identifier: Apache-2.0
// The decisions of a batch: candidates as they will be, winners, and the slots that change.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "zarr/file_slots.hpp"
#include "zarr/slot_table.hpp"
#include "zarr/update_batch.hpp"

namespace hls::zarr {

using SlotVariable = std::pair<std::string, std::string>;  // slot, variable

class SlotPlan {
 public:
    SlotPlan(CollectionStore& store, std::vector<WorkItem> items);

    // Slots that the items may touch, from their keys, their files and what is known of them.
    // To be called first, and without locks.
    void find_slots();
    const std::set<SlotVariable>& touched() const { return touched_; }

    // Decides, from the objects as they are now. The owners of touched() must be locked. Throws
    // Error{temporary} if an object belongs elsewhere by now.
    void decide();

    struct Change {
        Candidate winner;    // its key is empty if the slot becomes blank
        bool known = false;  // the slot has a row already
    };
    const std::map<SlotVariable, Change>& changes() const { return changes_; }

    // Both to be called inside the transaction that commits: what the decisions change, and the
    // events that are done by it.
    void write(SlotTable& table) const;
    void finish(EventQueue& queue) const;
    // Throws Error{temporary} if a file that was read has changed since.
    void require_unchanged_files() const;

    // The winner of a slot after this plan, or nullptr if the plan does not change it.
    const Change* change_of(const std::string& slot, const std::string& variable) const;
    std::vector<ItemResult> results() const;

 private:
    struct Item {
        WorkItem work;
        std::optional<KeyMatch> match;
        std::vector<Candidate> prior;
        std::vector<Candidate> now;
        std::optional<ObjectState> state;
        bool looked = false;
        ItemResult result;
    };
    using Candidates = std::map<std::string, Candidate>;  // by key

    std::string location_of(const std::string& key);
    void find_slots_of(Item& item);
    // Fetches the objects that decide() will open, side by side; what goes wrong is left to it.
    void fetch_ahead() const;
    void decide_item(Item& item);
    void take_item(Item& item);
    std::vector<Candidate> candidates_in(Item& item, Source& file) const;
    void require_not_late(const Item& item);
    void require_intent(const Item& item);
    Candidates& candidates_of(const SlotVariable& place);
    void choose(const SlotVariable& place);
    bool still_true(Candidate& candidate);
    void require_unmoved(const Item& item) const;
    void finish_results();

    CollectionStore& store_;
    SlotTable table_;
    SourceFiles files_;
    std::vector<Item> items_;
    std::set<SlotVariable> touched_;
    std::map<SlotVariable, Candidates> candidates_;
    std::map<SlotVariable, std::optional<Held>> held_;
    std::map<SlotVariable, Change> changes_;
    std::map<std::string, std::string> etags_;  // location -> of the content that was decided on
    std::vector<Candidate> put_, dropped_;
};

}  // namespace hls::zarr
