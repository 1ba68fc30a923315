// SPDX-License-Identifier: Apache-2.0
#include "fmask/mask_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "fmask/granule_reader.hpp"
#include "fmask/mask_files.hpp"
#include "io/resample.hpp"

namespace hls::fmask {
namespace {

constexpr int kPanelPx = 1000;      // largest edge of a panel of the picture
constexpr double kReadShare = 0.4;  // of the time of a run, for the progress bar
constexpr std::int16_t kNoElevation = -32768;
constexpr std::uint8_t kNoOccurrence = 255;

class StageClock {
 public:
    void end(std::string stage) {
        const auto now = std::chrono::steady_clock::now();
        timings_.push_back({std::move(stage), std::chrono::duration<double>(now - last_).count()});
        last_ = now;
    }
    std::vector<StageTiming> take() { return std::move(timings_); }

 private:
    std::vector<StageTiming> timings_;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

Profile profile_of(const MaskJob& job, Sensor sensor) {
    Profile profile = make_profile(job.profile, sensor);
    const RuleOverrides& rules = job.rules;
    if (rules.buffers) {
        profile.dilate_cloud = rules.buffers->first;
        profile.dilate_shadow = rules.buffers->second;
    }
    if (rules.probability_offset) profile.probability_offset = *rules.probability_offset;
    if (rules.water_threshold) profile.fixed_water_threshold = rules.water_threshold;
    if (rules.depth) profile.depth = *rules.depth;
    if (rules.match) {
        profile.match = *rules.match;
        if (profile.match != MatchRule::likely) profile.common_share = 0;
    }
    return profile;
}

Ground read_ground(const MaskJob& job, const io::Grid& grid) {
    Ground ground;
    if (!job.elevation.empty()) {
        ground.elevation_m = io::read_resampled(job.elevation, grid, kNoElevation);
        // Elevation models leave the sea out.
        std::replace(ground.elevation_m.cells().begin(), ground.elevation_m.cells().end(),
                     kNoElevation, std::int16_t{0});
    }
    if (!job.water_occurrence.empty()) {
        const auto percent = io::read_resampled(job.water_occurrence, grid, kNoOccurrence);
        ground.water_occurrence = Plane<std::uint8_t>(grid.rows, grid.cols);
        std::transform(percent.cells().begin(), percent.cells().end(),
                       ground.water_occurrence.cells().begin(), [](std::int16_t value) {
                           return value >= 0 && value <= 100 ? static_cast<std::uint8_t>(value)
                                                             : kNoOccurrence;
                       });
    }
    return ground;
}

std::optional<SceneStatistics> given_statistics(const MaskJob& job, const SceneTraits& traits) {
    if (job.statistics.empty() || !std::filesystem::exists(job.statistics)) return std::nullopt;
    SceneStatistics statistics = read_statistics(job.statistics);
    const auto refuse = [&](std::string_view what) {
        throw Error{Exit::bad_input,
                    fmt::format("{}: statistics of {}", job.statistics.string(), what),
                    "remove the file to have it made anew"};
    };
    if (statistics.sensor != traits.sensor) refuse(sensor_name(statistics.sensor));
    if (statistics.profile != job.profile) refuse("profile " + statistics.profile);
    if (statistics.thermal && !traits.thermal) refuse("a scene with a thermal band");
    if (!statistics.thermal && traits.thermal) refuse("a scene without a thermal band");
    return statistics;
}

MaskPlan plan_of(const MaskJob& job, const GranuleReader& granule) {
    MaskPlan plan;
    plan.product_id = granule.product_id();
    plan.inputs = granule.files();
    plan.statistics_given = !job.statistics.empty() && std::filesystem::exists(job.statistics);
    for (const auto& path : {job.elevation, job.water_occurrence})
        if (!path.empty()) plan.inputs.push_back(path);
    if (plan.statistics_given) plan.inputs.push_back(job.statistics.string());
    for (const auto& path : {job.probability, job.height, job.browse})
        if (!path.empty()) plan.outputs.push_back(path);
    if (!job.statistics.empty() && !plan.statistics_given) plan.outputs.push_back(job.statistics);
    plan.outputs.push_back(job.output);
    return plan;
}

std::vector<std::pair<std::string, std::string>> notes_of(const MaskJob& job,
                                                          const GranuleReader& granule,
                                                          const SceneTraits& traits) {
    const auto file_name = [](const std::string& path) {
        return path.empty() ? std::string("none") : std::filesystem::path(path).filename().string();
    };
    return {{"sun_zenith_source", granule.sun_source()},
            {"view_source", granule.view_source()},
            {"thermal", traits.thermal ? "used" : "none"},
            {"cirrus", traits.cirrus ? "used" : "none"},
            {"parallax", traits.parallax ? "used" : "none"},
            {"elevation", file_name(job.elevation)},
            {"water_occurrence", file_name(job.water_occurrence)}};
}

void count_pixels(const Classification& classes, MaskReport& report) {
    report.valid_pixels = classes.valid.count();
    report.unbuffered_cloud_pixels = classes.unbuffered_cloud;
    report.tested_water_pixels = classes.water.count();
    report.objects = classes.objects;
    std::vector<std::uint8_t> row(static_cast<std::size_t>(classes.valid.cols()));
    for (int r = 0; r < classes.valid.rows(); ++r) {
        classes.fill_row(r, row);
        for (const std::uint8_t value : row)
            if (value != kFill) ++report.pixels[value];
    }
}

std::string number(double value) {
    return fmt::format("{:.6g}", value);
}

Tags tags_of(const MaskJob& job, const MaskReport& report) {
    const SceneStatistics& s = report.statistics;
    Tags tags{{"PRODUCT_ID", report.plan.product_id},
              {"SOFTWARE", job.software},
              {"PROFILE", report.profile.name},
              {"BUFFERS",
               fmt::format("{},{}", report.profile.dilate_cloud, report.profile.dilate_shadow)},
              {"CLEAR_V4_PERCENT", fmt::format("{:.2f}", report.clear_v4())},
              {"CLEAR_V5_PERCENT", fmt::format("{:.2f}", report.clear_v5())},
              {"CLOUD_OBJECTS", std::to_string(report.objects.clouds)},
              {"CLOUD_OBJECTS_MATCHED", std::to_string(report.objects.matched)},
              {"THRESHOLD_LAND", number(s.land_threshold)}};
    const auto add = [&](const char* name, const std::optional<double>& value) {
        if (value) tags.emplace_back(name, number(*value));
    };
    add("THRESHOLD_WATER", s.water_threshold);
    add("LAND_LOW_C", s.land_low_c);
    add("LAND_HIGH_C", s.land_high_c);
    add("WATER_HIGH_C", s.water_high_c);
    for (const auto& [name, value] : report.notes) {
        std::string upper = name;
        std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
            return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        });
        tags.emplace_back(upper, value);
    }
    return tags;
}

// One run of a job: from an open granule to files.
class MaskRun {
 public:
    MaskRun(const MaskJob& job, const MaskFiles& files, const std::function<void(double)>& progress)
        : job_(job), files_(files), progress_(progress) {}

    MaskReport run() {
        auto granule = open_granule(job_.granule, job_.options);
        report_.plan = plan_of(job_, *granule);
        report_.profile = profile_of(job_, granule->traits().sensor);
        const Ground ground = read_ground(job_, granule->traits().grid);
        clock_.end("open");
        Surface surface = read(*granule);
        if (granule->traits().thermal && !granule->saw_temperature()) {
            // The thermal sensor was off: what is left is the way without it.
            GranuleOptions flat = job_.options;
            flat.without.thermal = true;
            granule = open_granule(job_.granule, flat);
            surface = {};
            surface = read(*granule);
        }
        if (surface.valid.count() == 0)
            throw Error{Exit::empty, fmt::format("{}: no valid pixel", granule->product_id())};
        classify_and_write(*granule, ground, std::move(surface));
        return std::move(report_);
    }

 private:
    void say(double done) const {
        if (progress_) progress_(done);
    }

    Surface read(GranuleReader& granule) {
        const SceneTraits traits = granule.traits();
        const int longest = std::max(traits.grid.rows, traits.grid.cols);
        picture_step_ = job_.browse.empty() ? 0 : (longest + kPanelPx - 1) / kPanelPx;
        SurfaceRequest request;
        request.threads = job_.threads;
        request.strip_rows = job_.strip_rows > 0 ? job_.strip_rows : granule.preferred_strip_rows();
        request.picture_step = picture_step_;
        request.progress = [this](double done) { say(kReadShare * done); };
        Surface surface =
            read_surface(traits, report_.profile, granule.strips(job_.threads), request);
        clock_.end("read");
        return surface;
    }

    void classify_and_write(const GranuleReader& granule, const Ground& ground, Surface surface) {
        const SceneTraits traits = granule.traits();
        report_.notes = notes_of(job_, granule, traits);
        const ViewField view = granule.view();
        const io::Picture true_colour = std::move(surface.picture);
        ClassifyRequest request{traits,
                                report_.profile,
                                ground,
                                view,
                                given_statistics(job_, traits),
                                job_.threads,
                                {},
                                {},
                                {}};
        double done = kReadShare;
        request.on_stage_end = [&](const char* stage) {
            clock_.end(stage);
            say(done = std::min(0.95, done + 0.1));
        };
        if (!job_.probability.empty())
            request.on_probability = [&](const CloudProbability& probability, const Surface& s,
                                         const SceneStatistics& statistics) {
                write_probability(files_(job_.probability), traits.grid, s, probability,
                                  statistics);
            };
        bool heights_written = false;
        if (!job_.height.empty())
            request.on_heights = [&](const Objects& objects, const ShadowMatch& match) {
                write_heights(files_(job_.height), traits.grid, objects, match);
                heights_written = true;
            };
        const Classification classes = classify(std::move(surface), request);
        if (!job_.height.empty() && !heights_written)
            write_heights(files_(job_.height), traits.grid, {}, {});
        report_.statistics = classes.statistics;
        if (report_.statistics.product_id.empty())
            report_.statistics.product_id = granule.product_id();
        count_pixels(classes, report_);
        if (picture_step_ > 0) report_.picture = draw_mask(true_colour, classes, picture_step_);
        write_mask(files_(job_.output), traits.grid, classes, tags_of(job_, report_));
        clock_.end("write");
        report_.timings = clock_.take();
        say(1);
    }

    const MaskJob& job_;
    const MaskFiles& files_;
    const std::function<void(double)>& progress_;
    int picture_step_ = 0;
    StageClock clock_;
    MaskReport report_;
};

double percent(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0 : 100. * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double MaskReport::clear_v4() const {
    return percent(valid_pixels - pixels[kCloudClass], valid_pixels);
}

double MaskReport::clear_v5() const {
    return percent(pixels[kLand] + pixels[kWater], valid_pixels);
}

MaskPlan plan_mask(const MaskJob& job) {
    const auto reader = open_granule(job.granule, job.options);
    const GranuleReader& granule = *reader;
    profile_of(job, granule.traits().sensor);
    given_statistics(job, granule.traits());
    return plan_of(job, granule);
}

MaskReport make_mask(const MaskJob& job, const MaskFiles& files,
                     const std::function<void(double)>& progress) {
    return MaskRun(job, files, progress).run();
}

}  // namespace hls::fmask
