// SPDX-License-Identifier: Apache-2.0
// One line on stderr that grows: label, bar, percent, elapsed time.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace hls::cli {

// Copies share one line on the terminal; the line ends with the last copy or at fraction 1.
class ProgressBar {
 public:
    explicit ProgressBar(std::string label);
    void operator()(double fraction) const;

 private:
    struct Line {
        std::string label;
        std::chrono::steady_clock::time_point start;
        int shown_permille = -1;
        bool ended = false;
        ~Line();
    };
    std::shared_ptr<Line> line_;
};

}  // namespace hls::cli
