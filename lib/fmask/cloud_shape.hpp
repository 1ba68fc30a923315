// SPDX-License-Identifier: Apache-2.0
// One cloud as a body: its pixels, or a lattice of them, with their heights above its base, and the
// way its shadow takes over the ground as the base is lifted.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "fmask/objects.hpp"
#include "fmask/shadow_match.hpp"
#include "fmask/view_field.hpp"

namespace hls::fmask {

// Heights within a cloud are counted in parts of a step of the base, i.e. of a move by two pixels.
constexpr int kPartsPerStep = 8;

struct Sample {
    std::uint32_t pixel = 0;  // row * columns + column
    std::uint32_t part = 0;   // height above the base
};

// By how many pixels a part of a cloud moves to become its shadow.
struct Move {
    std::int32_t rows = 0;
    std::int32_t cols = 0;
};

// Of the parts of a cloud, from its base upwards.
struct Moves {
    std::span<const Move> by_part;
    std::span<const std::uint32_t> steps;  // the same as numbers of pixels, row after row
};

struct Box {
    int first_row = 0;
    int end_row = 0;
    int first_col = 0;
    int end_col = 0;

    // The box that holds this one after each of the moves, which lie on a straight line.
    Box moved(std::span<const Move> moves) const;
};

// Moves for bases low_m, low_m + step_m, ..., computed as far as they are asked for.
class ShadowPath {
 public:
    // `cols` is the width of the image.
    ShadowPath(const Displacement& per_metre, double low_m, double step_m, int cols)
        : per_metre_(per_metre), low_m_(low_m), part_m_(step_m / kPartsPerStep), cols_(cols) {}

    // Of the parts 0..highest_part above the base of that index; valid until the next call.
    Moves moves(int index, std::uint32_t highest_part);

 private:
    Displacement per_metre_;
    double low_m_;
    double part_m_;
    int cols_;
    std::vector<Move> moves_;
    std::vector<std::uint32_t> steps_;
};

class CloudShape {
 public:
    // step_m is the step of the base. Large objects are sampled on a lattice, always with the ends
    // of its rows.
    CloudShape(std::span<const Run> runs, const ShadowScene& scene, double edge_m, double step_m);

    std::span<const Sample> samples() const { return samples_; }
    const Box& box() const { return box_; }
    std::uint32_t highest_part() const { return highest_part_; }
    double base_c() const { return base_hundredths_ / 100; }
    ViewTangent mean_view() const { return mean_view_; }
    // By how much the highest ground below the cloud rises above the mean of it; 0 if not known.
    double ground_rise_m() const { return ground_rise_m_; }

    // Height of any pixel of the object.
    std::uint32_t part_of(int row, int col) const {
        if (temperature_ == nullptr) return 0;
        const double colder = base_hundredths_ - (*temperature_)(row, col);
        return colder <= 0 ? 0 : static_cast<std::uint32_t>(colder * parts_per_hundredth_ + 0.5);
    }

 private:
    void find_base(std::span<const Run> runs, std::int64_t area, double edge_px);
    void take_samples(std::span<const Run> runs, std::int64_t area, int cols);

    const Plane<std::int16_t>* temperature_;
    double base_hundredths_ = 0;
    double parts_per_hundredth_ = 0;
    std::uint32_t highest_part_ = 0;
    double ground_rise_m_ = 0;
    Box box_;
    ViewTangent mean_view_;
    std::vector<Sample> samples_;
};

}  // namespace hls::fmask
