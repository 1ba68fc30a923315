// SPDX-License-Identifier: Apache-2.0
#include "fmask/shadow_match.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numbers>
#include <span>

#include "fmask/cloud_shape.hpp"
#include "fmask/row_strips.hpp"

namespace hls::fmask {
namespace {

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kLowestBaseM = 200;
constexpr double kHighestBaseM = 12000;
constexpr double kDryLapse = 0.0098;     // K/m
constexpr double kReducedLapse = 0.001;  // K/m
constexpr double kMarginC = 4;
constexpr double kGoodEnough = 0.95;  // a similarity that no further height need beat
constexpr std::size_t kObjectsAtOnce = 64;

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

// Pixels on which a shadow falls.
struct Landed {
    std::int64_t dark = 0;
    std::int64_t unknown = 0;
    std::int64_t outside = 0;
    std::int64_t own = 0;  // on the cloud itself
};

double similarity_of(const Landed& landed, std::int64_t samples, const UnknownPixels& rule) {
    std::int64_t total = samples - landed.own;
    double for_it = static_cast<double>(landed.dark);
    if (rule.ignored) {
        total -= landed.unknown + landed.outside;
    } else {
        for_it += rule.weight * static_cast<double>(landed.unknown) +
                  rule.outside_weight * static_cast<double>(landed.outside);
    }
    return total <= 0 ? 0 : for_it / static_cast<double>(total);
}

struct HeightRange {
    double low_m = kLowestBaseM;
    double high_m = kHighestBaseM;
};

HeightRange height_range(const ShadowScene& scene, const Profile& profile,
                         const CloudShape& shape) {
    HeightRange range;
    range.low_m += shape.ground_rise_m();
    if (!scene.temperature) return range;
    const double base_c = shape.base_c();
    if (base_c > scene.land_low_c && !profile.range_from_base) return range;
    range.low_m = std::max(range.low_m, (scene.land_low_c - kMarginC - base_c) / kDryLapse);
    range.high_m = std::min(range.high_m, (scene.land_high_c + kMarginC - base_c) / kReducedLapse);
    return range;
}

class Matcher {
 public:
    Matcher(const Objects& objects, const ShadowScene& scene, const Profile& profile, int threads)
        : scene_(scene),
          profile_(profile),
          sorted_(sort_by_object(objects)),
          targets_(make_targets(scene, profile.unknown, threads)),
          labels_(make_labels(objects, scene.valid.rows(), scene.valid.cols())),
          step_m_(2 * scene.pixel_m * std::tan((90 - scene.sun_zenith_deg) * kRadians)) {}

    // The height of one object, and its shadow in `shadow`, which other threads write too.
    CloudHeight match(std::uint32_t object, BitPlane& shadow) const {
        const CloudShape shape(sorted_.of(object), scene_, profile_.edge_m, step_m_);
        const HeightRange range = height_range(scene_, profile_, shape);
        ShadowPath path(displacement_of(scene_.sun_zenith_deg, scene_.sun_azimuth_deg,
                                        shape.mean_view(), scene_.pixel_m),
                        range.low_m, step_m_);
        const auto heights =
            static_cast<int>(std::floor((range.high_m - range.low_m) / step_m_)) + 1;
        const Found found = search({object, shape, path, heights});
        CloudHeight height;
        height.similarity = static_cast<float>(found.similarity);
        if (found.similarity < profile_.least_similarity || found.index < 0) return height;
        if (!paint(object, shape, path, found.index, shadow)) return height;
        height.matched = true;
        height.base_m = static_cast<float>(range.low_m + found.index * step_m_);
        return height;
    }

 private:
    struct Found {
        int index = -1;  // of the height
        double similarity = 0;
    };

    struct Search {
        std::uint32_t object;
        const CloudShape& shape;
        ShadowPath& path;
        int heights;
    };

    Found search(const Search& what) const {
        return profile_.match == MatchRule::best ? search_best(what) : search_first(what);
    }

    // Upwards until similarity falls off from a maximum that is good enough; the best of all if
    // none is.
    Found search_first(const Search& what) const {
        Found all;
        Found best;
        for (int i = 0; i < what.heights; ++i) {
            const double here = similarity(what, i);
            if (here > all.similarity) all = {i, here};
            if (here >= profile_.tolerance * best.similarity && best.similarity < kGoodEnough) {
                if (here > best.similarity) best = {i, here};
            } else if (best.similarity >= profile_.good_similarity) {
                return best;
            } else {
                best = {};
            }
        }
        return all;
    }

    Found search_best(const Search& what) const {
        Found best;
        for (int i = 0; i < what.heights; ++i) {
            const double here = similarity(what, i);
            if (here > best.similarity) best = {i, here};
        }
        return best;
    }

    double similarity(const Search& what, int index) const {
        const CloudShape& shape = what.shape;
        const auto moves = what.path.moves(index, shape.highest_part());
        const Box landing = shape.box().moved(moves);
        const int rows = targets_.rows();
        const int cols = targets_.cols();
        const auto samples = static_cast<std::int64_t>(shape.samples().size());
        const bool inside = landing.first_row >= 0 && landing.first_col >= 0 &&
                            landing.end_row <= rows && landing.end_col <= cols;
        if (!inside && profile_.whole_inside) return 0;
        Landed landed;
        if (landing.end_row <= 0 || landing.end_col <= 0 || landing.first_row >= rows ||
            landing.first_col >= cols)
            landed.outside = samples;
        else
            landed = inside ? land<false>(what.object, shape, moves)
                            : land<true>(what.object, shape, moves);
        return similarity_of(landed, samples, profile_.unknown);
    }

    template <bool kMayLeave>
    Landed land(std::uint32_t object, const CloudShape& shape, std::span<const Move> moves) const {
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
            const std::size_t at =
                static_cast<std::size_t>(row) * cols + static_cast<std::size_t>(col);
            const std::uint8_t target = targets[at];
            ++counts[target];
            if (target == kCloud && labels[at] == object) ++landed.own;
        }
        landed.dark = counts[kDarkGround];
        landed.unknown = counts[kUnknown] + counts[kCloud] - landed.own;
        return landed;
    }

    // Sets the shadow of all pixels of the object. False, and nothing set, if all of it falls on
    // water.
    bool paint(std::uint32_t object, const CloudShape& shape, ShadowPath& path, int index,
               BitPlane& shadow) const {
        const auto moves = path.moves(index, shape.highest_part());
        bool only_water = true;
        for_each_landed(object, shape, moves, [&](int row, int col, bool inside) {
            only_water = inside && (scene_.all_water(row, col) ||
                                    (targets_(row, col) == kCloud && labels_(row, col) == object));
            return only_water;
        });
        if (only_water) return false;
        for_each_landed(object, shape, moves, [&](int row, int col, bool inside) {
            if (!inside) return true;
            const std::uint8_t target = targets_(row, col);
            const bool hit = profile_.paint_only_potential
                                 ? target == kDarkGround
                                 : target != kCloud && scene_.valid(row, col);
            if (hit) set_shared(shadow, row, col);
            return true;
        });
        return true;
    }

    // visit(row, column, whether that is in the image) for every pixel of the object moved, while
    // it returns true.
    template <typename Visit>
    void for_each_landed(std::uint32_t object, const CloudShape& shape, std::span<const Move> moves,
                         Visit visit) const {
        for (const Run& run : sorted_.of(object))
            for (int c = run.first; c < run.end; ++c) {
                const Move& move = moves[shape.part_of(run.row, c)];
                const int row = run.row + move.rows;
                const int col = c + move.cols;
                const bool inside =
                    row >= 0 && col >= 0 && row < targets_.rows() && col < targets_.cols();
                if (!visit(row, col, inside)) return;
            }
    }

    static void set_shared(BitPlane& plane, int row, int col) {
        const std::uint64_t bit = std::uint64_t{1} << (col % 64);
        std::atomic_ref<std::uint64_t> word(plane.row(row)[static_cast<std::size_t>(col / 64)]);
        if ((word.load(std::memory_order_relaxed) & bit) == 0)
            word.fetch_or(bit, std::memory_order_relaxed);
    }

    const ShadowScene& scene_;
    const Profile& profile_;
    RunsByObject sorted_;
    Plane<std::uint8_t> targets_;
    Plane<std::uint32_t> labels_;
    double step_m_;
};

}  // namespace

Displacement displacement_of(double sun_zenith_deg, double sun_azimuth_deg, const ViewTangent& view,
                             double pixel_m) {
    const ViewTangent sun = view_tangent(sun_zenith_deg, sun_azimuth_deg);
    return {(view.east - sun.east) / pixel_m, (sun.north - view.north) / pixel_m};
}

ShadowMatch match_shadows(const Objects& objects, const ShadowScene& scene, const Profile& profile,
                          int threads) {
    ShadowMatch result;
    result.shadow = BitPlane(scene.valid.rows(), scene.valid.cols());
    result.heights.resize(objects.count());
    const Matcher matcher(objects, scene, profile, threads);
    const std::size_t groups = (objects.count() + kObjectsAtOnce - 1) / kObjectsAtOnce;
    parallel_for(groups, threads, [&](std::size_t group) {
        const std::size_t end = std::min((group + 1) * kObjectsAtOnce, objects.count());
        for (std::size_t i = group * kObjectsAtOnce; i < end; ++i)
            result.heights[i] = matcher.match(static_cast<std::uint32_t>(i), result.shadow);
    });
    result.matched = std::count_if(result.heights.begin(), result.heights.end(),
                                   [](const CloudHeight& h) { return h.matched; });
    return result;
}

}  // namespace hls::fmask
