// SPDX-License-Identifier: Apache-2.0
// The result record that every tool prints (hls-formats(5)), as read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace hls::joblog {

struct RecordedOutput {
    std::string path;
    std::optional<std::int64_t> bytes;
    std::string sha256;
};

struct ResultRecord {
    std::string run_id, unit;
    std::optional<std::int64_t> seq;
    int exit_code = 0;
    std::string message, tool, version, host, job;
    std::string t0, t1;
    std::optional<double> wall_s, user_s, sys_s, rss_mb;
    std::optional<UtcTime> retry_at;  // from Retry-After: not before
    std::vector<RecordedOutput> outputs;
    std::vector<std::string> ancillary;
    std::string manifest;       // of a delivery
    std::string detail;         // JSON: inputs, ancillary, params, gates, outputs
    std::string argv, log_uri;  // if run by hls-retry
    std::string scheduler_reason;

    // The folder of all outputs, or the only output; "" without outputs.
    std::string output_uri() const;
    // Of names and digests of the outputs; equal for equal products. "" without outputs.
    std::string output_fingerprint() const;
};

// Reads one line, which may be prefixed "HLS_RESULT ". Throws Error{bad_input} naming `place`.
ResultRecord parse_result_record(std::string_view line, std::string_view place);

}  // namespace hls::joblog
