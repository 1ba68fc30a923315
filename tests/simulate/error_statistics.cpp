// SPDX-License-Identifier: Apache-2.0
#include "simulate/error_statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hls::simulate {

void ErrorSum::add(double error) noexcept {
    ++count_;
    sum_ += error;
    squares_ += error * error;
    largest_ = std::max(largest_, std::fabs(error));
}

ErrorStatistics ErrorSum::result() const noexcept {
    if (count_ == 0) return {};
    const auto n = static_cast<double>(count_);
    return {count_, sum_ / n, std::sqrt(squares_ / n), largest_};
}

std::string json_of(const ErrorStatistics& statistics) {
    return fmt::format(R"("count":{},"bias":{:.6f},"rmse":{:.6f},"max":{:.6f})", statistics.count,
                       statistics.bias, statistics.rmse, statistics.largest);
}

std::string table_line(std::string_view name, const ErrorStatistics& s) {
    return fmt::format("{:<14}{:>10.4f}{:>10.4f}{:>10.4f}\n", name, s.bias, s.rmse, s.largest);
}

std::string table_head() {
    return fmt::format("{:<14}{:>10}{:>10}{:>10}\n", "", "bias", "RMSE", "largest");
}

}  // namespace hls::simulate
