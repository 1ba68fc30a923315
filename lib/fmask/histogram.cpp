// SPDX-License-Identifier: Apache-2.0
#include "fmask/histogram.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace hls::fmask {

Histogram& Histogram::operator+=(const Histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    return *this;
}

std::int64_t Histogram::total() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
}

std::optional<double> Histogram::quantile(double q) const {
    const std::int64_t all = total();
    if (all == 0) return std::nullopt;
    const double wanted = q * static_cast<double>(all);
    std::int64_t below = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        const std::int64_t next = below + counts_[i];
        if (counts_[i] > 0 && static_cast<double>(next) >= wanted)
            return low_ + static_cast<double>(i) - 0.5 +
                   (wanted - static_cast<double>(below)) / counts_[i];
        below = next;
    }
    return high_ + 0.5;
}

std::optional<double> Histogram::otsu_split() const {
    const auto filled = [](std::uint32_t n) { return n != 0; };
    const auto first = std::find_if(counts_.begin(), counts_.end(), filled);
    if (first == counts_.end()) return std::nullopt;
    const auto last = std::find_if(counts_.rbegin(), counts_.rend(), filled).base() - 1;
    const double smallest = low_ + static_cast<double>(first - counts_.begin());
    const double width = static_cast<double>(last - first) / 255;
    if (width == 0) return smallest;

    constexpr std::size_t kBins = 256;
    std::array<double, kBins> bins{};
    for (auto it = first; it <= last; ++it)
        bins[static_cast<std::size_t>(static_cast<double>(it - first) / width + 0.5)] += *it;
    double all = 0;
    double all_sum = 0;
    for (std::size_t i = 0; i < kBins; ++i) {
        all += bins[i];
        all_sum += bins[i] * static_cast<double>(i);
    }
    double best = -1;
    std::size_t split = 0;
    double count = 0;
    double sum = 0;
    for (std::size_t i = 0; i + 1 < kBins; ++i) {
        count += bins[i];
        sum += bins[i] * static_cast<double>(i);
        if (count == 0 || count == all) continue;
        const double gap = sum / count - (all_sum - sum) / (all - count);
        const double between = count * (all - count) * gap * gap;
        if (between > best) {
            best = between;
            split = i;
        }
    }
    return smallest + (static_cast<double>(split) + 0.5) * width;
}

Histogram sum_of(const std::vector<Histogram>& parts) {
    Histogram sum = parts.front();
    for (std::size_t i = 1; i < parts.size(); ++i) sum += parts[i];
    return sum;
}

}  // namespace hls::fmask
