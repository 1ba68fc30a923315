// SPDX-License-Identifier: Apache-2.0
// The job log: one SQLite file that knows every unit of work, its state and its history.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "joblog/exit_class.hpp"
#include "store/connection.hpp"

namespace hls::joblog {

using std::chrono::seconds;

// The rules of one log, kept in it, so that every program that writes follows the same.
struct Settings {
    seconds tile_wait{std::chrono::hours(96)};          // then a tile is made of what is there
    seconds historic_tile_wait{std::chrono::hours(4)};  // the same for the historic track
    seconds twin_wait{std::chrono::hours(3)};           // after the last twin was published
    double tiny_overlap_percent = 0;  // of a tile: less than this is not worth waiting for
    bool upgrade = true;              // make a tile again when a missing scene comes late
    bool join_midnight = false;       // a pass over midnight belongs to the day it began on
    Budgets budgets;
};

struct OpenOptions {
    store::Access access = store::Access::write;
    std::chrono::milliseconds busy_timeout{30'000};
};

class JobLog {
 public:
    // Throws Error as store::Connection and store::require_schema do.
    static JobLog open(const std::filesystem::path& path, const OpenOptions& options = {});
    // Makes the file, or brings an existing one up to date.
    static JobLog create(const std::filesystem::path& path, store::Journal journal,
                         std::chrono::milliseconds busy_timeout);

    store::Connection& connection() { return connection_; }
    const Settings& settings() const { return settings_; }

    // Keeps one setting by its name in settings_names(). Throws Error{usage} for an unknown name or
    // a value that makes no sense.
    void set(std::string_view name, std::string_view value);
    std::string setting(std::string_view name);

 private:
    explicit JobLog(store::Connection connection);
    void load_settings();

    store::Connection connection_;
    Settings settings_;
};

// One transaction that changes the log. It fixes the time that all its rows carry.
class Change {
 public:
    // Throws Error{temporary} if the clock is more than a minute behind the log's last event:
    // leases and delays would go wrong.
    Change(JobLog& log, UtcTime now, std::string actor);

    JobLog& log() { return log_; }
    store::Connection& connection() { return log_.connection(); }
    UtcTime time() const { return now_; }
    const std::string& now() const { return now_text_; }
    const std::string& actor() const { return actor_; }
    void commit() { transaction_.commit(); }

 private:
    JobLog& log_;
    store::Transaction transaction_;
    UtcTime now_;
    std::string now_text_;
    std::string actor_;
};

// How the log writes times: "2024-03-09T04:01:12.300Z".
std::string timestamp(UtcTime time);

// "90s", "15m", "6h", "4d" or plain seconds. Throws Error{usage} naming `what`.
seconds parse_duration(std::string_view text, std::string_view what);

// host:pid, the actor of changes made by this process.
std::string this_process();

}  // namespace hls::joblog
