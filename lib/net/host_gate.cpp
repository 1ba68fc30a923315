// SPDX-License-Identifier: Apache-2.0
#include "net/host_gate.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "net/endpoints.hpp"

namespace hls::net {
namespace {

constexpr int kSuccessesPerConnection = 20;
constexpr int kFailuresThatClose = 5;
constexpr Seconds kSlotPoll{0.2};

thread_local int bypasses = 0;

Clock::duration ticks(Seconds seconds) {
    return std::chrono::duration_cast<Clock::duration>(seconds);
}

}  // namespace

GateBypass::GateBypass() {
    ++bypasses;
}

GateBypass::~GateBypass() {
    --bypasses;
}

HostGate::HostGate(HostLimits limits, std::filesystem::path slot_folder)
    : limits_(std::move(limits)),
      slot_folder_(std::move(slot_folder)),
      allowed_(limits_.connections),
      tokens_(std::max(1.0, limits_.requests_per_second)),
      refilled_(Clock::now()) {}

HostGate::~HostGate() {
    for (const int descriptor : slots_) ::close(descriptor);
}

// A place that all processes of this user share: the kernel frees it when its holder dies.
bool HostGate::take_slot() {
    if (limits_.shared_slots.empty()) return true;
    std::error_code error;
    std::filesystem::create_directories(slot_folder_, error);
    for (int slot = 0; slot < limits_.connections; ++slot) {
        const auto path = slot_folder_ / fmt::format("{}.slot.{}", limits_.shared_slots, slot);
        const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (descriptor < 0)
            throw Error{Exit::cannot_create, path.string() + ": cannot be created",
                        "HLS_STATE_DIR names a folder for tokens and slots"};
        if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
            slots_.push_back(descriptor);
            return true;
        }
        ::close(descriptor);
    }
    return false;
}

void HostGate::free_place() {
    --active_;
    if (slots_.empty()) return;
    ::close(slots_.back());
    slots_.pop_back();
}

void HostGate::free_broken(Clock::time_point now) {
    const auto over = [&](Clock::time_point until) { return until <= now; };
    for (auto n = std::erase_if(broken_until_, over); n > 0; --n) free_place();
}

std::optional<Clock::time_point> HostGate::try_enter(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    free_broken(now);
    if (now < paused_until_) return paused_until_;
    const int places = failures_in_row_ >= kFailuresThatClose ? 1 : allowed_;
    if (active_ >= places) return now + ticks(Seconds{0.05});
    const double rate = limits_.requests_per_second;
    tokens_ = std::min(std::max(1.0, rate),
                       tokens_ + rate * std::chrono::duration<double>(now - refilled_).count());
    refilled_ = now;
    if (tokens_ < 1) return now + ticks(Seconds{(1 - tokens_) / rate});
    if (!take_slot()) return now + ticks(kSlotPoll);
    tokens_ -= 1;
    ++active_;
    return std::nullopt;
}

bool HostGate::enter(Seconds longest_pause) {
    if (bypasses > 0) return false;
    while (const auto when = try_enter(Clock::now())) {
        throw_if_cancelled();
        if (const Seconds left = *when - Clock::now(); left > longest_pause)
            throw Error{Exit::temporary, "a server asked to be left alone",
                        fmt::format("it asks to come back in {:.0f} s", left.count())};
        std::this_thread::sleep_until(std::min(*when, Clock::now() + ticks(Seconds{0.2})));
    }
    return true;
}

void HostGate::leave(bool broken) {
    const std::lock_guard lock(mutex_);
    if (broken && limits_.after_break > Seconds{0})
        broken_until_.push_back(Clock::now() + ticks(limits_.after_break));
    else
        free_place();
}

void HostGate::succeeded() {
    const std::lock_guard lock(mutex_);
    failures_in_row_ = 0;
    if (++successes_ < kSuccessesPerConnection) return;
    successes_ = 0;
    allowed_ = std::min(allowed_ + 1, limits_.connections);
}

void HostGate::throttled(Seconds pause) {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    // Answers that were under way when the pause began tell nothing new.
    if (now >= paused_until_) {
        allowed_ = std::max(1, limits_.connections / 2);
        successes_ = 0;
    }
    paused_until_ = std::max(paused_until_, now + ticks(pause));
}

void HostGate::unreachable(Seconds delay) {
    const std::lock_guard lock(mutex_);
    if (++failures_in_row_ >= kFailuresThatClose)
        paused_until_ = std::max(paused_until_, Clock::now() + ticks(delay));
}

Clock::time_point HostGate::paused_until() const {
    const std::lock_guard lock(mutex_);
    return paused_until_;
}

HostGate& host_gate(const Url& url) {
    static std::mutex mutex;
    static std::map<std::string, std::unique_ptr<HostGate>> gates;
    const HostLimits limits = limits_of(url);
    const std::string name =
        limits.shared_slots.empty() ? authority(url) : limits.shared_slots + "@" + authority(url);
    const std::lock_guard lock(mutex);
    auto& gate = gates[name];
    if (!gate)
        gate = std::make_unique<HostGate>(
            limits, limits.shared_slots.empty() ? std::filesystem::path{} : state_dir());
    return *gate;
}

}  // namespace hls::net
