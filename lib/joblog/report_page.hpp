// SPDX-License-Identifier: Apache-2.0
// The log as one HTML page that needs nothing else: no scripts, no fonts, no network.
#pragma once

#include <string>

#include "joblog/job_log.hpp"

namespace hls::joblog {

struct ReportOptions {
    std::string title;  // empty: "HLS job log"
    int days = 30;      // of throughput, up to now
};

std::string report_page(store::Connection& connection, const ReportOptions& options, UtcTime now);

}  // namespace hls::joblog
