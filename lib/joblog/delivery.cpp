// SPDX-License-Identifier: Apache-2.0
#include "joblog/delivery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "joblog/json_member.hpp"

namespace hls::joblog {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(std::string_view place, std::string_view what) {
    throw Error{
        Exit::bad_input, fmt::format("{}: no receipt: {}", place, what),
        "expected an answer of the Cloud Notification Mechanism or a reconciliation report"};
}

std::string time_of(const Json& answer, std::string_view place) {
    for (const char* key : {"processCompleteTime", "receivedTime", "submissionTime"}) {
        const std::string text = text_at(answer, key);
        if (text.empty()) continue;
        try {
            return timestamp(parse_utc(text));
        } catch (const Error&) {
            refuse(place, fmt::format("{} is no time: '{}'", key, text));
        }
    }
    return {};
}

Receipt receipt_of_answer(const Json& answer, std::string_view place) {
    const Json& response = member_at(answer, "response");
    const std::string status = text_at(response, "status");
    if (status != "SUCCESS" && status != "FAILURE")
        refuse(place, fmt::format("status is neither SUCCESS nor FAILURE: '{}'", status));
    Receipt receipt;
    receipt.product_id = text_at(member_at(answer, "product"), "name");
    receipt.identifier = text_at(answer, "identifier");
    if (receipt.product_id.empty() && receipt.identifier.empty())
        refuse(place, "it names no product");
    receipt.at = time_of(answer, place);
    receipt.accepted = status == "SUCCESS";
    receipt.answer = status;
    if (receipt.accepted) return receipt;
    for (const char* key : {"errorCode", "errorMessage"})
        if (const auto text = text_at(response, key); !text.empty()) receipt.answer += ": " + text;
    return receipt;
}

// The granule of a file is said, or is the file's name up to its version.
std::vector<Receipt> receipts_of_report(const Json& report) {
    std::set<std::string> products;
    for (const Json& collection : report)
        for (const auto& [name, content] : collection.items())
            for (const auto& [file, what] : member_at(content, "report").items()) {
                std::string id = text_at(what, "granuleId");
                constexpr std::string_view kVersion = ".v2.0";
                const auto end = file.find(kVersion);
                if (id.empty() && end != std::string::npos)
                    id = file.substr(0, end + kVersion.size());
                if (!id.empty()) products.insert(std::move(id));
            }
    std::vector<Receipt> receipts;
    for (const auto& id : products)
        receipts.push_back({id, {}, {}, false, "RECONCILE: files missing"});
    return receipts;
}

bool is_report(const Json& value) {
    if (!value.is_array() || value.empty()) return false;
    for (const Json& item : value) {
        if (!item.is_object() || item.empty()) return false;
        for (const auto& [name, content] : item.items())
            if (!member_at(content, "report").is_object()) return false;
    }
    return true;
}

// False if nothing in it is for us.
bool collect(const Json& value, std::string_view place, std::vector<Receipt>& receipts, int depth) {
    constexpr int kDeepest = 6;
    if (depth > kDeepest) return false;
    if (is_report(value)) {
        auto some = receipts_of_report(value);
        std::ranges::move(some, std::back_inserter(receipts));
        return true;
    }
    if (value.is_string()) {
        const Json inner = parse_json<Json>(value.get<std::string>());
        return inner.is_structured() && collect(inner, place, receipts, depth + 1);
    }
    bool found = false;
    if (value.is_array())
        for (const Json& item : value) found = collect(item, place, receipts, depth + 1) || found;
    if (!value.is_object()) return found;
    if (member_at(value, "response").is_object() && value.contains("identifier")) {
        receipts.push_back(receipt_of_answer(value, place));
        return true;
    }
    for (const char* key : {"Messages", "Records", "Body", "body", "Sns", "Message"})
        if (value.contains(key)) found = collect(value[key], place, receipts, depth + 1) || found;
    return found;
}

}  // namespace

std::optional<std::vector<Receipt>> parse_receipts(std::string_view line, std::string_view place) {
    const Json json = parse_json<Json>(trim(line));
    std::vector<Receipt> receipts;
    if (!json.is_structured() || !collect(json, place, receipts, 0)) return std::nullopt;
    return receipts;
}

ReceiptFate apply_receipt(Change& change, const Receipt& receipt) {
    // The notification carries the run that made the product, or the one that sent it.
    auto row = change.connection().prepare(
        "SELECT d.id FROM delivery d WHERE d.identifier=?1 OR (d.product_id=?2 AND ?2<>'') OR "
        "EXISTS"
        "(SELECT 1 FROM dependency n JOIN unit u ON u.ukey=n.need_key JOIN attempt a ON "
        "a.unit_id=u.id WHERE n.unit_id=d.unit_id AND a.run_id=?1) "
        "ORDER BY d.identifier=?1 DESC, (?3='' OR d.sent_at<=?3) DESC, d.id DESC LIMIT 1");
    if (!row.bind(receipt.identifier, receipt.product_id, receipt.at).step())
        return ReceiptFate::foreign;
    const auto id = row.integer(0);
    change.connection()
        .prepare(
            "UPDATE delivery SET acknowledged_at=?2, answer=?3 WHERE id=?1 AND answer IS NOT ?3")
        .bind(id, receipt.at.empty() ? change.now() : receipt.at, receipt.answer)
        .run();
    return change.connection().changes() == 1 ? ReceiptFate::kept : ReceiptFate::known;
}

AuditCount audit_deliveries(store::Connection& connection, const Selection& selection,
                            const std::string& sent_until,
                            const std::function<void(const Gap&)>& body) {
    auto chosen = selection;
    chosen.stages = {"deliver"};
    auto last = connection.prepare(
        "SELECT coalesce(answer,''), sent_at FROM delivery WHERE unit_id=? ORDER BY id DESC LIMIT "
        "1");
    AuditCount count;
    for_each_unit(connection, chosen, [&](const Unit& unit) {
        if (unit.state != "done") return;
        last.reset();
        if (!last.bind(unit.id).step()) return;
        ++count.expected;
        const std::string answer = last.text(0);
        if (answer == "SUCCESS" || (answer.empty() && last.text(1) > sent_until)) return;
        ++count.gaps;
        body({unit.key, unit.state, answer.empty() ? "not_acknowledged" : answer, {}});
    });
    return count;
}

}  // namespace hls::joblog
