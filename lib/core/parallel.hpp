// SPDX-License-Identifier: Apache-2.0
// The only place that starts threads.
#pragma once

#include <cstddef>
#include <functional>

namespace hls {

// CPUs this process may use (its affinity mask and cgroup quota), at least 1.
int available_threads() noexcept;

// Calls body(index) for every index in [0, count) on up to `threads` threads, the caller's among
// them, handing out indices in ascending order. Rethrows the first exception after all threads
// stopped; indices not yet started are then skipped. Checks for cancellation before every index.
// Results must not depend on which thread runs an index, so that output is the same for any count.
void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& body);

}  // namespace hls
