// SPDX-License-Identifier: Apache-2.0
// Keeps the ancillary day files of a store as good as what LAADS has.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"
#include "fetch/day_record.hpp"
#include "fetch/laads.hpp"

namespace hls::fetch {

struct SyncPolicy {
    Date viirs_from{std::chrono::year{2021} / 1 / 1};  // earlier days come from MODIS
    int accept_rank2_after = 2;                        // days of age from which VNP04ANC will do
    int recheck = 30;        // days of age up to which a better file is looked for
    bool overwrite = false;  // make every day again
};

// What LAADS has for a day: one VIIRS file, or the MODIS files of one or both platforms.
struct DayCandidate {
    std::string file;  // name it will have
    int rank = 0;
    std::vector<LaadsFile> sources;
};

// In the order in which they are to be tried. Asks for no more than the policy wants at the day's
// age, and for nothing that would not be better than `present`.
std::vector<DayCandidate> find_candidates(LaadsArchive& archive, Date date,
                                          const StoredDay& present, const SyncPolicy& policy,
                                          Date today);

// Better: lower rank; else a later production, or more of the MODIS files.
bool is_better(const DayCandidate& candidate, const DayRecord& present);

// When it is worth asking for a day again that is not there: days arrive some 36 hours after they
// began, then hourly for two weeks, later once a day.
UtcTime next_try(Date date, UtcTime now);

struct DayOutcome {
    Date date;
    std::string state;   // ready, waiting, failed
    std::string action;  // published, replaced, kept, none
    std::optional<DayRecord> record;
    Exit exit = Exit::ok;  // 66 for waiting
    std::string message, hint;
    std::optional<UtcTime> retry_at;

    // There is a file that was not there before.
    bool is_new() const { return action == "published" || action == "replaced"; }
};
std::string to_json(const DayOutcome& outcome);

// Makes the file of a day out of its sources at the path, and notes in the record how.
using PrepareDay = std::function<void(const std::vector<std::filesystem::path>& sources,
                                      const std::filesystem::path& output, DayRecord& record)>;

// One day. What concerns this day alone (no file yet, a bad file, gaps that cannot be filled, a
// server that is busy) is told in the outcome, and a file that was there stays; everything else is
// thrown: permission, disk full, cancelled.
DayOutcome sync_day(DayStore& store, LaadsArchive& archive, Date date, const SyncPolicy& policy,
                    const PrepareDay& prepare);

}  // namespace hls::fetch
