// SPDX-License-Identifier: Apache-2.0
#include "fmask/landing.hpp"

#include <algorithm>
#include <atomic>

#include "fmask/row_strips.hpp"

namespace hls::fmask {
namespace {

// What a pixel says to the shadow of a cloud; from kFirstCloud on it is cloud of that object.
enum Ground : std::uint32_t { kClearGround, kDarkGround, kUnknown, kFirstCloud };

void put_ground(const ShadowScene& scene, const UnknownPixels& rule, int row,
                std::span<std::uint32_t> out) {
    for (std::size_t w = 0; w < scene.valid.row_words(); ++w) {
        const std::uint64_t hole = scene.holes.row(row)[w];
        const std::uint64_t water = rule.water ? scene.water.row(row)[w] : 0;
        const std::uint64_t unknown = ~scene.valid.row(row)[w] | water;
        const std::size_t count = std::min<std::size_t>(64, out.size() - w * 64);
        for (std::size_t i = 0; i < count; ++i) {
            const auto bit = [i](std::uint64_t word) { return (word >> i) & 1; };
            out[w * 64 + i] = bit(unknown) ? kUnknown : bit(hole) ? kDarkGround : kClearGround;
        }
    }
}

Plane<std::uint32_t> make_ground(const Objects& objects, const ShadowScene& scene,
                                 const UnknownPixels& rule, int threads) {
    Plane<std::uint32_t> ground(scene.valid.rows(), scene.valid.cols());
    for_row_strips(ground.rows(), threads, [&](int first, int end) {
        for (int r = first; r < end; ++r) put_ground(scene, rule, r, ground.row(r));
    });
    for (const Run& run : objects.runs)
        std::fill_n(ground.row(run.row).begin() + run.first, run.length(),
                    kFirstCloud + run.object);
    return ground;
}

constexpr std::size_t kSamplesAtOnce = 512;

// Counts without branches: where a pixel lands is as good as random to a processor.
class GroundCounts {
 public:
    explicit GroundCounts(std::uint32_t own) : own_(own) {}

    void add(std::uint32_t ground) {
        clear_ += ground == kClearGround;
        dark_ += ground == kDarkGround;
        on_own_ += ground == own_;
    }
    // Of `count` pixels in all.
    void add_to(Landed& landed, std::size_t count) const {
        landed.clear += clear_;
        landed.dark += dark_;
        landed.unknown += static_cast<std::int64_t>(count) - clear_ - dark_ - on_own_;
    }

 private:
    std::uint32_t own_, clear_ = 0, dark_ = 0, on_own_ = 0;
};

void set_shared(BitPlane& plane, int row, int col) {
    const std::uint64_t bit = std::uint64_t{1} << (col % 64);
    std::atomic_ref<std::uint64_t> word(plane.row(row)[static_cast<std::size_t>(col / 64)]);
    if ((word.load(std::memory_order_relaxed) & bit) == 0)
        word.fetch_or(bit, std::memory_order_relaxed);
}

// visit(row, column) for every pixel of the object moved, while it returns true.
template <typename Visit>
void for_each_moved(std::span<const Run> runs, const CloudShape& shape, const Moves& moves,
                    Visit visit) {
    for (const Run& run : runs)
        for (int c = run.first; c < run.end; ++c) {
            const Move& move = moves.by_part[shape.part_of(run.row, c)];
            if (!visit(run.row + move.rows, c + move.cols)) return;
        }
}

}  // namespace

LandingGround::LandingGround(const Objects& objects, const ShadowScene& scene,
                             const UnknownPixels& rule, int threads)
    : scene_(scene), ground_(make_ground(objects, scene, rule, threads)) {}

bool LandingGround::holds(const CloudShape& shape, const Moves& moves) const {
    const Box box = shape.box().moved(moves.by_part);
    return box.first_row >= 0 && box.first_col >= 0 && box.end_row <= ground_.rows() &&
           box.end_col <= ground_.cols();
}

bool LandingGround::misses(const CloudShape& shape, const Moves& moves) const {
    const Box box = shape.box().moved(moves.by_part);
    return box.end_row <= 0 || box.end_col <= 0 || box.first_row >= ground_.rows() ||
           box.first_col >= ground_.cols();
}

std::optional<Landed> LandingGround::land(std::uint32_t object, const CloudShape& shape,
                                          const Moves& moves, std::int64_t beat) const {
    Landed landed;
    auto samples = shape.samples();
    const bool inside = holds(shape, moves);
    if (!inside && misses(shape, moves)) {
        landed.outside = static_cast<std::int64_t>(samples.size());
        return landed;
    }
    while (!samples.empty()) {
        const auto most = landed.dark - landed.clear + static_cast<std::int64_t>(samples.size());
        if (beat != kAnyEvidence && most <= beat) return std::nullopt;
        const auto some = samples.first(std::min(samples.size(), kSamplesAtOnce));
        if (inside)
            land_inside(object, some, moves, landed);
        else
            land_at_edge(object, some, moves, landed);
        samples = samples.subspan(some.size());
    }
    return landed;
}

void LandingGround::land_inside(std::uint32_t object, std::span<const Sample> samples,
                                const Moves& moves, Landed& landed) const {
    GroundCounts counts(kFirstCloud + object);
    const std::uint32_t* const ground = ground_.data();
    const std::uint32_t* const steps = moves.steps.data();
    // Steps back wrap around.
    for (const Sample& sample : samples) counts.add(ground[sample.pixel + steps[sample.part]]);
    counts.add_to(landed, samples.size());
}

void LandingGround::land_at_edge(std::uint32_t object, std::span<const Sample> samples,
                                 const Moves& moves, Landed& landed) const {
    GroundCounts counts(kFirstCloud + object);
    const auto cols = static_cast<std::uint32_t>(ground_.cols());
    std::size_t inside = 0;
    for (const Sample& sample : samples) {
        const Move& move = moves.by_part[sample.part];
        const int row = static_cast<int>(sample.pixel / cols) + move.rows;
        const int col = static_cast<int>(sample.pixel % cols) + move.cols;
        if (row < 0 || col < 0 || row >= ground_.rows() || col >= ground_.cols()) continue;
        counts.add(ground_(row, col));
        ++inside;
    }
    counts.add_to(landed, inside);
    landed.outside += static_cast<std::int64_t>(samples.size() - inside);
}

bool LandingGround::paint(std::span<const Run> runs, const CloudShape& shape, const Moves& moves,
                          bool only_dark, BitPlane& shadow) const {
    const auto inside = [&](int row, int col) {
        return row >= 0 && col >= 0 && row < ground_.rows() && col < ground_.cols();
    };
    const std::uint32_t object = runs.front().object;
    bool only_water = true;
    for_each_moved(runs, shape, moves, [&](int row, int col) {
        only_water = inside(row, col) &&
                     (scene_.all_water(row, col) || ground_(row, col) == kFirstCloud + object);
        return only_water;
    });
    if (only_water) return false;
    for_each_moved(runs, shape, moves, [&](int row, int col) {
        if (!inside(row, col)) return true;
        const std::uint32_t here = ground_(row, col);
        const bool hit =
            only_dark ? here == kDarkGround : here < kFirstCloud && scene_.valid(row, col);
        if (hit) set_shared(shadow, row, col);
        return true;
    });
    return true;
}

}  // namespace hls::fmask
