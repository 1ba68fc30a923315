// SPDX-License-Identifier: Apache-2.0
// The result record: one JSON line that says what a unit of work did (hls-formats(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/time.hpp"

namespace hls::cli {

using RecordValue = std::variant<std::string, double, std::int64_t, bool>;
using RecordFields = std::vector<std::pair<std::string, RecordValue>>;

struct RecordFile {
    std::string path;
    std::string sha256{};     // empty: not computed
    std::int64_t bytes = -1;  // -1: not asked
};

class RunRecord {
 public:
    explicit RunRecord(std::string tool);

    // True once the body works on a unit; commands that only answer leave it false.
    bool wanted = false;
    std::string unit;                 // derived name of the unit; HLS_UNIT wins
    std::string file;                 // where to keep the record besides stdout; empty: nowhere
    std::string message;              // of the error, if any
    std::optional<UtcTime> retry_at;  // when it is worth trying again, if that is known
    std::vector<RecordFile> inputs, ancillary, outputs;
    RecordFields params, gates;

    // The record as one line of JSON, with exit code, times and memory of this process.
    std::string finish(int exit_code) const;
    // Writes `line` to `file` under a temporary name and renames it; returns what went wrong, if
    // anything did.
    std::string save(const std::string& line) const;

 private:
    std::string tool_;
    UtcTime start_;
};

}  // namespace hls::cli
