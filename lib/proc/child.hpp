// SPDX-License-Identifier: Apache-2.0
// A program run to its end in a process group of its own, within limits of time and memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hls::proc {

struct ChildRequest {
    std::vector<std::string> argv;  // argv[0] is looked for in PATH
    std::vector<std::pair<std::string, std::string>> environment{};  // beside ours
    std::filesystem::path working_folder{};                          // empty: ours
    std::filesystem::path stdout_file{}, stderr_file{};              // appended to; empty: ours

    std::chrono::milliseconds time_limit{0};  // 0: none
    // Of the resident memory of the program and all its descendants together, looked at ten times a
    // second; 0: none.
    std::int64_t memory_limit_mb = 0;
    // Between asking a program to stop (SIGTERM) and ending it (SIGKILL).
    std::chrono::milliseconds grace{4'000};

    // Called every `tick` while the program runs; false stops it.
    std::function<bool()> on_tick{};
    std::chrono::milliseconds tick{0};  // 0: never
};

enum class StoppedBy { nobody, time_limit, memory_limit, cancellation, tick };

struct ChildReport {
    int exit_code = 0;  // of a program that ended by itself
    int signal = 0;     // that ended it, else 0
    StoppedBy stopped_by = StoppedBy::nobody;
    double wall_s = 0;
    double user_s = 0;  // of the program and the descendants it waited for
    double sys_s = 0;
    double max_rss_mb = 0;
    double read_mb = 0;  // from and to block devices
    double write_mb = 0;

    // As the exit code of the kit: 124 for the time limit, 137 for the memory limit, the signal
    // that stopped us for a cancellation, 128 + signal, or the program's own.
    int code() const noexcept;
};

// Runs the program and waits. What remains of its process group when it ends is killed. If this
// process dies, the program is asked to stop. Throws Error{unavailable} if the program is not there
// or cannot be started, {cannot_create} for the output files.
ChildReport run_child(const ChildRequest& request);

}  // namespace hls::proc
