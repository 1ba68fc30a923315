// SPDX-License-Identifier: Apache-2.0
#include "tile/s30_job.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "product/layers.hpp"
#include "tile/s30_finish.hpp"
#include "tile/target_sun_zenith.hpp"

namespace hls::tile {
namespace {

using scene::Sentinel2AcScene;

Error no_valid_pixel(const S30Plan& plan) {
    const auto& scenes = plan.twins.scenes;
    return {Exit::empty,
            fmt::format("no 60 m cell of {} is valid in all bands",
                        scenes.size() == 1 ? scenes.front().product_id
                                           : fmt::format("{} granules", scenes.size()))};
}

// The tile is what the granule's name says: a wrong one is no mistake of the command line.
io::Grid grid_of(const Sentinel2AcScene& scene) {
    try {
        return product_grid(scene.tile);
    } catch (const Error& error) {
        throw Error{Exit::bad_input, fmt::format("{}: {}", scene.product_id, error.message),
                    error.hint};
    }
}

// Where the closed form does not hold, the target is a mean over the tile that must be known before
// the first pixel is normalised.
double target_zenith(const S30Job& job, const S30Plan& plan) {
    const auto target =
        target_sun_zenith_deg(center_of(plan.grid), plan.id.year, plan.id.day_of_year);
    if (target) return *target;
    S30Mosaic mosaic(plan.grid, plan.twins.scenes, job.product.threads);
    for_each_strip<S30Strip>(plan.grid,
                             [&](int row, S30Strip& strip) { mosaic.read_strip(row, strip); });
    const AngleSums& angles = mosaic.summary().angles;
    if (angles.count == 0) throw no_valid_pixel(plan);
    return angles.mean_deg(angles.sun_zenith);
}

// In the order of product::layers().
std::vector<product::LayerRows> layer_rows(const S30Strip& strip) {
    std::vector<product::LayerRows> rows;
    for (const auto& band : strip.bands) rows.emplace_back(band.view());
    rows.emplace_back(strip.fmask.view());
    for (const auto& angle : strip.angles) rows.emplace_back(angle.view());
    return rows;
}

std::string joined(const std::vector<Sentinel2AcScene>& scenes,
                   const std::function<std::string(const Sentinel2AcScene&)>& text) {
    std::string all;
    for (const auto& scene : scenes) all += (all.empty() ? "" : " + ") + text(scene);
    return all;
}

// "01", "8a"
std::string bandpass_name(std::string_view band) {
    return band == "B8A" ? "8a" : std::string(band.substr(1));
}

// What twins share, and the time of Level-1 processing, is that of the first (tiling.md 3.7).
product::Sentinel2Source source_of(const std::vector<Sentinel2AcScene>& scenes) {
    const auto of_all = [&](std::string Sentinel2AcScene::*field) {
        return joined(scenes, [=](const auto& scene) { return or_not_available(scene.*field); });
    };
    const Sentinel2AcScene& first = scenes.front();
    product::Sentinel2Source source;
    source.product_uri = of_all(&Sentinel2AcScene::product_uri);
    source.tile_id = of_all(&Sentinel2AcScene::tile_id);
    source.datastrip_id = of_all(&Sentinel2AcScene::datastrip_id);
    source.sensing_time = of_all(&Sentinel2AcScene::sensing_time_text);
    source.image_quality = of_all(&Sentinel2AcScene::image_quality);
    source.processing_baseline = of_all(&Sentinel2AcScene::baseline);
    source.accode = of_all(&Sentinel2AcScene::software);
    source.l1_processing_time = or_not_available(first.l1_processing_time_text);
    source.spacecraft = first.spacecraft;
    const auto& bandpass = granule::sentinel2_satellite(first.spacecraft).bandpass;
    for (std::size_t i = 0; i < bandpass.size(); ++i)
        source.bandpass.push_back(
            {bandpass_name(granule::kBandpassBands[i]), bandpass[i].slope, bandpass[i].offset});
    // As published metadata list them: 01 02 03 04 11 12 8a.
    std::ranges::sort(source.bandpass, {}, &product::Sentinel2Source::Bandpass::band);
    return source;
}

product::ProductInfo describe(const S30Plan& plan, const S30Summary& summary,
                              double target_zenith_deg) {
    // Of pixels of 10 m.
    constexpr std::int64_t kPixels = std::int64_t{9} * product::kTileSize * product::kTileSize;
    product::ProductInfo info;
    info.id = plan.id;
    info.grid = plan.grid;
    info.spatial_coverage = summary.coverage.spatial_percent(kPixels, false);
    info.cloud_coverage = summary.coverage.cloud_percent();
    set_mean_angles(summary.angles, info);
    info.nbar_solar_zenith_deg = target_zenith_deg;
    info.processing_time = processing_time();
    info.cloud_masking_code = plan.twins.scenes.front().mask_source;
    info.source = source_of(plan.twins.scenes);
    return info;
}

}  // namespace

std::filesystem::path S30Plan::folder(const S30Job& job) const {
    return job.output_dir / granule::format_hls_id(id);
}

S30Plan plan_s30(const S30Job& job) {
    std::vector<Sentinel2AcScene> scenes;
    for (const auto& path : job.scenes) scenes.push_back(scene::read_sentinel2_ac_scene(path));
    S30Plan plan;
    plan.twins = make_twins(std::move(scenes));
    const Sentinel2AcScene& first = plan.twins.scenes.front();
    plan.grid = grid_of(first);
    for (const auto& scene : plan.twins.scenes) cells_of(scene, plan.grid);
    granule::sentinel2_satellite(first.spacecraft);
    plan.id = granule::make_hls_id(granule::HlsSensor::s30, bare_tile_name(first.tile),
                                   first.datatake_start);
    return plan;
}

S30Report make_s30(const S30Job& job, const S30Plan& plan,
                   const std::function<void(double)>& progress) {
    const int threads = job.product.threads;
    const auto& satellite = granule::sentinel2_satellite(plan.twins.scenes.front().spacecraft);
    S30Report report;
    report.timings = {{"mosaic"}, {"nbar"}, {"compress"}, {"finish"}};
    product::ProductWriter writer(job.output_dir, plan.id, plan.grid, job.product);
    const double target = target_zenith(job, plan);
    S30Mosaic mosaic(plan.grid, plan.twins.scenes, threads, job.stages);
    const S30Finish finish(target, satellite, job.stages);
    for_each_strip<S30Strip>(plan.grid, [&](int row, S30Strip& strip) {
        {
            const StageClock clock(report.timings[0]);
            mosaic.read_strip(row, strip);
        }
        {
            const StageClock clock(report.timings[1]);
            finish.apply(row, strip, threads);
        }
        const StageClock clock(report.timings[2]);
        writer.write_strip(row, layer_rows(strip));
        if (progress) progress(static_cast<double>(row + strip.fmask.rows()) / plan.grid.rows);
    });
    report.summary = mosaic.summary();
    if (report.summary.coverage.valid == 0) throw no_valid_pixel(plan);
    if (report.summary.angles.count == 0)
        throw Error{Exit::bad_input, fmt::format("no pixel of {} has all four angles",
                                                 plan.twins.scenes.front().product_id)};
    const StageClock clock(report.timings[3]);
    report.info = describe(plan, report.summary, target);
    report.files = writer.finish(report.info);
    return report;
}

}  // namespace hls::tile
