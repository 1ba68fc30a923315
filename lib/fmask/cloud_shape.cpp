// SPDX-License-Identifier: Apache-2.0
#include "fmask/cloud_shape.hpp"

#include <algorithm>
#include <limits>
#include <numbers>

#include "fmask/quantile.hpp"

namespace hls::fmask {
namespace {

constexpr double kMoistLapse = 0.0065;   // K/m within a cloud
constexpr double kMostSamples = 250000;  // fewer leave a noise that turns close matches over

Box box_of(std::span<const Run> runs) {
    Box box{runs.front().row, runs.back().row + 1, runs.front().first, runs.front().end};
    for (const Run& run : runs) {
        box.first_col = std::min(box.first_col, run.first);
        box.end_col = std::max(box.end_col, run.end);
    }
    return box;
}

std::int64_t area_of(std::span<const Run> runs) {
    std::int64_t area = 0;
    for (const Run& run : runs) area += run.length();
    return area;
}

ViewTangent mean_view_of(std::span<const Run> runs, const ViewField& field) {
    ViewTangent sum;
    std::int64_t area = 0;
    for (const Run& run : runs) {
        const ViewTangent here = field.at(run.row, (run.first + run.end) / 2);
        sum.east += here.east * run.length();
        sum.north += here.north * run.length();
        area += run.length();
    }
    return {sum.east / static_cast<double>(area), sum.north / static_cast<double>(area)};
}

double ground_rise(std::span<const Run> runs, const Plane<std::int16_t>& elevation_m) {
    std::int64_t sum = 0;
    int highest = std::numeric_limits<int>::min();
    for (const Run& run : runs)
        for (int c = run.first; c < run.end; ++c) {
            sum += elevation_m(run.row, c);
            highest = std::max<int>(highest, elevation_m(run.row, c));
        }
    return highest - static_cast<double>(sum) / static_cast<double>(area_of(runs));
}

}  // namespace

Box Box::moved(std::span<const Move> moves) const {
    const auto [low_row, high_row] = std::minmax(moves.front().rows, moves.back().rows);
    const auto [low_col, high_col] = std::minmax(moves.front().cols, moves.back().cols);
    return {first_row + low_row, end_row + high_row, first_col + low_col, end_col + high_col};
}

Moves ShadowPath::moves(int index, std::uint32_t highest_part) {
    const std::size_t first = static_cast<std::size_t>(index) * kPartsPerStep;
    const std::size_t count = std::size_t{highest_part} + 1;
    for (std::size_t i = moves_.size(); i < first + count; ++i) {
        const double height = low_m_ + static_cast<double>(i) * part_m_;
        const Move move{static_cast<std::int32_t>(std::nearbyint(height * per_metre_.rows)),
                        static_cast<std::int32_t>(std::nearbyint(height * per_metre_.cols))};
        moves_.push_back(move);
        steps_.push_back(static_cast<std::uint32_t>(move.rows * cols_ + move.cols));
    }
    return {std::span(moves_).subspan(first, count), std::span(steps_).subspan(first, count)};
}

CloudShape::CloudShape(std::span<const Run> runs, const ShadowScene& scene, double edge_m,
                       double step_m)
    : temperature_(scene.temperature),
      box_(box_of(runs)),
      mean_view_(mean_view_of(runs, scene.view)) {
    const std::int64_t area = area_of(runs);
    if (scene.elevation_m != nullptr) ground_rise_m_ = ground_rise(runs, *scene.elevation_m);
    if (temperature_ != nullptr) {
        parts_per_hundredth_ = 0.01 / kMoistLapse / (step_m / kPartsPerStep);
        find_base(runs, area, edge_m / scene.pixel_m);
    }
    take_samples(runs, area, scene.valid.cols());
}

// The rim of a cloud is mixed with the ground and too warm: the base has the temperature that lies
// within it. Small clouds are all rim: they are flat, at their lowest temperature.
void CloudShape::find_base(std::span<const Run> runs, std::int64_t area, double edge_px) {
    const double radius = std::sqrt(static_cast<double>(area) / (2 * std::numbers::pi));
    const double within = radius > edge_px ? (radius - edge_px) / radius : 0;
    QuantileFinder finder(area);
    for (const Run& run : runs)
        finder.add(temperature_->row(run.row).subspan(static_cast<std::size_t>(run.first),
                                                      static_cast<std::size_t>(run.length())));
    base_hundredths_ = finder.quantile(within * within);
    const double coldest = finder.quantile(0);
    highest_part_ =
        static_cast<std::uint32_t>((base_hundredths_ - coldest) * parts_per_hundredth_ + 0.5);
}

void CloudShape::take_samples(std::span<const Run> runs, std::int64_t area, int cols) {
    const int spacing = std::max(
        1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(area) / kMostSamples))));
    samples_.reserve(static_cast<std::size_t>(area / spacing / spacing) + 2 * runs.size());
    const auto take = [&](int row, int col) {
        const auto pixel = static_cast<std::uint32_t>(row) * static_cast<std::uint32_t>(cols) +
                           static_cast<std::uint32_t>(col);
        samples_.push_back({pixel, part_of(row, col)});
    };
    for (const Run& run : runs) {
        if (run.row % spacing != 0 && spacing > 1) continue;
        for (int c = run.first; c < run.end; ++c)
            if (c % spacing == 0 || c == run.first || c == run.end - 1) take(run.row, c);
    }
    if (samples_.empty())
        for (const Run& run : runs) take(run.row, run.first);
}

}  // namespace hls::fmask
