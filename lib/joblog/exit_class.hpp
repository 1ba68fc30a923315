// SPDX-License-Identifier: Apache-2.0
// What the end of a run means for its unit: the table of hls(7) as a function.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace hls::joblog {

enum class ExitClass { ok, expected, infra, resource, source, code, wait, config, cancelled };

std::string_view exit_class_name(ExitClass klass) noexcept;
std::optional<ExitClass> parse_exit_class(std::string_view name) noexcept;

// How a run ended, by whoever knows. Text of a scheduler decides where a code could mean several
// things (137), and alone where there is no code.
struct Ending {
    std::optional<int> exit_code;         // 128 + n for signal n
    std::string_view scheduler_reason{};  // "Host EC2 (instance i-0) terminated."
};

struct Verdict {
    ExitClass klass = ExitClass::code;
    std::string reason;  // one word: low_sun, oom, timeout, spot, signal_11, ...
};

Verdict classify(const Ending& ending);

// Whether a scheduler's text alone says what happened.
bool knows_reason(std::string_view scheduler_reason) noexcept;

// Tries of each class before a unit is held; see hls(7).
struct Budgets {
    int infra = 20;
    int resource = 2;
    int source = 3;
    int code = 2;
    std::chrono::seconds infra_wait = std::chrono::seconds(60);
    std::chrono::seconds wait_deadline{std::chrono::hours(24 * 45)};

    int of(ExitClass klass) const noexcept;  // 0 for classes that are not tried again
};

// Failures of a unit so far, the one at hand included.
struct Failures {
    int of_class = 0;
    double jitter = 1;                    // [0, 1): a random number, for full jitter
    std::chrono::seconds infra_wait{60};  // the longest after the first one of class infra
};

// Time until the next try.
std::chrono::milliseconds backoff(const Verdict& verdict, const Failures& failures) noexcept;

// Memory and time of the next try, as factors of the stage's own; raised once each.
struct Factors {
    double memory = 1;
    double time = 1;
};
Factors raised(const Verdict& verdict, Factors now) noexcept;

}  // namespace hls::joblog
