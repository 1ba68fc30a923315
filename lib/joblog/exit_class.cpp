// SPDX-License-Identifier: Apache-2.0
#include "joblog/exit_class.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <utility>

#include "core/error.hpp"

namespace hls::joblog {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::array<std::string_view, 9> kNames{"ok",   "expected", "infra",  "resource", "source",
                                                 "code", "wait",     "config", "cancelled"};

struct ReasonRule {
    std::string_view text;  // as AWS Batch and ECS write it
    bool at_start;
    ExitClass klass;
    std::string_view reason;
};

// In this order: the first that fits decides.
constexpr std::array kReasonRules{
    ReasonRule{"OutOfMemory", false, ExitClass::resource, "oom"},
    ReasonRule{"attempt duration exceeded timeout", false, ExitClass::resource, "timeout"},
    ReasonRule{"Host EC2", true, ExitClass::infra, "spot"},
    ReasonRule{"Spot interruption", false, ExitClass::infra, "spot"},
    ReasonRule{"CannotPull", true, ExitClass::infra, "image_pull"},
    ReasonRule{"CannotCreateContainer", true, ExitClass::infra, "container"},
    ReasonRule{"CannotStartContainer", true, ExitClass::infra, "container"},
    ReasonRule{"CannotInspectContainer", true, ExitClass::infra, "container"},
    ReasonRule{"DockerTimeout", true, ExitClass::infra, "container"},
    ReasonRule{"ResourceInitializationError", true, ExitClass::infra, "container"},
    ReasonRule{"Throttl", false, ExitClass::infra, "throttled"},
    ReasonRule{"Rate exceeded", false, ExitClass::infra, "throttled"},
    ReasonRule{"cancelled by hls-retry", false, ExitClass::cancelled, "cancelled"},
};

const ReasonRule* rule_for(std::string_view text) {
    for (const ReasonRule& rule : kReasonRules) {
        const auto at = text.find(rule.text);
        if (rule.at_start ? at == 0 : at != std::string_view::npos) return &rule;
    }
    return nullptr;
}

Verdict verdict_of_signal(int signal) {
    switch (signal) {
        case SIGKILL:
            return {ExitClass::resource, "oom"};
        case SIGXCPU:
            return {ExitClass::resource, "timeout"};
        case SIGHUP:
            return {ExitClass::infra, "hangup"};
        default:
            return {ExitClass::code, fmt::format("signal_{}", signal)};
    }
}

Verdict verdict_of_code(int code) {
    for (const ExitInfo& info : exit_table())
        if (static_cast<int>(info.code) == code)
            return {parse_exit_class(info.klass).value_or(ExitClass::code), std::string(info.word)};
    if (code > 128 && code <= 128 + SIGRTMAX) return verdict_of_signal(code - 128);
    return {ExitClass::code, fmt::format("exit_{}", code)};
}

milliseconds jittered(milliseconds longest, double jitter) {
    return milliseconds(std::llround(static_cast<double>(longest.count()) * jitter));
}

}  // namespace

std::string_view exit_class_name(ExitClass klass) noexcept {
    return kNames[static_cast<std::size_t>(klass)];
}

std::optional<ExitClass> parse_exit_class(std::string_view name) noexcept {
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<ExitClass>(found - kNames.begin());
}

Verdict classify(const Ending& ending) {
    const ReasonRule* rule = rule_for(ending.scheduler_reason);
    const bool code_is_clear =
        ending.exit_code && *ending.exit_code != 128 + SIGKILL && *ending.exit_code != 1;
    if (code_is_clear || (ending.exit_code && rule == nullptr))
        return verdict_of_code(*ending.exit_code);
    if (rule != nullptr) return {rule->klass, std::string(rule->reason)};
    return {ExitClass::infra, "lost"};
}

bool knows_reason(std::string_view scheduler_reason) noexcept {
    return rule_for(scheduler_reason) != nullptr;
}

int Budgets::of(ExitClass klass) const noexcept {
    switch (klass) {
        case ExitClass::infra:
            return infra;
        case ExitClass::resource:
            return resource;
        case ExitClass::source:
            return source;
        case ExitClass::code:
            return code;
        default:
            return 0;
    }
}

milliseconds backoff(const Verdict& verdict, const Failures& failures) noexcept {
    const int n = std::max(failures.of_class, 1);
    switch (verdict.klass) {
        case ExitClass::infra: {
            // Stopped on purpose, by a person or a Spot notice: nothing out there needs a rest.
            if (verdict.reason == "terminated" || verdict.reason == "interrupted")
                return milliseconds(0);
            constexpr int kDoublings = 6;  // 1, 2, 4 ... 60 minutes
            const auto longest = failures.infra_wait * (1 << std::min(n - 1, kDoublings));
            return jittered(std::min<milliseconds>(longest, hours(1)), failures.jitter);
        }
        case ExitClass::resource:
            return jittered(minutes(1), failures.jitter);
        case ExitClass::source: {
            constexpr std::array kWaits{hours(6), hours(24), hours(72)};
            return kWaits[std::min<std::size_t>(static_cast<std::size_t>(n) - 1, 2)];
        }
        case ExitClass::code:
            return minutes(10);
        case ExitClass::wait:
            return hours(1);
        default:
            return milliseconds(0);
    }
}

Factors raised(const Verdict& verdict, Factors now) noexcept {
    constexpr double kMemory = 1.5, kTime = 2;
    if (verdict.klass != ExitClass::resource) return now;
    if (verdict.reason == "oom" || verdict.reason == "resource")
        now.memory = kMemory;
    else if (verdict.reason == "timeout" || verdict.reason == "time_limit")
        now.time = kTime;
    return now;
}

}  // namespace hls::joblog
