// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace hls::cli {
namespace {

constexpr int kWidth = 32;

void write_stderr(const std::string& text) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

ProgressBar::Line::~Line() {
    if (!ended && shown_permille >= 0) write_stderr("\n");
}

ProgressBar::ProgressBar(std::string label)
    : line_(std::make_shared<Line>(
          Line{std::move(label), std::chrono::steady_clock::now(), -1, false})) {}

void ProgressBar::operator()(double fraction) const {
    const int permille = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 1000);
    if (permille <= line_->shown_permille) return;
    line_->shown_permille = permille;
    const int filled = permille * kWidth / 1000;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - line_->start;
    line_->ended = permille == 1000;
    write_stderr(fmt::format("\r{} [{:=<{}}{: <{}}] {:3}% {:.0f} s{}", line_->label, "", filled, "",
                             kWidth - filled, permille / 10, elapsed.count(),
                             line_->ended ? "\n" : ""));
}

}  // namespace hls::cli
