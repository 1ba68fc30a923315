// SPDX-License-Identifier: Apache-2.0
#include "lasrc/job.hpp"

#include "core/error.hpp"
#include "lasrc/before_after_picture.hpp"
#include "scene/landsat_l1.hpp"
#include "scene/sentinel2_l1.hpp"

namespace hls::lasrc {
Job make_job(const JobText& text, const RunSettings& settings) {
    Job job = scene::is_sentinel2_l1(text.granule) ? Job(parse_sentinel2_job(text))
                                                   : Job(parse_landsat_job(text));
    std::visit(
        [&](auto& any) {
            any.software = settings.software;
            any.threads = settings.threads;
            any.overwrite = settings.overwrite;
        },
        job);
    return job;
}

atmosphere::Sensor sensor_of(const Job& job) {
    return std::holds_alternative<LandsatJob>(job) ? atmosphere::Sensor::oli
                                                   : atmosphere::Sensor::msi;
}

std::filesystem::path scene_dir_of(const Job& job) {
    return std::visit([](const auto& any) { return scene_dir_of(any); }, job);
}

CorrectionPlan plan(const Job& job) {
    if (const auto* landsat = std::get_if<LandsatJob>(&job)) return plan_landsat(*landsat);
    return plan_sentinel2(std::get<Sentinel2Job>(job));
}

CorrectionReport correct(const Job& job, const atmosphere::Tables& tables,
                         const std::function<void(double)>& progress) {
    if (const auto* landsat = std::get_if<LandsatJob>(&job))
        return correct_landsat(*landsat, tables, progress);
    return correct_sentinel2(std::get<Sentinel2Job>(job), tables, progress);
}

void check_picture(const Job& job) {
    const auto* sentinel2 = std::get_if<Sentinel2Job>(&job);
    if (sentinel2 != nullptr && sentinel2->layout != Sentinel2OutputLayout::native)
        throw Error{Exit::usage, "--browse needs --layout native"};
}

void write_picture(const Job& job, const std::filesystem::path& png) {
    const auto scene_dir = scene_dir_of(job);
    const bool overwrite = std::visit([](const auto& any) { return any.overwrite; }, job);
    if (const auto* landsat = std::get_if<LandsatJob>(&job)) {
        const auto l1 =
            scene::open_landsat_l1(landsat->granule, {{2, 3, 4}, false, false, landsat->accept});
        write_before_after(picture_sources(l1, scene_dir), png, overwrite);
        return;
    }
    const auto l1 = scene::open_sentinel2_l1(std::get<Sentinel2Job>(job).granule, {{}, false});
    write_before_after(picture_sources(l1, scene_dir), png, overwrite);
}

}  // namespace hls::lasrc
