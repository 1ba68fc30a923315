// SPDX-License-Identifier: Apache-2.0
// Events to the queues of the collections they belong to, and batches out of them.
#include <algorithm>
#include <set>

#include "net/s3.hpp"
#include "zarr/slot_plan.hpp"
#include "zarr/update_run.hpp"

namespace hls::zarr {
namespace {

// The key below the collection's source; nullopt for an object that does not lie there.
std::optional<std::string> key_below_source(const Collection& collection,
                                            const ObjectEvent& event) {
    if (event.bucket.empty() || !net::is_s3_uri(collection.source)) return event.key;
    net::S3Uri source = net::parse_s3_uri(collection.source);
    if (!source.key.empty() && !source.key.ends_with('/')) source.key += '/';
    if (source.bucket != event.bucket || !event.key.starts_with(source.key)) return std::nullopt;
    return event.key.substr(source.key.size());
}

// True if the events fill a row of objects that holds more than one row of the axis: nothing would
// be gained by waiting for more.
bool completes_row(CollectionStore& store, const std::vector<QueuedEvent>& events) {
    const Collection& collection = store.collection();
    if (collection.axis.kind == AxisKind::irregular) return false;
    std::map<std::string, std::uint64_t> rows_per_object;
    bool shared = false;
    for (const auto& variable : collection.variables) {
        const auto rows = store.layout().hierarchy.array(variable.name)->chunk_shape[0];
        rows_per_object[variable.name] = rows;
        shared |= rows > 1;
    }
    if (!shared) return false;
    std::vector<WorkItem> items;
    for (const QueuedEvent& event : events)
        items.push_back({event.key, "", Intent::event, std::nullopt});
    SlotPlan plan(store, std::move(items));
    plan.find_slots();
    SlotTable table(store.state());
    std::set<std::pair<std::string, std::uint64_t>> looked;
    for (const auto& [slot, variable] : plan.touched()) {
        const std::uint64_t rows = rows_per_object.at(variable);
        const std::uint64_t first = daily_row_of(slot) / rows * rows;
        if (rows == 1 || !looked.emplace(variable, first).second) continue;
        bool complete = true;
        for (std::uint64_t row = first; complete && row < first + rows; ++row) {
            const std::string label = daily_label(row);
            complete = plan.touched().contains({label, variable}) ||
                       table.held(label, variable).has_value();
        }
        if (complete) return true;
    }
    return false;
}

}  // namespace

struct Ingest::Target {
    Target(const Collection& collection, const RunOptions& options)
        : store(collection,
                options.dry_run ? CollectionStore::Mode::read : CollectionStore::Mode::write),
          queue(store.state()) {
        if (!options.dry_run) writer.emplace(store.state(), options.command, options.lease);
    }

    CollectionStore store;
    EventQueue queue;
    std::optional<Writer> writer;
    std::vector<WorkItem> planned;  // of a dry run
};

Ingest::Ingest(std::vector<Collection> collections, RunOptions options, RunLog& log)
    : options_(std::move(options)), log_(log), collections_(std::move(collections)) {
    // What an earlier run left in a queue is work of this one.
    for (std::size_t i = 0; i < collections_.size(); ++i) {
        std::error_code error;
        if (std::filesystem::exists(state_path(collections_[i]) / "state.db", error)) open(i);
    }
}

Ingest::~Ingest() = default;

Ingest::Target& Ingest::open(std::size_t collection) {
    auto& target = targets_[collection];
    if (!target) target = std::make_unique<Target>(collections_[collection], options_);
    return *target;
}

void Ingest::take(std::string_view messages) {
    std::map<std::size_t, std::vector<ObjectEvent>> sorted;
    for (const ObjectEvent& event : parse_events(messages)) {
        if (event.kind == EventKind::rejected || event.kind == EventKind::ignored) {
            log_.add_event(event, event.kind == EventKind::ignored ? "ignored" : "rejected");
            continue;
        }
        bool wanted = false;
        for (std::size_t i = 0; i < collections_.size(); ++i) {
            try {
                const auto key = key_below_source(collections_[i], event);
                if (!key || !match_key(collections_[i], *key)) continue;
                wanted = true;
                sorted[i].push_back(event);
                sorted[i].back().key = *key;
            } catch (const Error& error) {
                ObjectEvent bad = event;
                bad.problem = error.message;
                log_.add_event(bad, "rejected");
                wanted = true;
            }
        }
        if (!wanted) log_.add_event(event, "ignored");
    }
    for (const auto& [index, events] : sorted) {
        Target& target = open(index);
        if (!options_.dry_run) {
            target.queue.add(events);
            continue;
        }
        for (const ObjectEvent& event : events)
            target.planned.push_back({event.key, "", Intent::event, std::nullopt});
    }
}

bool Ingest::is_full(Target& target) {
    const BatchLimits& limits = target.store.collection().batch;
    const QueueStatus status = target.queue.status();
    if (status.waiting == 0) return false;
    if (static_cast<std::uint64_t>(status.waiting) >= limits.files) return true;
    if (static_cast<double>(now_ms() - status.oldest_ms) >= limits.seconds * 1000) return true;
    const auto events = target.queue.peek(limits.files);
    std::uint64_t bytes = 0;
    for (const QueuedEvent& event : events) {
        const auto state = target.store.source().head(target.store.source().location_of(event.key));
        bytes += state ? state->bytes : 0;
    }
    return bytes >= limits.bytes ||
           (limits.complete_chunk_row && completes_row(target.store, events));
}

bool Ingest::batch_is_full() {
    return std::ranges::any_of(targets_, [&](auto& entry) { return is_full(*entry.second); });
}

std::optional<double> Ingest::seconds_left() const {
    std::optional<double> left;
    for (const auto& [index, target] : targets_) {
        const QueueStatus status = target->queue.status();
        if (status.waiting == 0) continue;
        const double age = static_cast<double>(now_ms() - status.oldest_ms) / 1000;
        const double rest = std::max(0.0, target->store.collection().batch.seconds - age);
        left = std::min(left.value_or(rest), rest);
    }
    return left;
}

void Ingest::work(bool full_only) {
    for (auto& [index, target] : targets_) {
        if (options_.dry_run) {
            log_.add(plan_batch(target->store, std::move(target->planned)));
            target->planned.clear();
        } else if (!full_only || is_full(*target)) {
            drain(target->store, *target->writer, options_, log_);
        }
    }
}

}  // namespace hls::zarr
