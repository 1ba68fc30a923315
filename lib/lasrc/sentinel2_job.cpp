// SPDX-License-Identifier: Apache-2.0
#include "lasrc/sentinel2_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "ancillary/ancillary.hpp"
#include "core/error.hpp"
#include "core/time.hpp"
#include "lasrc/scene_ancillary.hpp"
#include "lasrc/sentinel2_output.hpp"
#include "lasrc/sentinel2_windows.hpp"
#include "lasrc/stage_clock.hpp"
#include "lasrc/window_places.hpp"
#include "scene/ac_scene.hpp"
#include "scene/ac_scene_folder.hpp"

namespace hls::lasrc {
namespace {

constexpr double kHighestSunZenith = 76;
constexpr double kLeastClearPercent = 2;     // below it and
constexpr double kHighestCloudPercent = 95;  // above it a granule is too cloudy
constexpr int kCloudClass = 4;

// Shares of the time of a run, for the progress bar.
constexpr double kReadShare = .7;
constexpr double kRetrieveShare = .1;

void check_mask(const std::string& path, const io::Grid& grid) {
    const io::RasterReader mask(path);
    const auto found = mask.grid();
    const auto matches = [&](const io::Grid& wanted) {
        constexpr double kTolerance = .01;  // m
        return found->rows == wanted.rows && found->cols == wanted.cols &&
               found->epsg == wanted.epsg && std::fabs(found->ulx_m - wanted.ulx_m) < kTolerance &&
               std::fabs(found->uly_m - wanted.uly_m) < kTolerance;
    };
    if (!found || !(matches(grid) || matches(scene::signed_utm_grid(grid))))
        throw Error{Exit::bad_input, fmt::format("{}: not on the 20 m grid of the granule", path),
                    fmt::format("{} x {} pixels of EPSG:{} from {:.0f} {:.0f} are needed",
                                grid.cols, grid.rows, grid.epsg, grid.ulx_m, grid.uly_m)};
}

scene::Sentinel2L1 open_input(const Sentinel2Job& job) {
    // The gate comes first: a granule that is left out may as well be incomplete.
    const auto gated = scene::open_sentinel2_l1(job.granule, {{}, false});
    if (gated.tile.sun_zenith_deg > kHighestSunZenith)
        throw Error{Exit::low_sun,
                    fmt::format("{}: sun zenith {:.2f} deg is above {:.0f}", gated.product_id,
                                gated.tile.sun_zenith_deg, kHighestSunZenith)};
    auto l1 = scene::open_sentinel2_l1(job.granule, {scene::Sentinel2L1Needs{}.bands, job.angles});
    if (job.mask) check_mask(*job.mask, l1.grid(20));
    if (job.layout == Sentinel2OutputLayout::reference && l1.product_metadata_text().empty())
        throw Error{Exit::bad_input,
                    fmt::format("{}: no MTD_MSIL1C.xml for the reference layout", job.granule),
                    "put the product's metadata beside metadata.xml"};
    return l1;
}

// 100 (1 - cloud / valid): shadow and snow count as clear; 0 without a valid pixel.
double clear_percent(const Plane<std::uint8_t>& mask) {
    std::int64_t valid = 0, cloud = 0;
    for (const auto value : mask.cells()) {
        valid += value != scene::kMaskFill ? 1 : 0;
        cloud += value == kCloudClass ? 1 : 0;
    }
    if (valid == 0) return 0;
    return 100. * (1. - static_cast<double>(cloud) / static_cast<double>(valid));
}

void require_clear(const scene::Sentinel2L1& l1, double clear) {
    const auto clouds = l1.product.cloud_cover_percent;
    if (!clouds || *clouds <= kHighestCloudPercent || clear >= kLeastClearPercent) return;
    throw Error{Exit::cloudy,
                fmt::format("{}: {:.2f} % clear in the mask, {:.2f} % cloud by its metadata",
                            l1.product_id, clear, *clouds)};
}

ancillary::Ancillary load_ancillary_of(const Sentinel2Job& job, const scene::Sentinel2L1& l1) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(l1.id.sensing)};
    return load_scene_ancillary(job.ancillary, l1.grid(10), day, job.quirks);
}

CorrectionPlan make_plan(const Sentinel2Job& job, const scene::Sentinel2L1& l1,
                         const ancillary::Ancillary& ancillary) {
    CorrectionPlan plan;
    plan.product_id = l1.product_id;
    plan.scene_dir = job.output_dir / plan.product_id;
    plan.inputs = {l1.product.source, l1.tile.source};
    for (int band = 0; band < granule::kSentinel2Bands; ++band)
        plan.inputs.push_back(l1.band_path(band));
    if (job.angles) plan.inputs.push_back(*l1.detector_mask_path(scene::kSentinel2AngleBand));
    if (job.mask) plan.inputs.push_back(*job.mask);
    plan.ancillary = source_texts(ancillary);
    const bool native = job.layout == Sentinel2OutputLayout::native;
    for (const auto& name : sentinel2_output_names(job))
        plan.outputs.push_back(plan.scene_dir /
                               (native ? scene::ac_file_name(l1.product_id, name) : name + ".tif"));
    if (native) plan.outputs.push_back(plan.scene_dir / "scene.json");
    if (!native)
        for (const auto* name : {"MTD_MSIL1C.xml", "MTD_TL.xml"})
            plan.outputs.push_back(plan.scene_dir / name);
    return plan;
}

std::string_view word_of(Sentinel2Fill fill) {
    return fill == Sentinel2Fill::any ? "any" : fill == Sentinel2Fill::all ? "all" : "converted";
}

std::vector<std::pair<std::string, std::string>> parameters(const Sentinel2Job& job,
                                                            const atmosphere::Tables& tables,
                                                            const CorrectionReport& report) {
    const auto* fixed = std::get_if<FixedAerosol>(&job.aerosol);
    const bool corner = job.fill_flags == Sentinel2FillFlags::corner;
    return {
        {"aerosol", fixed ? fmt::format("fixed:{},{}", fixed->aot550, fixed->eps) : "retrieve"},
        {"ozone_cm_atm", fmt::format("{:.6g}", report.constants.ozone_cm_atm)},
        {"pressure_hpa", fmt::format("{:.6g}", report.constants.pressure_hpa)},
        {"quirks", job.quirks == Quirks::keep()  ? "keep"
                   : job.quirks == Quirks::fix() ? "fix"
                                                 : "mixed"},
        {"s2_fill", std::string(word_of(job.fill))},
        {"s2_qa_fill", corner ? "corner" : "all"},
        {"tables", tables.source},
        {"water_vapour_g_cm2", fmt::format("{:.6g}", report.constants.water_vapour_g_cm2)},
    };
}

scene::Sentinel2AcScene describe(const Sentinel2Job& job, const scene::Sentinel2L1& l1,
                                 const CorrectionReport& report) {
    scene::Sentinel2AcScene scene;
    scene.product_id = l1.product_id;
    scene.product_uri = l1.product.product_uri;
    scene.tile = l1.id.tile;
    scene.spacecraft = l1.product.spacecraft;
    scene.datatake_start = l1.id.sensing;
    scene.relative_orbit = l1.id.relative_orbit;
    scene.tile_id = l1.tile.tile_id;
    scene.datastrip_id = l1.tile.datastrip_id;
    scene.baseline = granule::format_sentinel2_baseline(l1.product.baseline);
    scene.sensing_time = l1.tile.sensing_time;
    scene.sensing_time_text = l1.tile.sensing_time_text;
    scene.l1_processing_time_text = l1.tile.archiving_time_text;
    scene.grid = sentinel2_output_grid(l1);
    scene.sun_zenith_deg = l1.tile.sun_zenith_deg;
    scene.sun_azimuth_deg = std::fmod(l1.tile.sun_azimuth_deg + 360, 360);
    scene.cloud_cover_percent = l1.product.cloud_cover_percent;
    scene.software = job.software;
    scene.processing_time = processing_time();
    scene.mask_source = report.mask_source;
    scene.ancillary = report.plan.ancillary;
    scene.params = {report.parameters.begin(), report.parameters.end()};
    if (job.layout == Sentinel2OutputLayout::native) scene.layers = sentinel2_output_names(job);
    return scene;
}

// The given aerosol wherever there are data.
Sentinel2Aerosol fixed_aerosol(const Sentinel2Image& image, const Sentinel2Model& model,
                               Sentinel2Fill fill, const FixedAerosol& fixed) {
    Sentinel2Aerosol aerosol(image.rows, image.cols);
    for (int row = 0; row < image.rows; ++row) {
        const auto flags = aerosol.flags.row(row);
        mark_no_data(image, model, fill, row, flags);
        for (auto& flag : flags) flag = flag != 0 ? kFlagNoData : std::uint8_t{0};
    }
    aerosol.aot550 = Plane<float>(image.rows, image.cols, fixed.aot550);
    aerosol.eps_everywhere = fixed.eps;
    return aerosol;
}

std::int64_t count_valid(const Sentinel2Aerosol& aerosol) {
    return std::count_if(aerosol.flags.cells().begin(), aerosol.flags.cells().end(),
                         [](std::uint8_t flags) { return (flags & kFlagNoData) == 0; });
}

}  // namespace

std::filesystem::path scene_dir_of(const Sentinel2Job& job) {
    return job.output_dir / scene::open_sentinel2_l1(job.granule, {{}, false}).product_id;
}

CorrectionPlan plan_sentinel2(const Sentinel2Job& job) {
    const auto l1 = open_input(job);
    scene::AcSceneFolder::check(job.output_dir, l1.product_id, job.overwrite);
    return make_plan(job, l1, load_ancillary_of(job, l1));
}

CorrectionReport correct_sentinel2(const Sentinel2Job& job, const atmosphere::Tables& tables,
                                   const std::function<void(double)>& progress) {
    std::vector<StageTiming> timings;
    StageClock clock(timings);
    const auto part = [&](double from, double share) {
        return [&progress, from, share](double done) {
            if (progress) progress(from + share * done);
        };
    };
    const auto l1 = open_input(job);
    scene::AcSceneFolder::check(job.output_dir, l1.product_id, job.overwrite);
    const auto ancillary = load_ancillary_of(job, l1);
    const auto grid = l1.grid(10);
    const auto air = ancillary.at(place_of(grid, grid.rows / 2, grid.cols / 2));

    CorrectionReport report;
    report.plan = make_plan(job, l1, ancillary);
    report.constants = {l1.tile.sun_zenith_deg, air.ozone_cm_atm, air.water_vapour_g_cm2,
                        air.pressure_hpa};
    report.fill_source = fmt::format("{} band", word_of(job.fill));
    report.sun_zenith_source = "mean";
    report.total_pixels = std::int64_t{grid.rows} * grid.cols;
    report.parameters = parameters(job, tables, report);
    std::optional<Plane<std::uint8_t>> mask;
    if (job.mask) {
        mask = io::RasterReader(*job.mask).read<std::uint8_t>();
        report.mask_source = std::filesystem::path(*job.mask).filename().string();
        report.clear_percent = clear_percent(*mask);
        require_clear(l1, *report.clear_percent);
    }
    const auto model = make_sentinel2_model(
        tables, l1.product, sentinel2_geometry(l1.tile),
        {air.pressure_hpa, air.ozone_cm_atm, air.water_vapour_g_cm2}, job.quirks);
    clock.end("open");

    const auto image = read_sentinel2_image(l1, job.threads, part(0, kReadShare));
    clock.end("read");
    const auto* fixed = std::get_if<FixedAerosol>(&job.aerosol);
    const Sentinel2WindowLoop loop{image, model, ancillary, grid, job.fill, job.quirks};
    auto aerosol =
        fixed ? fixed_aerosol(image, model, job.fill, *fixed) : loop.retrieve(job.threads);
    report.valid_pixels = count_valid(aerosol);
    if (report.valid_pixels == 0)
        throw Error{Exit::empty, fmt::format("{}: no valid pixel", l1.product_id)};
    clock.end("retrieve");
    if (!fixed) {
        report.windows = count_windows(aerosol);
        smooth_aot(aerosol, job.quirks);
        widen_failed(aerosol, job.threads);
        fill_failed(aerosol, job.threads);
        clock.end("fill");
    }

    const auto scene = describe(job, l1, report);
    const double before = kReadShare + kRetrieveShare;
    write_sentinel2_scene(job, {l1, image, model, aerosol, mask, fixed == nullptr}, scene,
                          part(before, 1 - before));
    clock.end("correct");
    report.timings = std::move(timings);
    return report;
}

}  // namespace hls::lasrc
