// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hls {
namespace {

constexpr std::array kTable{
    ExitInfo{Exit::ok, "ok", "ok", "done; also: output exists and --skip-existing", "done"},
    ExitInfo{Exit::failure, "failure", "code", "failure nobody classified", "2 tries, then held"},
    ExitInfo{Exit::usage, "usage", "config", "the command line is wrong", "held"},
    ExitInfo{Exit::low_sun, "low_sun", "expected", "solar zenith > 76 deg", "skipped"},
    ExitInfo{Exit::cloudy, "cloudy", "expected", "Sentinel-2 granule too cloudy", "skipped"},
    ExitInfo{Exit::empty, "empty", "expected", "nothing to write: no overlap, no valid pixel",
             "skipped"},
    ExitInfo{Exit::not_accepted, "not_accepted", "expected",
             "level, tier, tile or age that the rules exclude", "skipped"},
    ExitInfo{Exit::bad_input, "bad_input", "source", "corrupt, wrong product, failed checksum",
             "delete the copy, fetch again, 3 tries"},
    ExitInfo{Exit::missing_input, "missing_input", "wait",
             "missing input, or ancillary data not there yet", "wait, poll, deadline"},
    ExitInfo{Exit::unavailable, "unavailable", "config",
             "a program, driver or service that will not come back", "held"},
    ExitInfo{Exit::internal, "internal", "code", "assertion, or a product failed its own check",
             "2 tries, then held"},
    ExitInfo{Exit::resource, "resource", "resource", "out of memory or of another resource",
             "retry bigger, 2 tries"},
    ExitInfo{Exit::cannot_create, "cannot_create", "config", "output exists or cannot be created",
             "held"},
    ExitInfo{Exit::io_error, "io_error", "resource", "read or write broke midway, disk full",
             "retry elsewhere"},
    ExitInfo{Exit::temporary, "temporary", "infra", "429, 5xx, time-out, DNS, database busy",
             "retry, honours Retry-After, 20 tries"},
    ExitInfo{Exit::permission, "permission", "config", "401, 403, credentials", "held"},
    ExitInfo{Exit::time_limit, "time_limit", "resource", "time limit", "retry longer, 2 tries"},
    ExitInfo{Exit::interrupted, "interrupted", "infra", "SIGINT", "retry"},
    ExitInfo{Exit::terminated, "terminated", "infra", "SIGTERM", "retry"},
};

}  // namespace

std::span<const ExitInfo> exit_table() noexcept {
    return kTable;
}

const ExitInfo& exit_info(Exit code) noexcept {
    const auto* row = std::find_if(kTable.begin(), kTable.end(),
                                   [code](const ExitInfo& info) { return info.code == code; });
    return row == kTable.end() ? kTable[1] : *row;
}

Error::Error(Exit code_, std::string message_, std::string hint_)
    : code(code_), message(std::move(message_)), hint(std::move(hint_)) {}

}  // namespace hls
