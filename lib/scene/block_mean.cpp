// SPDX-License-Identifier: Apache-2.0
#include "scene/block_mean.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "scene/sentinel2_ac_scene.hpp"

namespace hls::scene {
namespace {

constexpr std::uint32_t kMaxSample = 65535;
// More than the sum of any box, and stays so when more samples are added.
constexpr std::uint32_t kSpoilt = 36 * kMaxSample + 1;

// Stored reflectance of a sum of n samples, in the operations and order of NASA's program: the
// digits of ties depend on them.
std::int16_t stored_mean(std::uint32_t sum, int samples) noexcept {
    constexpr double kScale = 0.0000275;
    constexpr double kOffset = 0.2;
    constexpr double kCounts = 10000;
    const double mean = (sum * kScale / samples - kOffset) * kCounts;
    return static_cast<std::int16_t>(std::floor(mean + 0.5));
}

// By the sum of a box, 0 and kSpoilt apart.
std::vector<std::int16_t> make_table(int box) {
    const int samples = box * box;
    std::vector<std::int16_t> table(static_cast<std::size_t>(samples) * kMaxSample + 1);
    table[0] = kSentinel2Fill;
    for (std::size_t sum = 1; sum < table.size(); ++sum)
        table[sum] = stored_mean(static_cast<std::uint32_t>(sum), samples);
    return table;
}

const std::vector<std::int16_t>& table_of(int box) {
    static const std::vector<std::int16_t> single = make_table(1);
    static const std::vector<std::int16_t> four = make_table(2);
    return box == 1 ? single : four;
}

void copy_row(std::span<const std::uint16_t> row, std::span<std::int16_t> out) {
    const auto& table = table_of(1);
    for (std::size_t c = 0; c < out.size(); ++c) out[c] = table[row[c]];
}

void add_row(std::span<const std::uint16_t> row, std::size_t box, std::span<std::uint32_t> sums) {
    for (std::size_t c = 0; c < sums.size(); ++c)
        for (std::size_t i = 0; i < box; ++i) {
            const std::uint32_t sample = row[c * box + i];
            sums[c] += sample == 0 ? kSpoilt : sample;
        }
}

}  // namespace

void block_means(View2D<const std::uint16_t> rows, int box, View2D<std::int16_t> out) {
    if (box == 1) {
        for (int r = 0; r < out.rows(); ++r) copy_row(rows.row(r), out.row(r));
        return;
    }
    const int samples = box * box;
    std::vector<std::uint32_t> sums(static_cast<std::size_t>(out.cols()));
    for (int r = 0; r < out.rows(); ++r) {
        std::fill(sums.begin(), sums.end(), 0U);
        for (int i = 0; i < box; ++i)
            add_row(rows.row(r * box + i), static_cast<std::size_t>(box), sums);
        const auto target = out.row(r);
        for (std::size_t c = 0; c < sums.size(); ++c) {
            if (sums[c] >= kSpoilt)
                target[c] = kSentinel2Fill;
            else
                target[c] = box == 2 ? table_of(2)[sums[c]] : stored_mean(sums[c], samples);
        }
    }
}

}  // namespace hls::scene
