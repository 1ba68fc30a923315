// SPDX-License-Identifier: Apache-2.0
#include "fmask/hole_fill.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "core/cancel.hpp"
#include "core/large_memory.hpp"

namespace hls::fmask {
namespace {

// A cell of the band holds its level and, once it was visited, what came of that: no plane for the
// filled surface is needed.
constexpr std::uint16_t kVisited = 0x8000;
constexpr std::uint16_t kDeep = 0x4000;
constexpr std::uint16_t kLevels = 0x4000;  // levels 0..16383; brighter pixels cast no doubt

// Pixels waiting, by level: a stack each, in blocks that the levels hand on to each other.
class BucketQueue {
 public:
    BucketQueue() : levels_(kLevels) {}

    void push(std::uint32_t level, std::uint32_t pixel) {
        Level& stack = levels_[level];
        if (stack.top == nullptr || stack.count == kBlockPixels) {
            Block* const block = take_block();
            block->below = stack.top;
            stack = {block, 0};
        }
        stack.top->pixels[stack.count++] = pixel;
    }
    // 0 if there is none: pixel 0 is a corner of the ring and never waits.
    std::uint32_t pop(std::uint32_t level) {
        Level& stack = levels_[level];
        if (stack.top == nullptr) return 0;
        const std::uint32_t pixel = stack.top->pixels[--stack.count];
        if (stack.count == 0) {
            Block* const empty = std::exchange(stack.top, stack.top->below);
            empty->below = std::exchange(free_, empty);
            if (stack.top != nullptr) stack.count = kBlockPixels;
        }
        return pixel;
    }
    // One that is due soon, or 0.
    std::uint32_t soon(std::uint32_t level) const {
        const Level& stack = levels_[level];
        return stack.count > kAhead ? stack.top->pixels[stack.count - 1 - kAhead] : 0;
    }

 private:
    static constexpr std::uint32_t kBlockPixels = 254;
    static constexpr std::size_t kBlocksAtOnce = 16384;
    static constexpr std::uint32_t kAhead = 6;

    struct Block {
        Block* below;
        std::uint32_t pixels[kBlockPixels];
    };
    struct Level {
        Block* top = nullptr;
        std::uint32_t count = 0;  // in the topmost block
    };

    Block* take_block() {
        if (free_ == nullptr) {
            for (Block& block : slabs_.emplace_back(kBlocksAtOnce))
                block.below = std::exchange(free_, &block);
        }
        return std::exchange(free_, free_->below);
    }

    std::vector<Level> levels_;
    std::vector<LargeVector<Block>> slabs_;
    Block* free_ = nullptr;
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
        : cells_(cells), deepest_(deepest_levels(depth)) {}

    void run(int background) {
        seed(static_cast<std::uint32_t>(background));
        const auto stride = static_cast<std::uint32_t>(cells_.cols());
        // Unsigned wrap-around makes the steps back.
        const std::array<std::uint32_t, 8> steps{
            1, 0u - 1, stride, 0u - stride, stride + 1, stride - 1, 1 - stride, 0u - stride - 1};
        std::uint16_t* const cells = cells_.data();
        for (std::uint32_t level = 0; level < kLevels; ++level) {
            if (level % 64 == 0) throw_if_cancelled();
            while (const std::uint32_t pixel = queue_.pop(level)) {
                // Waiting pixels lie all over the image: the next ones are fetched meanwhile.
                if (const std::uint32_t next = queue_.soon(level))
                    for (const std::uint32_t step : {0u - stride, 0u, stride})
                        __builtin_prefetch(cells + (next + step), 1);
                for (const std::uint32_t step : steps)
                    if ((cells[pixel + step] & kVisited) == 0) visit(cells, pixel + step, level);
            }
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
