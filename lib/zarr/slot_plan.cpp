// SPDX-License-Identifier: Apache-2.0
#include "zarr/slot_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/log.hpp"

namespace hls::zarr {
namespace {

// Files stay open between being looked at and being read, within reason.
constexpr std::size_t kOpenFiles = 16;

}  // namespace

SlotPlan::SlotPlan(CollectionStore& store, std::vector<WorkItem> items)
    : store_(store), table_(store.state()), files_(store.source()) {
    for (WorkItem& work : items) {
        Item item;
        if (work.location.empty()) work.location = location_of(work.key);
        item.result.key = work.key;
        item.work = std::move(work);
        items_.push_back(std::move(item));
    }
}

// Of a collection without source, a file that was added stays where it was then: in whatever folder
// a process happens to run, it must not take the file for gone.
std::string SlotPlan::location_of(const std::string& key) {
    if (store_.collection().source.empty())
        if (const auto known = table_.candidates_of_key(key); !known.empty())
            return known.front().location;
    return store_.source().location_of(key);
}

void SlotPlan::find_slots_of(Item& item) {
    const Collection& collection = store_.collection();
    item.prior = table_.candidates_of_key(item.work.key);
    for (const Candidate& candidate : item.prior)
        touched_.emplace(candidate.slot, candidate.variable);
    item.match = match_key(collection, item.work.key);
    if (!item.match || item.work.intent == Intent::clear) return;
    std::vector<UtcTime> times;
    if (item.match->time) {
        times.push_back(*item.match->time);
    } else {
        if (!store_.source().head(item.work.location)) return;
        times = record_times(collection, *item.match, files_.open(item.work.location));
    }
    for (std::size_t record = 0; record < times.size(); ++record)
        for (const std::string& variable : item.match->variables)
            touched_.emplace(slot_label(collection, times[record], item.match->captures,
                                        static_cast<std::int64_t>(record)),
                             variable);
}

void SlotPlan::find_slots() {
    for (Item& item : items_) {
        try {
            find_slots_of(item);
        } catch (const Error& error) {
            item.result.outcome = Outcome::rejected;
            item.result.problem = error;
        }
        if (items_.size() > kOpenFiles) files_.close(item.work.location);
    }
}

std::vector<Candidate> SlotPlan::candidates_in(Item& item, Source& file) const {
    const Collection& collection = store_.collection();
    const auto times = record_times(collection, *item.match, file);
    std::vector<Candidate> found;
    for (std::size_t record = 0; record < times.size(); ++record) {
        Candidate candidate;
        candidate.record = static_cast<std::int64_t>(record);
        candidate.slot =
            slot_label(collection, times[record], item.match->captures, candidate.record);
        candidate.key = item.work.key;
        candidate.location = item.work.location;
        candidate.etag = item.state->etag;
        candidate.captures = item.match->captures;
        candidate.time = times[record];
        candidate.production = production_time(collection, *item.match, file);
        candidate.modified = item.state->modified;
        for (const std::string& variable : item.match->variables) {
            candidate.variable = variable;
            const bool twice = std::ranges::any_of(found, [&](const Candidate& other) {
                return other.slot == candidate.slot && other.variable == variable;
            });
            if (twice)
                throw Error{Exit::bad_input,
                            fmt::format("two records of the file belong to one slot, {}",
                                        format_utc(candidate.time, 6)),
                            "let dims." + collection.axis.dimension +
                                ".slot tell them apart, e.g. by \"record\""};
            found.push_back(candidate);
        }
    }
    return found;
}

// Whether the axis still takes rows where the file belongs.
void SlotPlan::require_not_late(const Item& item) {
    const AppendAxis& axis = store_.collection().axis;
    const bool limited = axis.late == LatePolicy::reject || axis.late == LatePolicy::rewrite_tail;
    if (axis.kind == AxisKind::daily || !limited) return;
    const std::uint64_t allowed = axis.late == LatePolicy::reject ? 0 : axis.late_rows;
    for (const Candidate& candidate : item.now) {
        if (table_.row_of(candidate.slot)) continue;
        const std::uint64_t behind = table_.length() - table_.first_row_behind(candidate.slot);
        if (behind > allowed)
            throw Error{Exit::not_accepted,
                        fmt::format("{} comes too late: {} rows are behind it",
                                    format_utc(candidate.time, 6), behind),
                        "see late and late_rows of the configuration"};
    }
}

void SlotPlan::require_intent(const Item& item) {
    require_not_late(item);
    if (item.work.intent != Intent::append) return;
    for (const Candidate& candidate : item.now) {
        const auto held = table_.held(candidate.slot, candidate.variable);
        if (held && (held->key != candidate.key || held->etag != candidate.etag))
            throw Error{Exit::cannot_create,
                        fmt::format("{} of {} is there already, from {}", candidate.variable,
                                    format_utc(candidate.time), held->key),
                        "update replaces it"};
    }
}

// What the object is now. Its new candidates replace all that were known of it.
void SlotPlan::take_item(Item& item) {
    etags_[item.work.location] = item.state->etag;
    const bool same =
        !item.prior.empty() && std::ranges::all_of(item.prior, [&](const Candidate& candidate) {
            return candidate.etag == item.state->etag && candidate.location == item.work.location;
        });
    if (same) {
        item.now = item.prior;
    } else {
        Source& file = files_.open(item.work.location);
        require_fits(store_.collection(), store_.layout(), file, item.match->variables);
        item.now = candidates_in(item, file);
        if (items_.size() > kOpenFiles) files_.close(item.work.location);
    }
    std::string sequencer = table_.sequencer_of(item.work.key);
    if (item.work.queued && compare_sequencers(item.work.queued->sequencer, sequencer) > 0)
        sequencer = item.work.queued->sequencer;
    for (Candidate& candidate : item.now) {
        candidate.sequencer = sequencer;
        if (!touched_.contains({candidate.slot, candidate.variable}))
            throw Error{Exit::temporary, item.work.key + " was replaced while it was looked at"};
    }
    require_intent(item);
}

void SlotPlan::decide_item(Item& item) {
    item.prior = table_.candidates_of_key(item.work.key);
    for (const Candidate& candidate : item.prior)
        if (!touched_.contains({candidate.slot, candidate.variable}))
            throw Error{Exit::temporary, item.work.key + " was taken up by another writer"};
    item.looked = true;
    if (item.match && item.work.intent != Intent::clear)
        item.state = store_.source().head(item.work.location);
    const bool wanted = item.work.intent == Intent::append || item.work.intent == Intent::update;
    if (wanted && !item.match)
        throw Error{Exit::usage,
                    fmt::format("{} matches no pattern of collection {}", item.work.key,
                                store_.collection().name),
                    "its key is its path below source"};
    if (wanted && !item.state)
        throw Error{Exit::missing_input,
                    fmt::format("cannot read {}: no such file", item.work.location)};
    if (item.state) take_item(item);
    for (const Candidate& candidate : item.prior)
        candidates_of({candidate.slot, candidate.variable}).erase(candidate.key);
    for (const Candidate& candidate : item.now)
        candidates_of({candidate.slot, candidate.variable})[candidate.key] = candidate;
    for (const Candidate& candidate : item.prior) dropped_.push_back(candidate);
    for (const Candidate& candidate : item.now) put_.push_back(candidate);
}

SlotPlan::Candidates& SlotPlan::candidates_of(const SlotVariable& place) {
    const auto [entry, added] = candidates_.try_emplace(place);
    if (added) {
        for (Candidate& candidate : table_.candidates_of_slot(place.first, place.second))
            entry->second.emplace(candidate.key, candidate);
        held_[place] = table_.held(place.first, place.second);
    }
    return entry->second;
}

// Whether a candidate that nobody asked about still exists as it was. A changed one is looked at
// again; one that is gone or useless by now is dropped.
bool SlotPlan::still_true(Candidate& candidate) {
    const auto state = store_.source().head(candidate.location);
    if (state && state->etag == candidate.etag) {
        etags_[candidate.location] = state->etag;
        return true;
    }
    dropped_.push_back(candidate);
    if (!state) return false;
    try {
        Item item;
        item.work.key = candidate.key;
        item.work.location = candidate.location;
        item.match = match_key(store_.collection(), candidate.key);
        item.state = state;
        if (!item.match) return false;
        Source& file = files_.open(candidate.location);
        require_fits(store_.collection(), store_.layout(), file, {candidate.variable});
        for (Candidate& found : candidates_in(item, file)) {
            if (found.slot != candidate.slot || found.variable != candidate.variable) continue;
            found.sequencer = candidate.sequencer;
            candidate = found;
            etags_[candidate.location] = state->etag;
            put_.push_back(candidate);
            return true;
        }
    } catch (const Error& error) {
        log_warning("{}: {}", candidate.key, error.message);
    }
    return false;
}

void SlotPlan::choose(const SlotVariable& place) {
    Candidates& candidates = candidates_.at(place);
    const auto& held = held_.at(place);
    Change change;
    change.known = table_.row_of(place.first).has_value();
    while (!candidates.empty()) {
        auto best = candidates.begin();
        for (auto other = candidates.begin(); other != candidates.end(); ++other)
            if (beats(other->second, best->second, store_.collection().slot_winner)) best = other;
        const bool looked = std::ranges::any_of(items_, [&](const Item& item) {
            return item.looked && item.result.outcome != Outcome::rejected &&
                   item.work.key == best->first;
        });
        const bool stays = held && held->key == best->first && held->etag == best->second.etag;
        if (looked || stays || still_true(best->second)) {
            change.winner = best->second;
            break;
        }
        candidates.erase(best);
    }
    const Candidate& winner = change.winner;
    const bool same =
        held ? held->key == winner.key && held->etag == winner.etag && held->record == winner.record
             : winner.key.empty();
    if (!same) changes_[place] = std::move(change);
}

// Throws Error{temporary} if the object is no longer what it was looked at for: then its problem
// may be one of the moment.
void SlotPlan::require_unmoved(const Item& item) const {
    if (!item.state) return;
    const auto state = store_.source().head(item.work.location);
    if (!state || state->etag != item.state->etag)
        throw Error{Exit::temporary, item.work.key + " was replaced while it was looked at"};
}

void SlotPlan::decide() {
    fetch_ahead();
    for (Item& item : items_) {
        if (item.result.outcome == Outcome::rejected) continue;
        try {
            decide_item(item);
        } catch (const Error& error) {
            if (error.code == Exit::temporary) throw;
            require_unmoved(item);
            item.result.outcome = Outcome::rejected;
            item.result.problem = error;
            item.now.clear();
        }
    }
    std::vector<SlotVariable> places;
    for (const auto& [place, candidates] : candidates_) places.push_back(place);
    for (const SlotVariable& place : places) choose(place);
    finish_results();
}

void SlotPlan::finish_results() {
    for (Item& item : items_) {
        if (item.result.outcome == Outcome::rejected) continue;
        const auto& places = item.now.empty() ? item.prior : item.now;
        bool changed = false;
        bool wins = false;
        bool filled = false;
        for (const Candidate& candidate : places) {
            const SlotVariable place{candidate.slot, candidate.variable};
            if (item.result.slots.empty() || item.result.slots.back() != candidate.slot)
                item.result.slots.push_back(candidate.slot);
            const Change* change = change_of(place.first, place.second);
            const auto& held = held_.at(place);
            const std::string& holder = change != nullptr ? change->winner.key
                                        : held            ? held->key
                                                          : std::string();
            changed |= change != nullptr;
            wins |= holder == item.work.key;
            filled |= !holder.empty();
        }
        if (places.empty())
            item.result.outcome = Outcome::ignored;
        else if (!item.now.empty())
            item.result.outcome = !wins     ? Outcome::outranked
                                  : changed ? Outcome::written
                                            : Outcome::unchanged;
        else
            item.result.outcome = filled ? Outcome::replaced : Outcome::cleared;
    }
}

const SlotPlan::Change* SlotPlan::change_of(const std::string& slot,
                                            const std::string& variable) const {
    const auto found = changes_.find({slot, variable});
    return found == changes_.end() ? nullptr : &found->second;
}

void SlotPlan::require_unchanged_files() const {
    for (const auto& [place, change] : changes_) {
        if (change.winner.key.empty()) continue;
        const auto state = store_.source().head(change.winner.location);
        if (!state || state->etag != change.winner.etag)
            throw Error{Exit::temporary, change.winner.key + " was replaced while it was read"};
    }
}

void SlotPlan::write(SlotTable& table) const {
    for (const Candidate& candidate : dropped_) table.drop(candidate);
    for (const Candidate& candidate : put_) table.put(candidate);
    for (const auto& [place, change] : changes_) {
        if (change.winner.key.empty())
            table.clear(place.first, place.second);
        else
            table.hold(change.winner);
    }
    for (const Item& item : items_)
        if (item.work.queued && item.result.outcome != Outcome::rejected)
            table.note_sequencer(item.work.key, item.work.queued->sequencer);
}

void SlotPlan::finish(EventQueue& queue) const {
    for (const Item& item : items_)
        if (item.work.queued && item.result.outcome != Outcome::rejected)
            queue.finish(*item.work.queued);
}

std::vector<ItemResult> SlotPlan::results() const {
    std::vector<ItemResult> results;
    for (const Item& item : items_) results.push_back(item.result);
    return results;
}

}  // namespace hls::zarr
