// SPDX-License-Identifier: Apache-2.0
#include "joblog/record_intake.hpp"

#include <optional>
#include <variant>

#include "core/parse.hpp"
#include "joblog/delivery.hpp"
#include "joblog/finish.hpp"

namespace hls::joblog {
namespace {

using Parsed = std::variant<std::monostate, ResultRecord, std::vector<Receipt>>;

Parsed parse_line(const ReturnedLine& line) {
    if (trim(line.text).empty()) return {};
    if (auto receipts = parse_receipts(line.text, line.place)) return *std::move(receipts);
    return parse_result_record(line.text, line.place);
}

void apply(Change& change, const Parsed& parsed, ReturnedCount& count) {
    if (const auto* record = std::get_if<ResultRecord>(&parsed)) {
        const Applied applied = apply_record(change, *record);
        count.applied += applied == Applied::applied;
        count.duplicate += applied == Applied::duplicate;
        count.stale += applied == Applied::stale;
    }
    if (const auto* receipts = std::get_if<std::vector<Receipt>>(&parsed))
        for (const Receipt& receipt : *receipts) {
            const ReceiptFate fate = apply_receipt(change, receipt);
            count.receipts += fate == ReceiptFate::kept;
            count.foreign += fate == ReceiptFate::foreign;
        }
}

}  // namespace

ReturnedCount take_in(JobLog& log, const std::vector<ReturnedLine>& lines,
                      const std::function<void(const Error&)>& rejected) {
    ReturnedCount count;
    const auto attempt = [&](std::size_t position, const auto& action) {
        try {
            action();
        } catch (const Error& error) {
            const bool theirs = error.code == Exit::bad_input || error.code == Exit::missing_input;
            if (!rejected || !theirs) throw;
            rejected(error);
            count.worst = error.code;
            count.rejected.push_back(position);
        }
    };
    // Read first: nobody waits for the lock meanwhile.
    std::vector<Parsed> parsed(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i)
        attempt(i, [&] { parsed[i] = parse_line(lines[i]); });
    Change change(log, utc_now(), this_process());
    for (std::size_t i = 0; i < lines.size(); ++i)
        attempt(i, [&] { apply(change, parsed[i], count); });
    change.commit();
    return count;
}

}  // namespace hls::joblog
