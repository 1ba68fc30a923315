// SPDX-License-Identifier: Apache-2.0
#include "product/browse.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace hls::product {
namespace {

constexpr int kWeightBits = 22;
constexpr int kHalf = 1 << (kWeightBits - 1);

// Input samples [first, first + weights.size()) of one output sample.
struct Taps {
    int first = 0;
    std::vector<int> weights;  // sum about 2^22
};

double cubic(double x) {
    constexpr double a = -0.5;
    x = std::abs(x);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
    return 0;
}

std::vector<Taps> reduction_taps(int from, int to) {
    const double scale = static_cast<double>(from) / to;
    const double stretch = std::max(scale, 1.0);
    const double reach = 2 * stretch;
    std::vector<Taps> all(static_cast<std::size_t>(to));
    for (int i = 0; i < to; ++i) {
        const double center = (i + 0.5) * scale;
        Taps& taps = all[static_cast<std::size_t>(i)];
        taps.first = std::max(static_cast<int>(center - reach + 0.5), 0);
        const int end = std::min(static_cast<int>(center + reach + 0.5), from);
        std::vector<double> weights;
        double sum = 0;
        for (int x = taps.first; x < end; ++x) {
            weights.push_back(cubic((x - center + 0.5) / stretch));
            sum += weights.back();
        }
        for (const double weight : weights)
            taps.weights.push_back(static_cast<int>(std::round(weight / sum * (1 << kWeightBits))));
    }
    return all;
}

std::uint8_t to_byte(int sum) {
    return static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

}  // namespace

Browse::Browse(int rows, int cols) : stretch_(LogStretch::Dark::browse), rows_(rows), cols_(cols) {
    narrow_.fill(Plane<std::uint8_t>(rows, kSize, 1));
}

void Browse::add_rows(int first_row, const std::array<View2D<const std::int16_t>, 3>& rgb) {
    const auto taps = reduction_taps(cols_, kSize);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(cols_));
    for (std::size_t band = 0; band < rgb.size(); ++band) {
        for (int row = 0; row < rgb[band].rows(); ++row) {
            std::ranges::transform(rgb[band].row(row), bytes.begin(), stretch_);
            const auto out = narrow_[band].row(first_row + row);
            for (std::size_t col = 0; col < out.size(); ++col) {
                const auto* source = &bytes[static_cast<std::size_t>(taps[col].first)];
                int sum = kHalf;
                for (std::size_t i = 0; i < taps[col].weights.size(); ++i)
                    sum += source[i] * taps[col].weights[i];
                out[col] = to_byte(sum);
            }
        }
    }
}

std::array<Plane<std::uint8_t>, 3> Browse::image() const {
    const auto taps = reduction_taps(rows_, kSize);
    std::array<Plane<std::uint8_t>, 3> image;
    std::vector<int> sums(kSize);
    for (std::size_t band = 0; band < image.size(); ++band) {
        image[band] = Plane<std::uint8_t>(kSize, kSize);
        for (int row = 0; row < kSize; ++row) {
            std::ranges::fill(sums, kHalf);
            const Taps& tap = taps[static_cast<std::size_t>(row)];
            for (std::size_t i = 0; i < tap.weights.size(); ++i) {
                const auto source = narrow_[band].row(tap.first + static_cast<int>(i));
                for (std::size_t col = 0; col < kSize; ++col)
                    sums[col] += source[col] * tap.weights[i];
            }
            std::ranges::transform(sums, image[band].row(row).begin(), to_byte);
        }
    }
    return image;
}

}  // namespace hls::product
