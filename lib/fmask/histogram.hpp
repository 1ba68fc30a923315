// SPDX-License-Identifier: Apache-2.0
// Counts of integer values and their percentiles: exact, and the same however they were gathered.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace hls::fmask {

// Values in [low, high]; what lies outside is counted at the nearer end.
class Histogram {
 public:
    Histogram(int low, int high)
        : counts_(static_cast<std::size_t>(high - low + 1)), low_(low), high_(high) {}

    void add(int value) noexcept {
        const int inside = value < low_ ? low_ : value > high_ ? high_ : value;
        ++counts_[static_cast<std::size_t>(inside - low_)];
    }
    Histogram& operator+=(const Histogram& other);

    std::int64_t total() const;

    // The value below which a share q (0..1) of the counts lie: linear within the bin, which
    // reaches half a unit to both sides of its value. nullopt if nothing was counted.
    std::optional<double> quantile(double q) const;

    // The split that best separates two groups of values in 256 equal bins between the smallest and
    // the largest (Otsu 1979): values below it are the lower group. nullopt if nothing was counted.
    std::optional<double> otsu_split() const;

 private:
    std::vector<std::uint32_t> counts_;
    int low_;
    int high_;
};

// Sum of histograms gathered in parts. `parts` must not be empty.
Histogram sum_of(const std::vector<Histogram>& parts);

}  // namespace hls::fmask
