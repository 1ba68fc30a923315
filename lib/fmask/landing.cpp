// SPDX-License-Identifier: Apache-2.0
#include "fmask/landing.hpp"

#include <algorithm>
#include <array>
#include <atomic>

#include "fmask/row_strips.hpp"

namespace hls::fmask {
namespace {

// What a pixel says to the shadow of a cloud.
enum Target : std::uint8_t { kClearGround, kDarkGround, kUnknown, kCloud };
constexpr std::size_t kTargets = 4;

Plane<std::uint8_t> make_targets(const ShadowScene& scene, const UnknownPixels& rule, int threads) {
    Plane<std::uint8_t> targets(scene.valid.rows(), scene.valid.cols());
    for_row_strips(targets.rows(), threads, [&](int first, int end) {
        for (int r = first; r < end; ++r) {
            const auto out = targets.row(r);
            const auto words = scene.valid.row_words();
            for (std::size_t w = 0; w < words; ++w) {
                const std::uint64_t valid = scene.valid.row(r)[w];
                const std::uint64_t cloud = scene.cloud.row(r)[w];
                const std::uint64_t hole = scene.holes.row(r)[w];
                const std::uint64_t water = rule.water ? scene.water.row(r)[w] : 0;
                const std::size_t count = std::min<std::size_t>(64, out.size() - w * 64);
                for (std::size_t i = 0; i < count; ++i) {
                    const auto bit = [i](std::uint64_t word) { return (word >> i) & 1; };
                    out[w * 64 + i] = bit(cloud)            ? kCloud
                                      : bit(~valid | water) ? kUnknown
                                      : bit(hole)           ? kDarkGround
                                                            : kClearGround;
                }
            }
        }
    });
    return targets;
}

Plane<std::uint32_t> make_labels(const Objects& objects, int rows, int cols) {
    Plane<std::uint32_t> labels(rows, cols);
    for (const Run& run : objects.runs)
        std::fill_n(labels.row(run.row).begin() + run.first, run.length(), run.object);
    return labels;
}

void set_shared(BitPlane& plane, int row, int col) {
    const std::uint64_t bit = std::uint64_t{1} << (col % 64);
    std::atomic_ref<std::uint64_t> word(plane.row(row)[static_cast<std::size_t>(col / 64)]);
    if ((word.load(std::memory_order_relaxed) & bit) == 0)
        word.fetch_or(bit, std::memory_order_relaxed);
}

// visit(row, column) for every pixel of the object moved, while it returns true.
template <typename Visit>
void for_each_moved(std::span<const Run> runs, const CloudShape& shape, std::span<const Move> moves,
                    Visit visit) {
    for (const Run& run : runs)
        for (int c = run.first; c < run.end; ++c) {
            const Move& move = moves[shape.part_of(run.row, c)];
            if (!visit(run.row + move.rows, c + move.cols)) return;
        }
}

}  // namespace

LandingGround::LandingGround(const Objects& objects, const ShadowScene& scene,
                             const UnknownPixels& rule, int threads)
    : scene_(scene),
      targets_(make_targets(scene, rule, threads)),
      labels_(make_labels(objects, scene.valid.rows(), scene.valid.cols())) {}

bool LandingGround::holds(const CloudShape& shape, std::span<const Move> moves) const {
    const Box box = shape.box().moved(moves);
    return box.first_row >= 0 && box.first_col >= 0 && box.end_row <= targets_.rows() &&
           box.end_col <= targets_.cols();
}

Landed LandingGround::land(std::uint32_t object, const CloudShape& shape,
                           std::span<const Move> moves) const {
    if (holds(shape, moves)) return land_samples<false>(object, shape, moves);
    const Box box = shape.box().moved(moves);
    if (box.end_row <= 0 || box.end_col <= 0 || box.first_row >= targets_.rows() ||
        box.first_col >= targets_.cols()) {
        Landed landed;
        landed.outside = static_cast<std::int64_t>(shape.samples().size());
        return landed;
    }
    return land_samples<true>(object, shape, moves);
}

template <bool kMayLeave>
Landed LandingGround::land_samples(std::uint32_t object, const CloudShape& shape,
                                   std::span<const Move> moves) const {
    Landed landed;
    const std::uint8_t* const targets = targets_.data();
    const std::uint32_t* const labels = labels_.data();
    const auto cols = static_cast<std::size_t>(targets_.cols());
    std::array<std::int64_t, kTargets> counts{};
    for (const Sample& sample : shape.samples()) {
        const Move& move = moves[sample.part];
        const int row = sample.row + move.rows;
        const int col = sample.col + move.cols;
        if constexpr (kMayLeave)
            if (row < 0 || col < 0 || row >= targets_.rows() || col >= targets_.cols()) {
                ++landed.outside;
                continue;
            }
        const std::size_t at = static_cast<std::size_t>(row) * cols + static_cast<std::size_t>(col);
        const std::uint8_t target = targets[at];
        ++counts[target];
        if (target == kCloud && labels[at] == object) ++landed.own;
    }
    landed.clear = counts[kClearGround];
    landed.dark = counts[kDarkGround];
    landed.unknown = counts[kUnknown] + counts[kCloud] - landed.own;
    return landed;
}

bool LandingGround::paint(std::span<const Run> runs, const CloudShape& shape,
                          std::span<const Move> moves, bool only_dark, BitPlane& shadow) const {
    const auto inside = [&](int row, int col) {
        return row >= 0 && col >= 0 && row < targets_.rows() && col < targets_.cols();
    };
    const std::uint32_t object = runs.front().object;
    bool only_water = true;
    for_each_moved(runs, shape, moves, [&](int row, int col) {
        only_water =
            inside(row, col) && (scene_.all_water(row, col) ||
                                 (targets_(row, col) == kCloud && labels_(row, col) == object));
        return only_water;
    });
    if (only_water) return false;
    for_each_moved(runs, shape, moves, [&](int row, int col) {
        if (!inside(row, col)) return true;
        const std::uint8_t target = targets_(row, col);
        const bool hit =
            only_dark ? target == kDarkGround : target != kCloud && scene_.valid(row, col);
        if (hit) set_shared(shadow, row, col);
        return true;
    });
    return true;
}

}  // namespace hls::fmask
