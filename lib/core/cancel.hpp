// SPDX-License-Identifier: Apache-2.0
// Cooperative stop: a signal handler asks, loops look between strips, destructors clean up.
#pragma once

namespace hls {

// Async-signal-safe. Remembers the first signal number; later calls change nothing.
void request_cancel(int signal_number) noexcept;

// The signal that asked to stop, 0 if none did.
int cancel_signal() noexcept;

// Throws Error{128 + signal} once a stop was asked for. Call it at least once a second in any loop
// that can run longer than that.
void throw_if_cancelled();

}  // namespace hls
