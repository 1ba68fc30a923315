// SPDX-License-Identifier: Apache-2.0
#include "core/parallel.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/cancel.hpp"

namespace hls {
namespace {

// Whole CPUs granted by cgroup v2, or 0 when there is no quota: a container limited to 2 CPUs on a
// 64-core host must not start 64 threads.
int cgroup_cpu_quota() {
    std::ifstream file("/sys/fs/cgroup/cpu.max");
    std::string quota;
    double period = 0;
    if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
    char* end = nullptr;
    const double value = std::strtod(quota.c_str(), &end);
    return end == quota.c_str() ? 0 : std::max(1, static_cast<int>(value / period));
}

}  // namespace

int available_threads() noexcept {
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0
                    ? CPU_COUNT(&set)
                    : static_cast<int>(std::thread::hardware_concurrency());
    if (const int quota = cgroup_cpu_quota(); quota > 0) count = std::min(count, quota);
    return std::max(1, count);
}

void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& body) {
    std::atomic<std::size_t> next{0};
    std::atomic<bool> failed{false};
    std::exception_ptr first;
    std::mutex first_mutex;

    const auto work = [&] {
        try {
            for (std::size_t i = next++; i < count && !failed; i = next++) {
                throw_if_cancelled();
                body(i);
            }
        } catch (...) {
            const std::lock_guard lock(first_mutex);
            if (!first) first = std::current_exception();
            failed = true;
        }
    };

    const std::size_t helpers =
        std::min(count, static_cast<std::size_t>(std::max(threads, 1))) - (count > 0 ? 1 : 0);
    std::vector<std::jthread> pool;
    pool.reserve(helpers);
    for (std::size_t i = 0; i < helpers; ++i) pool.emplace_back(work);
    work();
    pool.clear();  // joins
    if (first) std::rethrow_exception(first);
}

}  // namespace hls
