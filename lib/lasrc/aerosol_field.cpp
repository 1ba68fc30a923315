// SPDX-License-Identifier: Apache-2.0
#include "lasrc/aerosol_field.hpp"

#include <algorithm>
#include <cstddef>
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

// What the pixels of one image row are made of.
class RowBlend {
 public:
    RowBlend(const AerosolField& field, int row, const Quirks& quirks) noexcept
        : field_(field),
          y_(axis_at(row, field.rows)),
          on_center_(row == window_center(y_.own, field.rows)),
          zeros_count_(quirks.empty_windows_as_zero) {}

    // Any pixel.
    void pixel(int col, const AerosolRow& out) const noexcept {
        const Axis x = axis_at(col, field_.cols);
        const auto i = static_cast<std::size_t>(col);
        out.aot550[i] = value(field_.aot550, x);
        out.eps[i] = value(field_.eps, x);
        const bool is_center = on_center_ && col == window_center(x.own, field_.cols);
        out.flags[i] =
            is_center ? field_.flags(y_.own, x.own) : interpolated(water(x.own) | water(x.other));
    }

    // The three pixels of each window in [first, last), which have windows on both sides; only
    // where empty windows count as zeros.
    void windows(int first, int last, const AerosolRow& out) const noexcept {
        if (first >= last) return;  // an image of a window or two has none
        values(field_.aot550, first, last, out.aot550.data());
        values(field_.eps, first, last, out.eps.data());
        int before = water(first - 1), own = water(first);
        for (int c = first; c < last; ++c) {
            const int after = water(c + 1);
            std::uint8_t* const flags = &out.flags[3 * static_cast<std::size_t>(c)];
            flags[0] = interpolated(own | before);
            flags[1] = on_center_ ? field_.flags(y_.own, c) : interpolated(own | after);
            flags[2] = interpolated(own | after);
            before = own;
            own = after;
        }
    }

 private:
    static std::uint8_t interpolated(int any_water) noexcept {
        return static_cast<std::uint8_t>(kFlagInterpolated | any_water);
    }

    // Of the two windows of a column. A fill centre is no longer water when flags are set.
    int water(int col) const noexcept {
        const auto of = [&](int row) {
            return field_.center_is_fill(row, col) ? 0 : field_.flags(row, col) & kFlagWater;
        };
        return of(y_.own) | of(y_.other);
    }

    float value(const Plane<float>& plane, const Axis& x) const noexcept {
        const float own = plane(y_.own, x.own);
        const auto neighbour = [&](int r, int c) {
            return zeros_count_ || !is_empty(field_, r, c) ? plane(r, c) : own;
        };
        return blend(own, neighbour(y_.other, x.own), neighbour(y_.own, x.other),
                     neighbour(y_.other, x.other), y_.weight, x.weight);
    }

    void values(const Plane<float>& plane, int first, int last, float* out) const noexcept {
        const float* const own = plane.row(y_.own).data();
        const float* const other = plane.row(y_.other).data();
        const float u = y_.weight;
        for (int c = first; c < last; ++c) {
            const float a = own[c], b = other[c];
            float* const pixel = out + 3 * static_cast<std::ptrdiff_t>(c);
            pixel[0] = blend(a, b, own[c - 1], other[c - 1], u, kStep);
            pixel[1] = a + u * (b - a);
            pixel[2] = blend(a, b, own[c + 1], other[c + 1], u, kStep);
        }
    }

    const AerosolField& field_;
    Axis y_;
    bool on_center_;
    bool zeros_count_;
};

}  // namespace

void fill_failed_windows(AerosolField& field) {
    Filler(field).run();
}

void interpolate_row(const AerosolField& field, int row, const Quirks& quirks,
                     const AerosolRow& out) noexcept {
    const RowBlend blend_row(field, row, quirks);
    // The first window and the last two have pixels without a neighbour.
    const int last = quirks.empty_windows_as_zero ? std::max(1, field.flags.cols() - 2) : 1;
    const int first_pixels = std::min(3, field.cols);
    for (int col = 0; col < first_pixels; ++col) blend_row.pixel(col, out);
    blend_row.windows(1, last, out);
    for (int col = 3 * last; col < field.cols; ++col) blend_row.pixel(col, out);
}

}  // namespace hls::lasrc
