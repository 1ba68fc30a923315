// SPDX-License-Identifier: Apache-2.0
#include "tile/l30_job.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "geo/utm.hpp"
#include "tile/l30_mosaic.hpp"
#include "tile/target_sun_zenith.hpp"

namespace hls::tile {
namespace {

Error no_valid_pixel(const L30Plan& plan) {
    return {Exit::empty, fmt::format("no valid pixel of {} lies in tile {}",
                                     plan.pass.scenes.size() == 1
                                         ? plan.pass.scenes.front().product_id
                                         : fmt::format("{} scenes", plan.pass.scenes.size()),
                                     plan.id.tile)};
}

// Where the closed form does not hold, the target is a mean over the tile that must be known before
// the first pixel is normalised.
double target_zenith(const L30Job& job, const L30Plan& plan) {
    const auto target =
        target_sun_zenith_deg(center_of(plan.grid), plan.id.year, plan.id.day_of_year);
    if (target) return *target;
    L30Mosaic mosaic(plan.grid, plan.pass.scenes, job.product.threads);
    for_each_strip<L30Strip>(plan.grid,
                             [&](int row, L30Strip& strip) { mosaic.read_strip(row, strip); });
    const AngleSums& angles = mosaic.summary().angles;
    if (angles.count == 0) throw no_valid_pixel(plan);
    return angles.mean_deg(angles.sun_zenith);
}

// In the order of product::layers().
std::vector<product::LayerRows> layer_rows(const L30Strip& strip) {
    std::vector<product::LayerRows> rows;
    for (const auto& band : strip.bands) rows.emplace_back(band.view());
    rows.emplace_back(strip.fmask.view());
    for (const auto& angle : strip.angles) rows.emplace_back(angle.view());
    return rows;
}

product::LandsatSource source_of(const scene::AcScene& scene) {
    return {.product_id = scene.product_id,
            .scene_id = scene.scene_id,
            .sensing_time = scene.sensing_time_text,
            .l1_processing_time = scene.l1_processing_time_text,
            .processing_level = scene.level,
            .sensor = scene.sensor,
            .tirs_ssm_model = scene.tirs_ssm_model,
            .tirs_ssm_position_status = scene.tirs_ssm_position_status,
            .usgs_software = scene.l1_software,
            .accode = or_not_available(scene.software),
            .utm_zone = geo::utm_zone_of_epsg(scene.grid.epsg)->zone};
}

product::ProductInfo describe(const L30Plan& plan, const L30Summary& summary,
                              double target_zenith_deg) {
    product::ProductInfo info;
    info.id = plan.id;
    info.grid = plan.grid;
    info.spatial_coverage =
        summary.coverage.spatial_percent(std::int64_t{plan.grid.rows} * plan.grid.cols, true);
    info.cloud_coverage = summary.coverage.cloud_percent();
    set_mean_angles(summary.angles, info);
    info.nbar_solar_zenith_deg = target_zenith_deg;
    info.processing_time = processing_time();
    // The list starts with the first scene that gave a pixel; later ones are named even if they
    // gave none, as NASA's programs do.
    const auto first = static_cast<std::size_t>(
        std::ranges::find_if(summary.contributed, [](auto pixels) { return pixels > 0; }) -
        summary.contributed.begin());
    std::vector<product::LandsatSource> sources;
    for (std::size_t i = first; i < plan.pass.scenes.size(); ++i)
        sources.push_back(source_of(plan.pass.scenes[i]));
    info.cloud_masking_code = plan.pass.scenes[first].mask_source;
    info.source = std::move(sources);
    return info;
}

}  // namespace

std::filesystem::path L30Plan::folder(const L30Job& job) const {
    return job.output_dir / granule::format_hls_id(id);
}

L30Plan plan_l30(const L30Job& job) {
    L30Plan plan;
    plan.grid = product_grid(job.tile);
    std::vector<scene::AcScene> scenes;
    for (const auto& path : job.scenes) {
        scenes.push_back(scene::read_ac_scene(path));
        signed_grid(scenes.back().grid, path.string());  // throws if it is not UTM
    }
    plan.pass = make_landsat_pass(std::move(scenes), job.intended);
    plan.id = granule::make_hls_id(granule::HlsSensor::l30, bare_tile_name(job.tile),
                                   plan.pass.granule_time);
    return plan;
}

L30Report make_l30(const L30Job& job, const L30Plan& plan,
                   const std::function<void(double)>& progress) {
    const int threads = job.product.threads;
    L30Report report;
    report.timings = {{"mosaic"}, {"nbar"}, {"compress"}, {"finish"}};
    product::ProductWriter writer(job.output_dir, plan.id, plan.grid, job.product);
    L30Mosaic mosaic(plan.grid, plan.pass.scenes, threads);
    if (!mosaic.overlaps()) throw no_valid_pixel(plan);
    const double target = target_zenith(job, plan);
    const Nbar nbar(kL30Brdf, target);
    for_each_strip<L30Strip>(plan.grid, [&](int row, L30Strip& strip) {
        {
            const StageClock clock(report.timings[0]);
            mosaic.read_strip(row, strip);
        }
        {
            const StageClock clock(report.timings[1]);
            normalize_strip(nbar, strip, threads);
        }
        const StageClock clock(report.timings[2]);
        writer.write_strip(row, layer_rows(strip));
        if (progress) progress(static_cast<double>(row + strip.fmask.rows()) / plan.grid.rows);
    });
    const L30Summary& summary = mosaic.summary();
    if (summary.coverage.valid == 0 || summary.angles.count == 0) throw no_valid_pixel(plan);
    const StageClock clock(report.timings[3]);
    report.info = describe(plan, summary, target);
    report.coverage = summary.coverage;
    for (const auto& source : std::get<std::vector<product::LandsatSource>>(report.info.source))
        report.contributors.push_back(source.product_id);
    report.files = writer.finish(report.info);
    return report;
}

}  // namespace hls::tile
