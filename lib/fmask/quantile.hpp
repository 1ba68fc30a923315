// SPDX-License-Identifier: Apache-2.0
// Quantiles of a set of int16 values whose size is known: sorted when few, counted when many.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace hls::fmask {

class QuantileFinder {
 public:
    explicit QuantileFinder(std::int64_t size) {
        if (size <= kFew)
            values_.reserve(static_cast<std::size_t>(size));
        else
            counts_.resize(65536);
    }

    void add(std::span<const std::int16_t> values) {
        total_ += static_cast<std::int64_t>(values.size());
        if (counts_.empty()) {
            values_.insert(values_.end(), values.begin(), values.end());
            return;
        }
        for (const std::int16_t value : values) ++counts_[static_cast<std::size_t>(value + 32768)];
    }

    // Linear between the order statistics around (total - 1) q. Something must have been added.
    double quantile(double q) {
        const double position = q * static_cast<double>(total_ - 1);
        const auto index = static_cast<std::int64_t>(position);
        const double below = value_at(index);
        if (index + 1 >= total_) return below;
        return below + (position - static_cast<double>(index)) * (value_at(index + 1) - below);
    }

 private:
    static constexpr std::int64_t kFew = 1 << 14;

    double value_at(std::int64_t index) {
        if (counts_.empty()) {
            const auto place = values_.begin() + index;
            std::nth_element(values_.begin(), place, values_.end());
            return *place;
        }
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            index -= counts_[i];
            if (index < 0) return static_cast<double>(i) - 32768;
        }
        return 32767;
    }

    std::vector<std::int16_t> values_;
    std::vector<std::int64_t> counts_;
    std::int64_t total_ = 0;
};

}  // namespace hls::fmask
