// SPDX-License-Identifier: Apache-2.0
#include "lasrc/aerosol_field.hpp"

#include <algorithm>
#include <cstdlib>

namespace hls::lasrc {
namespace {

constexpr float kDefaultAot = .05f;
constexpr float kDefaultEps = 1.5f;
constexpr int kReach = 2;  // windows
constexpr float kStep = 1.f / 3.f;

class Filler {
 public:
    explicit Filler(AerosolField& field)
        : field_(field), filled_(field.flags.rows(), field.flags.cols(), 0) {}

    void run() {
        const int rows = filled_.rows(), cols = filled_.cols();
        const auto forward = [&](int need, bool use_filled) {
            for (int r = 0; r < rows; ++r)
                for (int c = 0; c < cols; ++c) visit(r, c, need, use_filled);
        };
        forward(4, false);
        if (unfilled_ == total_) return;
        forward(1, true);
        for (int r = rows - 1; r >= 0; --r)
            for (int c = cols - 1; c >= 0; --c) visit(r, c, 1, true);
    }

 private:
    void visit(int row, int col, int need, bool use_filled) {
        const std::uint8_t flags = field_.flags(row, col);
        if (flags & kFlagFill) return;
        ++total_;
        if ((flags & kFlagValid) || filled_(row, col)) return;

        double aot = 0, eps = 0;
        int count = 0;
        const int last_row = std::min(row + kReach, filled_.rows() - 1);
        const int last_col = std::min(col + kReach, filled_.cols() - 1);
        for (int r = std::max(row - kReach, 0); r <= last_row; ++r) {
            for (int c = std::max(col - kReach, 0); c <= last_col; ++c) {
                if (!(field_.flags(r, c) & kFlagValid) && !(use_filled && filled_(r, c))) continue;
                aot += static_cast<double>(field_.aot550(r, c));
                eps += static_cast<double>(field_.eps(r, c));
                ++count;
            }
        }
        if (count >= need) {
            field_.aot550(row, col) = static_cast<float>(aot / count);
            field_.eps(row, col) = static_cast<float>(eps / count);
            filled_(row, col) = 1;
        } else {
            field_.aot550(row, col) = kDefaultAot;
            field_.eps(row, col) = kDefaultEps;
            ++unfilled_;
        }
    }

    AerosolField& field_;
    Plane<std::uint8_t> filled_;
    long total_ = 0;     // windows with data, valid ones included
    long unfilled_ = 0;  // of these without enough neighbours
};

// Own window of a pixel, the neighbour to interpolate towards, and its weight, along one axis.
struct Axis {
    int own, other;
    float weight;
};

Axis axis_at(int pixel, int pixels) noexcept {
    // With a remainder of one the last pixel would belong to a window outside the image.
    const int own = std::min(pixel / 3, window_count(pixels) - 1);
    const int offset = pixel - window_center(own, pixels);
    int other = offset < 0 ? own - 1 : own + 1;
    const int center = window_center(other, pixels);
    if (center < 0 || center >= pixels - 1) other = own;
    return {own, other, static_cast<float>(std::abs(offset)) * kStep};
}

bool is_empty(const AerosolField& field, int row, int col) noexcept {
    // Only a window without any valid pixel is left with eps 0.
    return field.eps(row, col) == 0.f;
}

float blend(float own, float vertical, float horizontal, float diagonal, float u,
            float v) noexcept {
    return own + u * (vertical - own) + v * (horizontal - own) +
           u * v * (own - horizontal - vertical + diagonal);
}

}  // namespace

void fill_failed_windows(AerosolField& field) {
    Filler(field).run();
}

void interpolate_row(const AerosolField& field, int row, const Quirks& quirks,
                     const AerosolRow& out) noexcept {
    const Axis y = axis_at(row, field.rows);
    const bool on_center = row == window_center(y.own, field.rows);
    const auto water = [&](int r, int c) {
        return field.center_is_fill(r, c) ? 0 : field.flags(r, c) & kFlagWater;
    };
    for (int col = 0; col < field.cols; ++col) {
        const Axis x = axis_at(col, field.cols);
        const auto value = [&](const Plane<float>& plane) {
            const float own = plane(y.own, x.own);
            const auto neighbour = [&](int r, int c) {
                return quirks.empty_windows_as_zero || !is_empty(field, r, c) ? plane(r, c) : own;
            };
            return blend(own, neighbour(y.other, x.own), neighbour(y.own, x.other),
                         neighbour(y.other, x.other), y.weight, x.weight);
        };
        const auto i = static_cast<std::size_t>(col);
        out.aot550[i] = value(field.aot550);
        out.eps[i] = value(field.eps);
        const bool is_center = on_center && col == window_center(x.own, field.cols);
        const int any_water = water(y.own, x.own) | water(y.other, x.own) | water(y.own, x.other) |
                              water(y.other, x.other);
        out.flags[i] = is_center ? field.flags(y.own, x.own)
                                 : static_cast<std::uint8_t>(kFlagInterpolated | any_water);
    }
}

}  // namespace hls::lasrc
