// SPDX-License-Identifier: Apache-2.0
#include "tile/l30_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/error.hpp"
#include "geo/mgrs.hpp"
#include "geo/utm.hpp"
#include "product/layers.hpp"
#include "tile/l30_mosaic.hpp"
#include "tile/target_sun_zenith.hpp"

namespace hls::tile {
namespace {

// Height of a row of blocks in the product's files, which are then compressed without a copy.
constexpr int kStripRows = 256;
constexpr double kPixelM = 30;

io::Grid grid_of(std::string_view text, std::string& id) {
    if (text.starts_with('T')) text.remove_prefix(1);
    const std::string hint = "two digits of the zone, latitude band and two letters, as in 16RDV";
    const auto tile = geo::parse_mgrs_tile(text);
    if (!tile) throw Error{Exit::usage, fmt::format("there is no MGRS tile {}", text), hint};
    if (tile->id() != text)
        throw Error{Exit::usage, fmt::format("there is no MGRS tile {}", text),
                    fmt::format("did you mean {}?", tile->id())};
    if (!geo::in_tiling_grid(*tile))
        throw Error{Exit::usage,
                    fmt::format("MGRS square {} is no tile of the Sentinel-2 grid", text),
                    "hls-mgrs-intersect lists the tiles of a scene"};
    id = text;
    const auto corner = tile->upper_left();
    return {product::kTileSize, product::kTileSize, corner.x_m, corner.y_m, kPixelM,
            tile->hls_epsg()};
}

geo::LonLat center_of(const io::Grid& grid) {
    const double half = grid.rows * grid.pixel_m / 2;
    return geo::Utm(*geo::utm_zone_of_epsg(grid.epsg))
        .inverse({grid.ulx_m + half, grid.uly_m - half});
}

Error no_valid_pixel(const L30Plan& plan) {
    return {Exit::empty, fmt::format("no valid pixel of {} lies in tile {}",
                                     plan.pass.scenes.size() == 1
                                         ? plan.pass.scenes.front().product_id
                                         : fmt::format("{} scenes", plan.pass.scenes.size()),
                                     plan.id.tile)};
}

// Adds the wall time of its life to a stage.
class StageClock {
 public:
    explicit StageClock(StageTiming& timing) : timing_(timing) {}
    ~StageClock() {
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
        timing_.wall_s += spent.count();
    }
    StageClock(const StageClock&) = delete;
    StageClock& operator=(const StageClock&) = delete;

 private:
    StageTiming& timing_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// body(first_row, strip) for all strips of the tile.
template <typename Body>
void for_each_strip(const io::Grid& grid, Body body) {
    std::optional<L30Strip> strip;
    for (int row = 0; row < grid.rows; row += kStripRows) {
        const int rows = std::min(kStripRows, grid.rows - row);
        if (!strip || strip->fmask.rows() != rows) strip.emplace(rows, grid.cols);
        body(row, *strip);
    }
}

// Where the closed form does not hold, the target is a mean over the tile that must be known before
// the first pixel is normalised.
double target_zenith(const L30Job& job, const L30Plan& plan) {
    const auto target =
        target_sun_zenith_deg(center_of(plan.grid), plan.id.year, plan.id.day_of_year);
    if (target) return *target;
    L30Mosaic mosaic(plan.grid, plan.pass.scenes, job.product.threads);
    for_each_strip(plan.grid, [&](int row, L30Strip& strip) { mosaic.read_strip(row, strip); });
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

std::string or_not_available(const std::string& text) {
    return text.empty() ? "Not Available" : text;
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
    const AngleSums& angles = summary.angles;
    info.mean_sun_zenith_deg = angles.mean_deg(angles.sun_zenith);
    info.mean_sun_azimuth_deg = angles.mean_deg(angles.sun_azimuth);
    info.mean_view_zenith_deg = angles.mean_deg(angles.view_zenith);
    info.mean_view_azimuth_deg = angles.mean_deg(angles.view_azimuth);
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
    std::string tile;
    L30Plan plan;
    plan.grid = grid_of(job.tile, tile);
    std::vector<scene::AcScene> scenes;
    for (const auto& path : job.scenes) {
        scenes.push_back(scene::read_ac_scene(path));
        signed_grid(scenes.back().grid, path.string());  // throws if it is not UTM
    }
    plan.pass = make_landsat_pass(std::move(scenes), job.intended);
    plan.id = granule::make_hls_id(granule::HlsSensor::l30, tile, plan.pass.granule_time);
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
    for_each_strip(plan.grid, [&](int row, L30Strip& strip) {
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
