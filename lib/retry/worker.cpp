// SPDX-License-Identifier: Apache-2.0
#include "retry/worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "joblog/finish.hpp"

namespace hls::retry {
namespace {

namespace stdfs = std::filesystem;
using joblog::Change;
using joblog::Unit;

constexpr int kConfigErrorsInARow = 3;
constexpr std::chrono::seconds kPatience{60};

class Worker {
 public:
    Worker(joblog::JobLog& log, const WorkerOptions& options) : log_(log), options_(options) {}

    WorkerReport run() {
        int left = options_.count;
        while (options_.drain || left > 0) {
            throw_if_cancelled();
            auto request = options_.claim;
            request.count = options_.drain ? 1 : std::min(left, 1);
            const auto units = claim(request);
            if (units.empty()) {
                if (!options_.drain || !may_become_due()) break;
                std::this_thread::sleep_for(std::chrono::milliseconds(200));
                continue;
            }
            --left;
            run_unit(units.front());
        }
        return report_;
    }

 private:
    std::vector<Unit> claim(const joblog::ClaimRequest& request) {
        Change change(log_, utc_now(), request.owner);
        auto units = joblog::claim_units(change, request);
        change.commit();
        return units;
    }

    // Something that these stages wait for runs in another worker, or is to be tried again soon.
    bool may_become_due() {
        const auto& all = joblog::stage_names();
        const auto& stages = options_.claim.stages.empty() ? all : options_.claim.stages;
        const auto rank = [&](std::string_view stage) {
            return std::ranges::find(all, stage) - all.begin();
        };
        std::ptrdiff_t last = 0;
        for (const auto& stage : stages) last = std::max(last, rank(stage));
        auto rows = log_.connection().prepare(
            "SELECT stage FROM unit INDEXED BY unit_lease WHERE state='claimed' AND backend='run' "
            "UNION SELECT stage FROM unit INDEXED BY unit_retry WHERE state='retry' AND "
            "not_before<=?");
        rows.bind(joblog::timestamp(utc_now() + kPatience));
        while (rows.step())
            if (rank(rows.view(0)) <= last) return true;
        return false;
    }

    void run_unit(const Unit& unit) {
        WorkItem item;
        try {
            item = make_item(log_.connection(), unit, options_.command, options_.limits,
                             options_.expected_outputs);
        } catch (const Error&) {
            give_back(unit);
            throw;
        }
        log_info("{}: run {}", unit.key, item.run_id);
        const auto result = run_item(item, run_options(unit));
        if (result.taken_over) {
            ++report_.taken_over;
            log_warning("{}: taken over by another worker", unit.key);
            return;
        }
        // On disk before the log, so that work is not lost if we are killed in between.
        const auto file = options_.run_folder / (item.run_id + ".json");
        if (options_.keep_record) options_.keep_record(file, result.line + '\n');
        finish(unit, result);
        std::error_code ignored;
        stdfs::remove(file, ignored);
        throw_if_cancelled();
    }

    ItemRunOptions run_options(const Unit& unit) {
        ItemRunOptions run;
        run.log_folder = options_.run_folder;
        run.scratch_folder = options_.scratch_folder;
        run.digest = options_.digest;
        run.verify_digests = options_.verify_digests;
        run.heartbeat_interval = std::chrono::milliseconds(options_.claim.lease) / 3;
        run.heartbeat = [this, &unit] {
            try {
                Change change(log_, utc_now(), options_.claim.owner);
                const bool ours = joblog::renew_lease(change, unit, options_.claim.lease);
                change.commit();
                return ours;
            } catch (const Error& error) {
                // A busy log is no reason to stop: two more beats fit in the lease.
                log_warning("{}: no heartbeat: {}", unit.key, error.message);
                return true;
            }
        };
        return run;
    }

    void finish(const Unit& unit, const ItemResult& result) {
        Change change(log_, utc_now(), options_.claim.owner);
        const auto applied = joblog::apply_record(change, result.record);
        change.commit();
        if (applied == joblog::Applied::stale) {
            ++report_.taken_over;
            return;
        }
        const auto now = joblog::require_unit(log_.connection(), unit.key);
        const auto klass = joblog::classify({result.record.exit_code}).klass;
        report_.done += klass == joblog::ExitClass::ok;
        report_.skipped += klass == joblog::ExitClass::expected;
        const bool failed = klass != joblog::ExitClass::ok && klass != joblog::ExitClass::expected;
        report_.failed += failed;
        if (failed)
            log_warning("{}: exit {}, {} {}: {}", unit.key, result.record.exit_code, now.state,
                        now.reason, result.record.message);
        config_errors_ = klass == joblog::ExitClass::config ? config_errors_ + 1 : 0;
        if (config_errors_ >= kConfigErrorsInARow)
            throw Error{
                Exit::unavailable,
                fmt::format("{} units in a row were held: {}", config_errors_,
                            result.record.message),
                "the command is wrong rather than the units; hls-retry release lets them go"};
    }

    void give_back(const Unit& unit) {
        Change change(log_, utc_now(), options_.claim.owner);
        joblog::release_claim(change, unit);
        change.commit();
    }

    joblog::JobLog& log_;
    const WorkerOptions& options_;
    WorkerReport report_;
    int config_errors_ = 0;
};

}  // namespace

WorkerReport work(joblog::JobLog& log, const WorkerOptions& options) {
    return Worker(log, options).run();
}

int take_in_records(joblog::JobLog& log, const stdfs::path& run_folder) {
    std::error_code error;
    int taken = 0;
    for (const auto& entry : stdfs::directory_iterator(run_folder, error)) {
        const auto name = entry.path().filename().string();
        if (!name.ends_with(".json") || name.starts_with('.')) continue;
        std::ifstream in(entry.path());
        const std::string line{std::istreambuf_iterator<char>(in), {}};
        try {
            const auto record = joblog::parse_result_record(line, entry.path().string());
            Change change(log, utc_now(), joblog::this_process());
            joblog::apply_record(change, record);
            change.commit();
        } catch (const Error& problem) {
            if (problem.code != Exit::bad_input && problem.code != Exit::missing_input) throw;
            log_warning("{}", problem.message);
            continue;
        }
        stdfs::remove(entry.path(), error);
        ++taken;
    }
    return taken;
}

}  // namespace hls::retry
