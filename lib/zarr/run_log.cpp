// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "zarr/update_run.hpp"

namespace hls::zarr {
namespace {

JsonArray texts(const std::vector<std::string>& items) {
    JsonArray list;
    for (const std::string& item : items) list.emplace_back(item);
    return list;
}

}  // namespace

void RunLog::print(const JsonObject& line) const {
    print_(format_json(line, JsonLayout::compact));
}

void RunLog::reject(const std::string& key, const Error& problem) {
    ++rejected_;
    if (!first_problem_)
        first_problem_ =
            Error{problem.code, key.empty() ? problem.message : key + ": " + problem.message,
                  problem.hint};
}

void RunLog::add(const ItemResult& item) {
    const std::string outcome(outcome_word(item.outcome));
    ++outcomes_[outcome];
    JsonObject line{{"key", item.key}, {"outcome", outcome}};
    if (!item.slots.empty()) line["slots"] = texts(item.slots);
    if (item.problem) {
        line["problem"] = item.problem->message;
        line["exit"] = static_cast<int>(item.problem->code);
        reject(item.key, *item.problem);
    }
    print(line);
}

void RunLog::add_event(const ObjectEvent& event, std::string_view outcome) {
    ++outcomes_[std::string(outcome)];
    JsonObject line{{"key", event.key}, {"outcome", outcome}};
    if (!event.name.empty()) line["event"] = event.name;
    if (!event.problem.empty()) line["problem"] = event.problem;
    if (outcome == "rejected") reject(event.key, {Exit::bad_input, event.problem});
    print(line);
}

void RunLog::add(const BatchReport& report) {
    for (const ItemResult& item : report.items) add(item);
    if (!report.keys.empty()) print({{"plan", texts(report.keys)}, {"slots", report.slots}});
    if (report.transaction.id == 0) return;
    ++transactions_;
    objects_ += static_cast<std::int64_t>(report.transaction.objects);
    bytes_ += static_cast<std::int64_t>(report.transaction.bytes);
    print({{"txn", report.transaction.id},
           {"slots", report.slots},
           {"objects", report.transaction.objects},
           {"bytes", report.transaction.bytes},
           {"length", report.length},
           {"ms", static_cast<double>(static_cast<std::int64_t>(report.ms * 1000)) / 1000}});
}

void RunLog::raise_rejected() const {
    if (!first_problem_) return;
    if (rejected_ == 1) throw *first_problem_;
    throw Error{first_problem_->code,
                fmt::format("{} rejected; first {}", rejected_, first_problem_->message),
                first_problem_->hint};
}

}  // namespace hls::zarr
