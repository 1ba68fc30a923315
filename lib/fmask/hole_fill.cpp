// SPDX-License-Identifier: Apache-2.0
#include "fmask/hole_fill.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "core/cancel.hpp"

namespace hls::fmask {
namespace {

// A cell of the band holds its level and, once it was visited, what came of that: no plane for the
// filled surface is needed.
constexpr std::uint16_t kVisited = 0x8000;
constexpr std::uint16_t kDeep = 0x4000;
constexpr std::uint16_t kLevels = 0x4000;  // levels 0..16383; brighter pixels cast no doubt

// Pixels waiting, by level: one list a level, last in first out.
class BucketQueue {
 public:
    explicit BucketQueue(std::size_t pixels)
        : next_(std::make_unique_for_overwrite<std::uint32_t[]>(pixels)), heads_(kLevels) {}

    void push(std::uint32_t level, std::uint32_t pixel) {
        next_[pixel] = heads_[level];
        heads_[level] = pixel;
    }
    // 0 if there is none: pixel 0 is a corner of the ring and never waits.
    std::uint32_t pop(std::uint32_t level) {
        const std::uint32_t pixel = heads_[level];
        if (pixel != 0) heads_[level] = next_[pixel];
        return pixel;
    }

 private:
    std::unique_ptr<std::uint32_t[]> next_;
    std::vector<std::uint32_t> heads_;
};

// Whether a pixel that was filled from `level` to `filled` is deep, as a table by filled level: the
// highest level that is.
std::vector<std::int32_t> deepest_levels(const ShadowDepth& depth) {
    std::vector<std::int32_t> table(kLevels);
    for (int filled = 0; filled < kLevels; ++filled) {
        const double least =
            depth.relative ? depth.more_than * filled : depth.more_than * kReflectanceUnit;
        // Depth must exceed `least`; products such as 0.02 * 10000 are whole but for rounding.
        const int drop = static_cast<int>(std::floor(least + 1e-6)) + 1;
        table[static_cast<std::size_t>(filled)] = filled - drop;
    }
    return table;
}

class HoleFill {
 public:
    HoleFill(Plane<std::uint16_t>& cells, const ShadowDepth& depth)
        : cells_(cells), deepest_(deepest_levels(depth)), queue_(cells.size()) {}

    void run(int background) {
        seed(static_cast<std::uint32_t>(background));
        const auto stride = static_cast<std::uint32_t>(cells_.cols());
        // Unsigned wrap-around makes the steps back.
        const std::array<std::uint32_t, 8> steps{
            1, 0u - 1, stride, 0u - stride, stride + 1, stride - 1, 1 - stride, 0u - stride - 1};
        std::uint16_t* const cells = cells_.data();
        for (std::uint32_t level = 0; level < kLevels; ++level) {
            if (level % 64 == 0) throw_if_cancelled();
            while (const std::uint32_t pixel = queue_.pop(level))
                for (const std::uint32_t step : steps)
                    if ((cells[pixel + step] & kVisited) == 0) visit(cells, pixel + step, level);
        }
    }

 private:
    void visit(std::uint16_t* cells, std::uint32_t pixel, std::uint32_t level) {
        const std::uint32_t own = cells[pixel];
        const std::uint32_t filled = std::max(level, own);
        const bool deep = static_cast<std::int32_t>(own) <= deepest_[filled];
        cells[pixel] = static_cast<std::uint16_t>(own | kVisited | (deep ? kDeep : 0));
        queue_.push(filled, pixel);
    }

    // The ring is flooded to the background: it reaches the outermost pixels first.
    void seed(std::uint32_t background) {
        const int rows = cells_.rows();
        const int cols = cells_.cols();
        for (int c = 0; c < cols; ++c) cells_(0, c) = cells_(rows - 1, c) = kVisited;
        for (int r = 0; r < rows; ++r) cells_(r, 0) = cells_(r, cols - 1) = kVisited;
        const auto visit_once = [&](int r, int c) {
            const auto pixel = static_cast<std::uint32_t>(r) * static_cast<std::uint32_t>(cols) +
                               static_cast<std::uint32_t>(c);
            if ((cells_.data()[pixel] & kVisited) == 0) visit(cells_.data(), pixel, background);
        };
        for (int c = 1; c < cols - 1; ++c) {
            visit_once(1, c);
            visit_once(rows - 2, c);
        }
        for (int r = 1; r < rows - 1; ++r) {
            visit_once(r, 1);
            visit_once(r, cols - 2);
        }
    }

    Plane<std::uint16_t>& cells_;
    std::vector<std::int32_t> deepest_;
    BucketQueue queue_;
};

}  // namespace

BitPlane find_holes(RingedPlane& band, const BitPlane& valid, int background,
                    const ShadowDepth& depth) {
    const auto inner = band.inner();
    background = std::min(background, kLevels - 1);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(inner.cols()));
    for (int r = 0; r < inner.rows(); ++r) {
        unpack_row(valid.row(r), bytes);
        for (int c = 0; c < inner.cols(); ++c)
            inner(r, c) = static_cast<std::uint16_t>(bytes[static_cast<std::size_t>(c)]
                                                         ? std::min<int>(inner(r, c), kLevels - 1)
                                                         : background);
    }
    HoleFill(band.whole(), depth).run(background);

    BitPlane holes(inner.rows(), inner.cols());
    for (int r = 0; r < inner.rows(); ++r) {
        for (int c = 0; c < inner.cols(); ++c) {
            bytes[static_cast<std::size_t>(c)] = (inner(r, c) & kDeep) != 0;
            inner(r, c) &= kLevels - 1;
        }
        pack_row(bytes, holes.row(r));
    }
    holes &= valid;
    return holes;
}

void raise_background(BitPlane& holes, const RingedPlane& band, const BitPlane& valid,
                      int background, const ShadowDepth& depth) {
    const auto inner = band.inner();
    const auto filled = static_cast<std::size_t>(std::min(background, kLevels - 1));
    const std::int32_t deepest = deepest_levels(depth)[filled];
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(inner.cols()));
    BitPlane below(inner.rows(), inner.cols());
    for (int r = 0; r < inner.rows(); ++r) {
        for (int c = 0; c < inner.cols(); ++c)
            bytes[static_cast<std::size_t>(c)] = inner(r, c) <= deepest;
        pack_row(bytes, below.row(r));
    }
    below &= valid;
    holes |= below;
}

}  // namespace hls::fmask
