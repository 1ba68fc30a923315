// SPDX-License-Identifier: Apache-2.0
#include "fetch/day_sync.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/log.hpp"
#include "fs/digest.hpp"

namespace hls::fetch {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::sys_days;

constexpr std::array kTerra{"MOD09CMG", "MOD09CMA"};
constexpr std::array kAqua{"MYD09CMG", "MYD09CMA"};

int age_in_days(Date date, Date today) {
    return static_cast<int>((sys_days{today} - sys_days{date}).count());
}

Date today_of(UtcTime now) {
    return Date{std::chrono::floor<days>(now)};
}

std::optional<DayCandidate> find_viirs(LaadsArchive& archive, const char* product, int rank,
                                       Date date) {
    const auto file = archive.find(product, date);
    if (!file) return std::nullopt;
    return DayCandidate{file->name, rank, {*file}};
}

// A platform counts with both of its files only.
std::optional<DayCandidate> find_modis(LaadsArchive& archive, Date date) {
    DayCandidate candidate{"L8ANC" + day_text(date) + ".hdf_fused", 3, {}};
    for (const auto& platform : {kTerra, kAqua}) {
        const auto cmg = archive.find(platform[0], date);
        const auto cma = cmg ? archive.find(platform[1], date) : std::nullopt;
        if (!cma) continue;
        candidate.sources.push_back(*cmg);
        candidate.sources.push_back(*cma);
    }
    if (candidate.sources.empty()) return std::nullopt;
    return candidate;
}

// What is left of downloads of the day, whole or not, goes once the day is published.
void forget_downloads(DayStore& store, Date date) {
    const std::string mark = ".A" + day_text(date) + '.';
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(store.incoming(), ignored))
        if (entry.path().filename().string().find(mark) != std::string::npos)
            std::filesystem::remove(entry.path(), ignored);
}

DayRecord publish(DayStore& store, LaadsArchive& archive, Date date, const DayCandidate& candidate,
                  const PrepareDay& prepare) {
    DayRecord record;
    record.date = date;
    record.file = candidate.file;
    record.rank = candidate.rank;
    std::vector<std::filesystem::path> sources;
    for (const auto& file : candidate.sources) {
        sources.push_back(archive.get(file, store.incoming()));
        record.sources.push_back(
            {file.name, file.md5, fs::digest_of_file(fs::DigestKind::sha256, sources.back())});
    }
    try {
        publish_day(store, record, [&](const std::filesystem::path& output, DayRecord& made) {
            prepare(sources, output, made);
        });
    } catch (const Error& error) {
        // A bad file is fetched anew the next time.
        if (error.code == Exit::bad_input) forget_downloads(store, date);
        throw;
    }
    forget_downloads(store, date);
    return record;
}

bool concerns_the_day_alone(const Error& error) {
    return error.code == Exit::bad_input || error.code == Exit::missing_input ||
           error.code == Exit::temporary;
}

void try_candidates(DayStore& store, LaadsArchive& archive, const SyncPolicy& policy,
                    const PrepareDay& prepare, DayOutcome& outcome) {
    const auto lock = store.lock();
    const StoredDay present = find_day(store, outcome.date);
    outcome.record = present.best;
    const auto candidates =
        find_candidates(archive, outcome.date, present, policy, today_of(utc_now()));
    for (const auto& candidate : candidates) {
        try {
            outcome.record = publish(store, archive, outcome.date, candidate, prepare);
            outcome.action = present.best ? "replaced" : "published";
            return;
        } catch (const Error& error) {
            if (error.code != Exit::bad_input || &candidate == &candidates.back()) throw;
            log_warning("{}; the next best is tried", error.message);
        }
    }
}

}  // namespace

bool is_better(const DayCandidate& candidate, const DayRecord& present) {
    if (candidate.rank != present.rank) return candidate.rank < present.rank;
    if (candidate.sources.size() != present.sources.size())
        return candidate.sources.size() > present.sources.size();
    // Names of one product and day differ by collection and instant of production.
    std::vector<std::string> offered, used;
    for (const auto& file : candidate.sources) offered.push_back(file.name);
    for (const auto& source : present.sources) used.push_back(source.name);
    std::sort(offered.begin(), offered.end());
    std::sort(used.begin(), used.end());
    return offered > used;
}

std::vector<DayCandidate> find_candidates(LaadsArchive& archive, Date date,
                                          const StoredDay& present, const SyncPolicy& policy,
                                          Date today) {
    const int age = age_in_days(date, today);
    const bool anew = policy.overwrite || !present.best;
    if (!anew && age > policy.recheck) return {};
    std::vector<DayCandidate> candidates;
    const auto offer = [&](std::optional<DayCandidate> candidate) {
        if (candidate && (anew || is_better(*candidate, *present.best)))
            candidates.push_back(std::move(*candidate));
    };
    if (sys_days{date} < sys_days{policy.viirs_from}) {
        offer(find_modis(archive, date));
        return candidates;
    }
    offer(find_viirs(archive, "VJ104ANC", 1, date));
    const bool best_there = !anew && present.best->rank == 1;
    if (age >= policy.accept_rank2_after && !best_there)
        offer(find_viirs(archive, "VNP04ANC", 2, date));
    return candidates;
}

UtcTime next_try(Date date, UtcTime now) {
    const UtcTime produced = UtcTime{sys_days{date}} + hours{36};
    if (now < produced) return produced;
    return now + (now < produced + days{14} ? hours{1} : hours{24});
}

DayOutcome sync_day(DayStore& store, LaadsArchive& archive, Date date, const SyncPolicy& policy,
                    const PrepareDay& prepare) {
    DayOutcome outcome;
    outcome.date = date;
    outcome.action = "none";
    try {
        try_candidates(store, archive, policy, prepare, outcome);
    } catch (const Error& error) {
        if (!concerns_the_day_alone(error)) throw;
        outcome.exit = error.code;
        outcome.message = error.message;
        outcome.hint = error.hint;
    }
    if (outcome.record) {
        // The day can be used, whatever became of a better file.
        outcome.state = "ready";
        if (!policy.overwrite) outcome.exit = Exit::ok;
        if (outcome.action == "none") outcome.action = "kept";
        return outcome;
    }
    outcome.retry_at = next_try(date, utc_now());
    outcome.state = outcome.exit == Exit::ok ? "waiting" : "failed";
    if (outcome.state == "waiting") {
        outcome.exit = Exit::missing_input;
        outcome.message = fmt::format("LAADS has no file of {} yet", iso_date(date));
    }
    return outcome;
}

std::string to_json(const DayOutcome& outcome) {
    nlohmann::ordered_json json{{"v", 1},
                                {"kind", "ancillary_day"},
                                {"date", iso_date(outcome.date)},
                                {"state", outcome.state}};
    if (!outcome.action.empty()) json["action"] = outcome.action;
    if (outcome.record) {
        const DayRecord& record = *outcome.record;
        json["file"] = record.file;
        json["rank"] = record.rank;
        json["bytes"] = record.bytes;
        json["sha256"] = record.sha256;
        json["gap_percent"] = std::round(record.gap_percent() * 1000) / 1000;
        json["cells_from_months"] = record.cells.from_months;
        json["cells_along_rows"] = record.cells.along_rows;
        json["cells_left"] = record.cells.left;
    }
    json["exit"] = static_cast<int>(outcome.exit);
    if (!outcome.message.empty()) json["message"] = outcome.message;
    if (outcome.retry_at) json["retry_at"] = format_utc(*outcome.retry_at);
    return json.dump();
}

}  // namespace hls::fetch
