// SPDX-License-Identifier: Apache-2.0
#include "fmask/shadow_match.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <span>

#include "core/parallel.hpp"
#include "fmask/cloud_shape.hpp"
#include "fmask/common_height.hpp"
#include "fmask/landing.hpp"

namespace hls::fmask {
namespace {

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kLowestBaseM = 200;
constexpr double kHighestBaseM = 12000;
constexpr double kDryLapse = 0.0098;     // K/m
constexpr double kReducedLapse = 0.001;  // K/m
constexpr double kMarginC = 4;
constexpr double kGoodEnough = 0.95;  // a similarity that no further height need beat
constexpr double kBeyondDoubt = 0.6;  // a similarity that tells other clouds of a height
constexpr std::size_t kObjectsAtOnce = 64;
// Evidence of a cloud of a hundred pixels across does not turn over within a move by eight: under a
// low sun, when there are a thousand heights, a quarter of them tell where to look closer.
constexpr std::size_t kLargeCloud = 10000;
constexpr int kStride = 4;

// How well a height of a cloud fits to what is seen.
struct Fit {
    int index = -1;  // of the height
    double base_m = 0;
    double similarity = 0;      // share of the shadow on dark ground
    std::int64_t evidence = 0;  // by how many samples dark ground outnumbers clear ground
};

Fit fit_of(const Landed& landed, const UnknownPixels& rule) {
    Fit fit;
    fit.evidence = landed.dark - landed.clear;
    std::int64_t total = landed.dark + landed.clear;
    double for_it = static_cast<double>(landed.dark);
    if (!rule.ignored) {
        total += landed.unknown + landed.outside;
        for_it += rule.weight * static_cast<double>(landed.unknown) +
                  rule.outside_weight * static_cast<double>(landed.outside);
    }
    if (total > 0) fit.similarity = for_it / static_cast<double>(total);
    return fit;
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

// Of a height; or nothing that is better than what has `beat` if the evidence cannot be more.
using FitAt = std::function<Fit(int index, std::int64_t beat)>;

// Upwards until similarity falls off from a maximum that is large enough; the best of all if none
// is.
Fit search_first(int heights, const FitAt& fit_at, const Profile& profile) {
    Fit all;
    Fit best;
    for (int i = 0; i < heights; ++i) {
        const Fit here = fit_at(i, kAnyEvidence);
        if (here.similarity > all.similarity) all = here;
        if (here.similarity >= profile.tolerance * best.similarity &&
            best.similarity < kGoodEnough) {
            if (here.similarity > best.similarity) best = here;
        } else if (best.similarity >= profile.least_similarity) {
            return best;
        } else {
            best = {};
        }
    }
    return all;
}

// Without any height at which dark ground prevails, similarity is all there is to go by.
bool better(const Fit& a, const Fit& b, MatchRule rule) {
    if (rule == MatchRule::likely && (a.evidence > 0 || b.evidence > 0))
        return a.evidence > b.evidence;
    return a.similarity > b.similarity;
}

Fit search_all(int first, int end, int stride, const FitAt& fit_at, MatchRule rule) {
    Fit best;
    for (int i = first; i < end; i += stride) {
        const bool prevails = rule == MatchRule::likely && best.evidence > 0;
        const Fit here = fit_at(i, prevails ? best.evidence : kAnyEvidence);
        if (better(here, best, rule)) best = here;
    }
    return best;
}

class Matcher {
 public:
    Matcher(const Objects& objects, const ShadowScene& scene, const Profile& profile, int threads)
        : scene_(scene),
          profile_(profile),
          sorted_(sort_by_object(objects)),
          ground_(objects, scene, profile.unknown, threads),
          step_m_(2 * scene.pixel_m * std::tan((90 - scene.sun_zenith_deg) * kRadians)) {}

    // The height that is best for the object alone.
    Fit find(std::uint32_t object) const {
        Cloud cloud(*this, object);
        const FitAt fit_at = [&](int index, std::int64_t beat) { return cloud.fit(index, beat); };
        const int heights = cloud.heights();
        if (profile_.match == MatchRule::first) return search_first(heights, fit_at, profile_);
        if (profile_.match == MatchRule::best || cloud.shape().samples().size() < kLargeCloud)
            return search_all(0, heights, 1, fit_at, profile_.match);
        const int middle = search_all(0, heights, kStride, fit_at, profile_.match).index;
        return search_all(std::max(middle - kStride + 1, 0), std::min(middle + kStride, heights), 1,
                          fit_at, profile_.match);
    }

    // Of the clouds that are more than rim, as the base of a cloud is known from there on, and
    // whose shadow is beyond doubt.
    CommonHeight common_height(std::span<const Fit> fits,
                               std::span<const std::int64_t> areas) const {
        CommonHeight common(scene_.valid.rows(), scene_.valid.cols(), scene_.pixel_m);
        if (profile_.common_share == 0) return common;
        const double rim_px = profile_.edge_m / scene_.pixel_m;
        for (std::size_t i = 0; i < fits.size(); ++i) {
            const bool more =
                static_cast<double>(areas[i]) > 2 * std::numbers::pi * rim_px * rim_px;
            if (!more || fits[i].similarity < kBeyondDoubt) continue;
            const Run& run = sorted_.of(static_cast<std::uint32_t>(i)).front();
            common.add(run.row, run.first, fits[i].base_m);
        }
        return common;
    }

    // Takes the common height instead of the object's own if that is nearly as good, and sets the
    // shadow in `shadow`, which other threads write too.
    CloudHeight settle(std::uint32_t object, Fit fit, const CommonHeight& common,
                       BitPlane& shadow) const {
        Cloud cloud(*this, object);
        const auto runs = sorted_.of(object);
        if (const auto height_m = common.at(runs.front().row, runs.front().first))
            fit = brought_near(cloud, fit, *height_m);
        CloudHeight height;
        height.similarity = static_cast<float>(fit.similarity);
        if (fit.index < 0 || fit.similarity < profile_.least_similarity) return height;
        if (!ground_.paint(runs, cloud.shape(), cloud.moves(fit.index),
                           profile_.paint_only_potential, shadow))
            return height;
        height.matched = true;
        height.base_m = static_cast<float>(fit.base_m);
        return height;
    }

 private:
    // An object and the heights that it may have.
    class Cloud {
     public:
        Cloud(const Matcher& matcher, std::uint32_t object)
            : matcher_(matcher),
              object_(object),
              shape_(matcher.sorted_.of(object), matcher.scene_, matcher.profile_.edge_m,
                     matcher.step_m_),
              range_(height_range(matcher.scene_, matcher.profile_, shape_)),
              path_(displacement_of(matcher.scene_.sun_zenith_deg, matcher.scene_.sun_azimuth_deg,
                                    shape_.mean_view(), matcher.scene_.pixel_m),
                    range_.low_m, matcher.step_m_, matcher.scene_.valid.cols()) {}

        const CloudShape& shape() const { return shape_; }
        int heights() const {
            return static_cast<int>(std::floor((range_.high_m - range_.low_m) / matcher_.step_m_)) +
                   1;
        }
        // Nearest index, which may lie beyond the range.
        int index_of(double height_m) const {
            return static_cast<int>(std::lround((height_m - range_.low_m) / matcher_.step_m_));
        }
        Moves moves(int index) { return path_.moves(index, shape_.highest_part()); }
        Fit fit(int index, std::int64_t beat) {
            const Moves to = moves(index);
            Fit fit;
            if (!matcher_.profile_.whole_inside || matcher_.ground_.holds(shape_, to))
                if (const auto landed = matcher_.ground_.land(object_, shape_, to, beat))
                    fit = fit_of(*landed, matcher_.profile_.unknown);
            fit.index = index;
            fit.base_m = range_.low_m + index * matcher_.step_m_;
            return fit;
        }

     private:
        const Matcher& matcher_;
        std::uint32_t object_;
        CloudShape shape_;
        HeightRange range_;
        ShadowPath path_;
    };

    Fit brought_near(Cloud& cloud, const Fit& own, double height_m) const {
        const int first = std::max(cloud.index_of(height_m - CommonHeight::kToleranceM), 0);
        const int end =
            std::min(cloud.index_of(height_m + CommonHeight::kToleranceM) + 1, cloud.heights());
        if (own.index >= first && own.index < end) return own;
        const FitAt fit_at = [&](int index, std::int64_t beat) { return cloud.fit(index, beat); };
        const Fit there = search_all(first, end, 1, fit_at, profile_.match);
        const bool as_good = own.evidence > 0
                                 ? static_cast<double>(there.evidence) >=
                                       profile_.common_share * static_cast<double>(own.evidence)
                                 : there.similarity >= profile_.common_share * own.similarity;
        return there.index >= 0 && as_good ? there : own;
    }

    const ShadowScene& scene_;
    const Profile& profile_;
    RunsByObject sorted_;
    LandingGround ground_;
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
    const auto for_each_object = [&](const std::function<void(std::size_t)>& visit) {
        const std::size_t groups = (objects.count() + kObjectsAtOnce - 1) / kObjectsAtOnce;
        parallel_for(groups, threads, [&](std::size_t group) {
            const std::size_t end = std::min((group + 1) * kObjectsAtOnce, objects.count());
            for (std::size_t i = group * kObjectsAtOnce; i < end; ++i) visit(i);
        });
    };
    std::vector<Fit> own(objects.count());
    for_each_object([&](std::size_t i) { own[i] = matcher.find(static_cast<std::uint32_t>(i)); });

    const CommonHeight common = matcher.common_height(own, objects.areas);
    for_each_object([&](std::size_t i) {
        result.heights[i] =
            matcher.settle(static_cast<std::uint32_t>(i), own[i], common, result.shadow);
    });
    result.matched = std::count_if(result.heights.begin(), result.heights.end(),
                                   [](const CloudHeight& h) { return h.matched; });
    return result;
}

}  // namespace hls::fmask
