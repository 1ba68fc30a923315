// SPDX-License-Identifier: Apache-2.0
// Statistics of differences.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hls::simulate {

// Of estimate - truth.
struct ErrorStatistics {
    std::int64_t count = 0;
    double bias = 0;
    double rmse = 0;
    double largest = 0;  // absolute
};

class ErrorSum {
 public:
    void add(double error) noexcept;
    ErrorStatistics result() const noexcept;

 private:
    std::int64_t count_ = 0;
    double sum_ = 0, squares_ = 0, largest_ = 0;
};

// "count":..,"bias":..,"rmse":..,"max":..
std::string json_of(const ErrorStatistics& statistics);
// A line of a table for people, and the line above all.
std::string table_line(std::string_view name, const ErrorStatistics& statistics);
std::string table_head();

}  // namespace hls::simulate
