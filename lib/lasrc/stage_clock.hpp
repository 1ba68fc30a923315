// SPDX-License-Identifier: Apache-2.0
// Wall and CPU time of the stages of a correction, one after the other.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lasrc/correction_report.hpp"

namespace hls::lasrc {

double process_cpu_seconds();  // of all threads, user and system

// Time since the last stage ended.
class StageClock {
 public:
    explicit StageClock(std::vector<StageTiming>& timings) : timings_(timings) {}

    void end(std::string stage) {
        const auto now = std::chrono::steady_clock::now();
        const double cpu = process_cpu_seconds();
        timings_.push_back(
            {std::move(stage), std::chrono::duration<double>(now - wall_).count(), cpu - cpu_});
        wall_ = now;
        cpu_ = cpu;
    }

 private:
    std::vector<StageTiming>& timings_;
    std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
    double cpu_ = process_cpu_seconds();
};

}  // namespace hls::lasrc
