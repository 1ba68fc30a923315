// SPDX-License-Identifier: Apache-2.0
#include "zarr/update_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <span>
#include <thread>

#include "core/cancel.hpp"
#include "core/log.hpp"
#include "zarr/publish_lock.hpp"
#include "zarr/slot_plan.hpp"

namespace hls::zarr {
namespace {

constexpr int kBatchTries = 8;

// Another writer was faster, or a file changed: look again. A fenced writer gives up.
BatchReport apply_with_retries(CollectionStore& store, Writer& writer,
                               const std::vector<WorkItem>& items, BatchOptions options) {
    for (int attempt = 1;; ++attempt) {
        options.exclusive = attempt > 1;
        try {
            return apply_batch(store, writer, items, options);
        } catch (const Error& error) {
            if (error.code != Exit::temporary || attempt == kBatchTries) throw;
            writer.require_unfenced();
            log_info("{}; trying again", error.message);
        }
        throw_if_cancelled();
        std::this_thread::sleep_for(std::chrono::milliseconds(10 << attempt));
    }
}

// Trying a file again does not help against these.
bool is_lasting(const Error& error) {
    return error.code == Exit::bad_input || error.code == Exit::usage ||
           error.code == Exit::not_accepted || error.code == Exit::cannot_create;
}

ItemResult rejection(const WorkItem& item, const Error& error) {
    ItemResult result;
    result.key = item.key;
    result.outcome = Outcome::rejected;
    result.problem = error;
    return result;
}

// A file that can be opened and not read spoils its transaction: then each file gets its own.
std::vector<BatchReport> apply_singly(CollectionStore& store, Writer& writer,
                                      const std::vector<WorkItem>& items,
                                      const BatchOptions& options) {
    std::vector<BatchReport> reports;
    for (const WorkItem& item : items) {
        try {
            reports.push_back(apply_with_retries(store, writer, {item}, options));
        } catch (const Error& error) {
            if (!is_lasting(error)) throw;
            reports.emplace_back().items.push_back(rejection(item, error));
        }
    }
    return reports;
}

std::vector<BatchReport> apply_items(CollectionStore& store, Writer& writer,
                                     const std::vector<WorkItem>& items,
                                     const BatchOptions& options) {
    try {
        std::vector<BatchReport> reports;
        reports.push_back(apply_with_retries(store, writer, items, options));
        return reports;
    } catch (const Error& error) {
        if (!is_lasting(error)) throw;
        return apply_singly(store, writer, items, options);
    }
}

std::vector<WorkItem> items_of(std::span<const QueuedEvent> events) {
    std::vector<WorkItem> items;
    for (const QueuedEvent& event : events) items.push_back({event.key, "", Intent::event, event});
    return items;
}

// As many of the claimed events as the batch may hold; the others go back.
std::vector<QueuedEvent> claim_batch(CollectionStore& store, Writer& writer, EventQueue& queue) {
    const BatchLimits& limits = store.collection().batch;
    std::vector<QueuedEvent> events = queue.claim(writer, limits.files);
    std::uint64_t bytes = 0;
    std::size_t count = 0;
    while (count < events.size() && (count == 0 || bytes < limits.bytes)) {
        const auto state = store.source().head(store.source().location_of(events[count].key));
        bytes += state ? state->bytes : 0;
        ++count;
    }
    if (count < events.size()) queue.release(std::span(events).subspan(count));
    events.resize(count);
    return events;
}

void fail_rejected(EventQueue& queue, std::span<const QueuedEvent> events,
                   const BatchReport& report) {
    for (const ItemResult& item : report.items) {
        if (!item.problem) continue;
        const auto event = std::ranges::find(events, item.key, &QueuedEvent::key);
        if (event != events.end()) queue.fail(*event, *item.problem, is_lasting(*item.problem));
    }
}

// What is left of the queue is in other hands or waits for another try.
bool wait_for_others(EventQueue& queue, const RunOptions& options) {
    const QueueStatus status = queue.status();
    if (status.waiting + status.claimed == 0) return false;
    if (!options.wait)
        throw Error{Exit::temporary,
                    fmt::format("{} events are left in the queue", status.waiting + status.claimed),
                    "another run or replay takes them up"};
    throw_if_cancelled();
    const auto due = queue.next_due_ms().value_or(20);
    std::this_thread::sleep_for(std::chrono::milliseconds(std::clamp<std::int64_t>(due, 5, 200)));
    return true;
}

}  // namespace

std::map<std::size_t, std::vector<std::string>> sort_files(const std::vector<Collection>& all,
                                                           const std::vector<std::string>& files) {
    std::map<std::size_t, std::vector<std::string>> sorted;
    for (const std::string& file : files) {
        std::vector<std::size_t> owners;
        for (std::size_t i = 0; i < all.size(); ++i)
            if (match_key(all[i], key_of_file(all[i].source, file))) owners.push_back(i);
        if (owners.empty())
            throw Error{Exit::usage, file + ": no pattern of a collection matches its key",
                        "the key is the path below source, or the name of the file"};
        if (owners.size() > 1)
            throw Error{Exit::usage, file + ": several collections match its key",
                        "choose one with --collection"};
        sorted[owners.front()].push_back(file);
    }
    return sorted;
}

void update_files(CollectionStore& store, const std::vector<std::string>& files, Intent intent,
                  const RunOptions& options, RunLog& log) {
    std::vector<WorkItem> items;
    for (const std::string& file : files) {
        const std::string key = key_of_file(store.collection().source, file);
        require_key(key);
        const bool is_object = file.starts_with("s3://");
        items.push_back(
            {key, is_object ? file : std::filesystem::absolute(file).lexically_normal().string(),
             intent, std::nullopt});
    }
    if (options.dry_run) {
        log.add(plan_batch(store, std::move(items)));
        return log.raise_rejected();
    }
    Writer writer(store.state(), options.command, options.lease);
    const std::uint64_t limit = store.collection().batch.files;
    for (std::size_t first = 0; first < items.size(); first += limit) {
        const auto end = std::min<std::size_t>(items.size(), first + limit);
        const std::vector<WorkItem> part(items.begin() + static_cast<std::ptrdiff_t>(first),
                                         items.begin() + static_cast<std::ptrdiff_t>(end));
        for (const BatchReport& report : apply_items(store, writer, part, options.batch))
            log.add(report);
    }
    log.raise_rejected();
}

void drain(CollectionStore& store, Writer& writer, const RunOptions& options, RunLog& log) {
    EventQueue queue(store.state());
    for (;;) {
        throw_if_cancelled();
        writer.renew_if_due();
        const auto events = claim_batch(store, writer, queue);
        if (events.empty()) {
            if (!wait_for_others(queue, options)) return;
            continue;
        }
        try {
            for (const BatchReport& report :
                 apply_items(store, writer, items_of(events), options.batch)) {
                fail_rejected(queue, events, report);
                log.add(report);
            }
        } catch (...) {
            queue.release(events);
            throw;
        }
    }
}

void replay(CollectionStore& store, const RunOptions& options, RunLog& log) {
    Writer writer(store.state(), options.command, options.lease);
    const int finished = PublishLock(writer, store.access()).recovered();
    const int writers = forget_dead_writers(store.state());
    const auto garbage = collect_garbage(store.state(), false);
    log.print({{"finished", finished},
               {"dead_writers", writers},
               {"abandoned", static_cast<std::int64_t>(garbage.size())}});
    drain(store, writer, options, log);
    log.raise_rejected();
}

}  // namespace hls::zarr
