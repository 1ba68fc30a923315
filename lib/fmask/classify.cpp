// SPDX-License-Identifier: Apache-2.0
#include "fmask/classify.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "core/parallel.hpp"
#include "fmask/cloud_test.hpp"
#include "fmask/hole_fill.hpp"
#include "fmask/morphology.hpp"
#include "fmask/parallax.hpp"
#include "fmask/terrain.hpp"

namespace hls::fmask {
namespace {

constexpr double kFewClearKm2 = 36;   // 40,000 pixels of 30 m
constexpr double kMuchSnowM = 10000;  // edge of a square of snow that is enough to look closer
constexpr double kOvercast = 0.9;     // share of cloud above which no shadow is sought

// Puts the steps in order and hands their results on.
class Classifier {
 public:
    Classifier(Surface surface, const ClassifyRequest& request)
        : surface_(std::move(surface)),
          request_(request),
          profile_(request.profile),
          threads_(request.threads),
          pixel_m_(request.traits.grid.pixel_m),
          given_(request.statistics.has_value()) {
        if (given_) statistics_ = *request.statistics;
    }

    Classification run() {
        find_potential();
        stage_ends("tests");
        BitPlane cloud = find_cloud();
        stage_ends("cloud");
        BitPlane shadow = find_shadow(cloud);
        Classification result;
        result.unbuffered_cloud = cloud.count();
        shadow -= cloud;
        result.shadow = dilate_square(shadow, profile_.dilate_shadow, threads_);
        result.cloud = dilate_square(cloud, profile_.dilate_cloud, threads_);
        result.shadow &= surface_.valid;
        result.cloud &= surface_.valid;
        result.statistics = statistics_;
        result.objects = objects_;
        result.valid = std::move(surface_.valid);
        result.water = std::move(surface_.water);
        result.snow = std::move(surface_.snow);
        stage_ends("buffers");
        return result;
    }

 private:
    void stage_ends(const char* stage) const {
        if (request_.on_stage_end) request_.on_stage_end(stage);
    }

    // Potential cloud, snow and water, and what bright surfaces look like.
    void find_potential() {
        if (!given_) {
            statistics_.profile = profile_.name;
            statistics_.sensor = profile_.sensor;
            statistics_.thermal = request_.traits.thermal;
            statistics_.valid_pixels = surface_.valid.count();
            statistics_.much_snow =
                static_cast<double>(surface_.snow.count()) * pixel_m_ * pixel_m_ >
                kMuchSnowM * kMuchSnowM;
        }
        if (profile_.absolute_snow && statistics_.much_snow)
            remove_absolute_snow(surface_, pixel_m_, threads_);
        if (!given_) {
            if (profile_.cirrus_above_base)
                find_cirrus_base(surface_, request_.ground, statistics_, threads_);
        }
        apply_cirrus(surface_, request_.ground, statistics_, threads_);
        all_water_ = add_known_water(surface_, request_.ground, statistics_, given_, threads_);
        if (profile_.commission_filter) find_bright_surfaces();
        surface_.green = {};
        surface_.red = {};
    }

    void find_bright_surfaces() {
        bright_.built_up = find_built_up(surface_, threads_);
        if (request_.traits.thermal) {
            if (!given_)
                statistics_.built_up_below_c =
                    built_up_split_c(surface_, bright_.built_up, threads_);
            if (statistics_.built_up_below_c) remove_cold(*statistics_.built_up_below_c * 100);
        } else if (surface_.parallax) {
            bright_.built_up -= surface_.parallax->strong;
        }
        if (request_.ground.elevation_m.size() > 0)
            bright_.steep_snow =
                steep_snow(surface_.snow, request_.ground.elevation_m, pixel_m_, threads_);
    }

    void remove_cold(double below_hundredths) {
        for (int r = 0; r < bright_.built_up.rows(); ++r) {
            auto row = bright_.built_up.row(r);
            for_each_set(bright_.built_up.row(r), [&](int c) {
                if (surface_.heat(r, c) < below_hundredths)
                    row[static_cast<std::size_t>(c / 64)] &= ~(std::uint64_t{1} << (c % 64));
            });
        }
    }

    void find_statistics() {
        BitPlane sky_clear = surface_.valid;
        sky_clear -= surface_.potential_cloud;
        statistics_.clear_pixels = sky_clear.count();
        statistics_.enough_clear =
            static_cast<double>(statistics_.clear_pixels) * pixel_m_ * pixel_m_ >
            kFewClearKm2 * 1e6;
        if (!statistics_.enough_clear) return;
        const ClearPixels clear = clear_pixels(surface_, profile_);
        find_clear_percentiles(surface_, clear, statistics_, threads_);
        if (statistics_.thermal && request_.ground.elevation_m.size() > 0) {
            find_lapse_rate(surface_, request_.ground, clear, statistics_);
            normalise_temperature(surface_, request_.ground, statistics_, threads_);
            find_clear_percentiles(surface_, clear, statistics_, threads_);
        }
        find_thresholds(surface_, clear, profile_, statistics_, threads_);
    }

    BitPlane find_cloud() {
        if (given_)
            normalise_temperature(surface_, request_.ground, statistics_, threads_);
        else
            find_statistics();
        stage_ends("statistics");
        BitPlane cloud = find_probable_cloud(surface_, statistics_, profile_, threads_);
        if (request_.on_probability && statistics_.enough_clear)
            request_.on_probability(CloudProbability(statistics_, profile_), surface_, statistics_);
        surface_.variability = {};
        surface_.cirrus = {};
        if (profile_.commission_filter && statistics_.enough_clear) {
            bright_.snow = surface_.snow;
            cloud = remove_bright_surfaces(cloud, bright_, surface_.water,
                                           surface_.parallax ? &*surface_.parallax : nullptr,
                                           pixel_m_, threads_);
        }
        bright_ = {};
        surface_.parallax.reset();
        return cloud;
    }

    // Everything that is not cloud is taken for shadow where too little of the ground is seen.
    BitPlane find_shadow(const BitPlane& cloud) {
        BitPlane rest = surface_.valid;
        rest -= cloud;
        const Objects objects = find_objects(cloud);
        objects_.clouds = static_cast<std::int64_t>(objects.count());
        const auto valid = static_cast<double>(surface_.valid.count());
        const bool overcast = static_cast<double>(cloud.count()) >= kOvercast * valid;
        if (!statistics_.enough_clear || overcast) return rest;
        if (objects.count() == 0) return BitPlane(cloud.rows(), cloud.cols());

        const BitPlane holes = find_dark_ground();
        stage_ends("fill");
        surface_.nir = {};
        surface_.swir1 = {};
        const bool flat = !request_.traits.thermal;
        const auto& elevation = request_.ground.elevation_m;
        const ShadowScene scene{surface_.valid,
                                cloud,
                                holes,
                                surface_.water,
                                all_water_,
                                flat ? nullptr : &surface_.heat,
                                elevation.size() > 0 ? &elevation : nullptr,
                                statistics_.land_low_c.value_or(0),
                                statistics_.land_high_c.value_or(0),
                                pixel_m_,
                                request_.traits.sun_zenith_deg,
                                request_.traits.sun_azimuth_deg,
                                request_.view};
        ShadowMatch match = match_shadows(objects, scene, profile_, threads_);
        objects_.matched = match.matched;
        if (request_.on_heights) request_.on_heights(objects, match);
        stage_ends("match");
        return std::move(match.shadow);
    }

    // Potential shadow. Where shadows take much of the land, the percentile that is to stand for
    // ground in the light lies in them, and those that reach the edge are no deeper than the
    // background. The rest of the land, without the shadows found, shows that.
    BitPlane find_dark_ground() {
        if (request_.ground.elevation_m.size() > 0)
            level_illumination(surface_, request_.ground.elevation_m, request_.traits, threads_);
        const auto& depth = profile_.depth;
        std::array<BitPlane, 2> holes;
        const auto for_each_band = [&](const auto& body) {
            parallel_for(profile_.nir_only ? 1 : 2, threads_, [&](std::size_t band) {
                if (band == 0)
                    body(holes[0], surface_.nir, statistics_.nir_background);
                else
                    body(holes[1], surface_.swir1, statistics_.swir1_background);
            });
        };
        const auto dark = [&] {
            BitPlane both = holes[0];
            if (!profile_.nir_only) both &= holes[1];
            return both;
        };
        for_each_band([&](BitPlane& found, RingedPlane& band, int background) {
            found = find_holes(band, surface_.valid, background, depth);
        });
        if (!given_ && profile_.background_in_light && background_was_in_shadow(dark()))
            for_each_band([&](BitPlane& found, const RingedPlane& band, int background) {
                raise_background(found, band, surface_.valid, background, depth);
            });
        return dark();
    }

    // Raises the backgrounds to those of the land without `dark` if one of them is higher by more
    // than shadows must be deep.
    bool background_was_in_shadow(const BitPlane& dark) {
        BitPlane land = clear_pixels(surface_, profile_).land;
        land -= dark;
        SceneStatistics light = statistics_;
        find_background(surface_, land, light, threads_);
        const auto& depth = profile_.depth;
        const auto rises = [&](int from, int to) {
            return to - from > depth.more_than * (depth.relative ? to : 1e4);
        };
        if (!rises(statistics_.nir_background, light.nir_background) &&
            !rises(statistics_.swir1_background, light.swir1_background))
            return false;
        const auto raise = [](int& background, int to) { background = std::max(background, to); };
        raise(statistics_.nir_background, light.nir_background);
        raise(statistics_.swir1_background, light.swir1_background);
        return true;
    }

    Surface surface_;
    const ClassifyRequest& request_;
    const Profile& profile_;
    int threads_;
    double pixel_m_;
    bool given_;
    SceneStatistics statistics_;
    BitPlane all_water_;
    BrightSurfaces bright_;
    ObjectCounts objects_;
};

}  // namespace

void Classification::fill_row(int row, std::span<std::uint8_t> classes) const {
    std::fill(classes.begin(), classes.end(), std::uint8_t{kLand});
    const auto put = [&](const BitPlane& plane, std::uint8_t value) {
        for_each_set(plane.row(row), [&](int c) { classes[static_cast<std::size_t>(c)] = value; });
    };
    put(water, kWater);
    put(snow, kSnow);
    put(shadow, kShadow);
    put(cloud, kCloudClass);
    const auto known = valid.row(row);
    for (std::size_t w = 0; w < known.size(); ++w)
        for (std::uint64_t missing = ~known[w]; missing != 0; missing &= missing - 1) {
            const std::size_t c = w * 64 + static_cast<std::size_t>(std::countr_zero(missing));
            if (c < classes.size()) classes[c] = kFill;
        }
}

Classification classify(Surface surface, const ClassifyRequest& request) {
    return Classifier(std::move(surface), request).run();
}

}  // namespace hls::fmask
