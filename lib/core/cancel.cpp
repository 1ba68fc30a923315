// SPDX-License-Identifier: Apache-2.0
#include "core/cancel.hpp"

#include <fmt/format.h>

#include <atomic>

#include "core/error.hpp"

namespace hls {
namespace {

std::atomic<int> g_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "the signal handler stores to it");

}  // namespace

void request_cancel(int signal_number) noexcept {
    int none = 0;
    g_signal.compare_exchange_strong(none, signal_number);
}

int cancel_signal() noexcept {
    return g_signal.load(std::memory_order_relaxed);
}

void throw_if_cancelled() {
    if (const int signal = cancel_signal(); signal != 0) {
        throw Error{static_cast<Exit>(128 + signal), fmt::format("stopped by signal {}", signal)};
    }
}

}  // namespace hls
