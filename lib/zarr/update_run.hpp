// SPDX-License-Identifier: Apache-2.0
// The verbs that change stores: files named by hand, events from a queue, and what a crash left.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/object_event.hpp"
#include "zarr/update_batch.hpp"

namespace hls::zarr {

struct RunOptions {
    BatchOptions batch;
    LeaseOptions lease;
    bool dry_run = false;
    bool wait = true;  // for events that others work on or that wait for another try
    std::string command;
};

// What happened, as lines of JSON and as counts.
class RunLog {
 public:
    explicit RunLog(std::function<void(std::string_view)> print) : print_(std::move(print)) {}

    void add(const BatchReport& report);
    void add(const ItemResult& item);
    void add_event(const ObjectEvent& event, std::string_view outcome);
    void print(const JsonObject& line) const;

    const std::map<std::string, std::int64_t>& outcomes() const { return outcomes_; }
    std::int64_t transactions() const { return transactions_; }
    std::int64_t objects() const { return objects_; }
    std::int64_t bytes() const { return bytes_; }
    // Throws the error of the first file that was rejected, saying how many there were.
    void raise_rejected() const;

 private:
    void reject(const std::string& key, const Error& problem);

    std::function<void(std::string_view)> print_;
    std::map<std::string, std::int64_t> outcomes_;
    std::optional<Error> first_problem_;
    std::int64_t rejected_ = 0;
    std::int64_t transactions_ = 0, objects_ = 0, bytes_ = 0;
};

// The collection that each file belongs to, by its key: index in `all` -> files. Throws
// Error{usage} for a file that matches none or several.
std::map<std::size_t, std::vector<std::string>> sort_files(const std::vector<Collection>& all,
                                                           const std::vector<std::string>& files);

// append, update and clear: files in one transaction (or several, of batch.files each).
void update_files(CollectionStore& store, const std::vector<std::string>& files, Intent intent,
                  const RunOptions& options, RunLog& log);

// Works on the queue of a store until nothing is left that can be done now. Returns when the events
// are done, whoever did them; Error{temporary} if some remain and options.wait is off.
void drain(CollectionStore& store, Writer& writer, const RunOptions& options, RunLog& log);

// The queue, the events of a dry run, and the collections they belong to.
class Ingest {
 public:
    Ingest(std::vector<Collection> collections, RunOptions options, RunLog& log);
    ~Ingest();

    // Queues the events of one or more messages, each with the collections whose patterns match.
    void take(std::string_view messages);
    // True if some collection's batch is full: enough files, bytes or seconds, or a row of objects
    // that is complete.
    bool batch_is_full();
    // Seconds until a batch is full by its age; nullopt if nothing waits.
    std::optional<double> seconds_left() const;
    // Works on all queues; only on those whose batch is full if `full_only`.
    void work(bool full_only = false);

 private:
    struct Target;
    Target& open(std::size_t collection);
    bool is_full(Target& target);

    RunOptions options_;
    RunLog& log_;
    std::vector<Collection> collections_;
    std::map<std::size_t, std::unique_ptr<Target>> targets_;
};

// Finishes what a crash left: the journal, the queue, and staging that nobody owns.
void replay(CollectionStore& store, const RunOptions& options, RunLog& log);

}  // namespace hls::zarr
