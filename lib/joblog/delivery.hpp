// SPDX-License-Identifier: Apache-2.0
// The ledger of deliveries: what was sent (records of deliver units), and what the receiver said of
// it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "joblog/audit.hpp"
#include "joblog/selection.hpp"
#include "joblog/unit.hpp"

namespace hls::joblog {

// What the receiver says of one product.
struct Receipt {
    std::string product_id;  // HLS.L30.T13TFN.2024067T173204.v2.0
    std::string identifier;  // of the notification: the run that made or sent it; may be empty
    std::string at;          // when it was said, as the log writes times; may be empty
    bool accepted = false;
    std::string answer;  // "SUCCESS", or what was wrong
};

// Reads answers of the Cloud Notification Mechanism (version 1.x: identifier, product, response
// with status SUCCESS or FAILURE) and reports of a reconciliation
// ([{"<name>___<version>":{"report":
// {"<file>":{"granuleId":...}}}}]: files that the receiver misses), alone or wrapped by SNS or SQS.
// nullopt for a line that is neither. Throws Error{bad_input} naming `place` for one that is
// broken.
std::optional<std::vector<Receipt>> parse_receipts(std::string_view line, std::string_view place);

enum class ReceiptFate {
    kept,
    known,    // the log says so already
    foreign,  // of nothing that was sent from here
};
// Keeps the answer with the delivery that it is about: that of the identifier, else the newest one
// of the product sent before.
ReceiptFate apply_receipt(Change& change, const Receipt& receipt);

// Deliver units that are done and whose last delivery was sent at or before `sent_until` and is not
// acknowledged, or was refused.
AuditCount audit_deliveries(store::Connection& connection, const Selection& selection,
                            const std::string& sent_until,
                            const std::function<void(const Gap&)>& body);

}  // namespace hls::joblog
