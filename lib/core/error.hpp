// SPDX-License-Identifier: Apache-2.0
// The one exception type of the kit and the exit codes that schedulers act on (hls(7)).
#pragma once

#include <exception>
#include <span>
#include <string>
#include <string_view>

namespace hls {

enum class Exit : int {
    ok = 0,
    failure = 1,         // nobody classified it
    usage = 2,           // the command line is wrong
    low_sun = 3,         // solar zenith > 76 deg
    cloudy = 4,          // Sentinel-2 cloud gate
    empty = 5,           // nothing to write
    not_accepted = 7,    // level, tier, tile or age that the rules exclude
    bad_input = 65,      // corrupt, wrong product, failed checksum
    missing_input = 66,  // input or ancillary not there (yet)
    unavailable = 69,    // program, driver or service that will not come back
    internal = 70,       // assertion, product failed its own check
    resource = 71,       // out of memory or of another resource
    cannot_create = 73,  // output exists or cannot be created
    io_error = 74,       // read or write broke midway, disk full
    temporary = 75,      // 429, 5xx, time-out, DNS, database busy
    permission = 77,     // 401, 403, credentials
    time_limit = 124,
    interrupted = 130,  // SIGINT
    terminated = 143,   // SIGTERM
};

struct ExitInfo {
    Exit code;
    std::string_view word;       // "bad_input"
    std::string_view klass;      // "source": what the scheduler budgets on
    std::string_view meaning;    // one line for people
    std::string_view scheduler;  // what hls-retry does with it
};

// All exit codes in ascending order; hls(7) and --usage-json print this table.
std::span<const ExitInfo> exit_table() noexcept;

// The row for `code`; rows of other signals (128+n) answer as "failure".
const ExitInfo& exit_info(Exit code) noexcept;

// Thrown below, caught once in cli::run. `message` is one line that names the file or value at
// fault; `hint` (may be empty) says what to do about it.
struct Error : std::exception {
    Error(Exit code, std::string message, std::string hint = {});
    const char* what() const noexcept override { return message.c_str(); }

    Exit code;
    std::string message;
    std::string hint;
};

}  // namespace hls
