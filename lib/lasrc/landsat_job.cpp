// SPDX-License-Identifier: Apache-2.0
#include "lasrc/landsat_job.hpp"

#include <fmt/format.h>

#include <string_view>

#include "ancillary/ancillary.hpp"
#include "core/error.hpp"
#include "lasrc/aerosol_field.hpp"
#include "lasrc/correction_pass.hpp"
#include "lasrc/landsat_input.hpp"
#include "lasrc/landsat_model.hpp"
#include "lasrc/retrieval_pass.hpp"
#include "lasrc/scene_ancillary.hpp"
#include "lasrc/stage_clock.hpp"
#include "lasrc/window_places.hpp"
#include "scene/ac_scene.hpp"
#include "scene/ac_scene_folder.hpp"

namespace hls::lasrc {
namespace {

constexpr double kRetrievalShare = .35;  // of the time of a run, for the progress bar

CorrectionPlan make_plan(const LandsatJob& job, const LandsatInput& input,
                         const ancillary::Ancillary& ancillary) {
    CorrectionPlan plan;
    plan.product_id = input.l1.metadata.product_id;
    plan.scene_dir = job.output_dir / plan.product_id;
    plan.inputs = input.files();
    plan.ancillary = source_texts(ancillary);
    for (const std::string& layer : input.layers())
        plan.outputs.push_back(plan.scene_dir / scene::ac_file_name(plan.product_id, layer));
    plan.outputs.push_back(plan.scene_dir / "scene.json");
    return plan;
}

std::string band_list(const std::vector<int>& bands) {
    return fmt::format("{}", fmt::join(bands, ","));
}

std::vector<std::pair<std::string, std::string>> parameters(const LandsatJob& job,
                                                            const LandsatInput& input,
                                                            const atmosphere::Tables& tables,
                                                            const CorrectionReport& report) {
    const auto* fixed = std::get_if<FixedAerosol>(&job.aerosol);
    const bool keep = job.quirks == Quirks::keep();
    return {
        {"aerosol", fixed ? fmt::format("fixed:{},{}", fixed->aot550, fixed->eps) : "retrieve"},
        {"bands", band_list(input.corrected)},
        {"fill", report.fill_source},
        {"ozone_cm_atm", fmt::format("{:.6g}", report.constants.ozone_cm_atm)},
        {"pressure_hpa", fmt::format("{:.6g}", report.constants.pressure_hpa)},
        {"quirks", keep                          ? "keep"
                   : job.quirks == Quirks::fix() ? "fix"
                                                 : "mixed"},
        {"sun_zenith", report.sun_zenith_source},
        {"tables", tables.source},
        {"water_vapour_g_cm2", fmt::format("{:.6g}", report.constants.water_vapour_g_cm2)},
    };
}

scene::AcScene describe(const LandsatJob& job, const LandsatInput& input,
                        const CorrectionReport& report) {
    scene::AcScene scene = scene::ac_scene_from(input.l1.metadata, input.l1.grid);
    scene.software = job.software;
    scene.processing_time = processing_time();
    scene.mask_source = report.mask_source;
    scene.ancillary = report.plan.ancillary;
    scene.params = {report.parameters.begin(), report.parameters.end()};
    scene.layers = input.layers();
    return scene;
}

WindowCounts count_windows(const AerosolField& field) {
    WindowCounts counts;
    for (std::size_t i = 0; i < field.flags.size(); ++i) {
        const std::uint8_t flags = field.flags.cells()[i];
        if (flags & kFlagWater)
            ++counts.water;
        else if (flags & kFlagValid)
            ++counts.land;
        else if (flags & kFlagFill)
            ++counts.fill;
        else
            ++counts.failed;
    }
    return counts;
}

// All that is known before a pixel is read.
CorrectionReport start_report(const LandsatJob& job, const LandsatInput& input,
                              const ancillary::Ancillary& ancillary,
                              const ancillary::AtmosphereCell& air) {
    CorrectionReport report;
    report.plan = make_plan(job, input, ancillary);
    report.constants = {input.l1.metadata.sun_zenith_deg(), air.ozone_cm_atm,
                        air.water_vapour_g_cm2, air.pressure_hpa};
    report.fill_source = input.qa ? "QA_PIXEL bit 0" : "DN 0";
    report.sun_zenith_source = input.sun_zenith() ? "SZA raster" : "90 - SUN_ELEVATION";
    if (job.mask)
        report.mask_source = std::filesystem::path(*job.mask).filename().string();
    else if (input.qa)
        report.mask_source = "QA_PIXEL";
    report.total_pixels = std::int64_t{input.l1.grid.rows} * input.l1.grid.cols;
    return report;
}

[[noreturn]] void throw_empty(const std::string& product_id) {
    throw Error{Exit::empty, fmt::format("{}: no valid pixel", product_id)};
}

}  // namespace

std::filesystem::path scene_dir_of(const LandsatJob& job) {
    const auto l1 = scene::open_landsat_l1(job.granule, {{}, false, false, job.accept});
    return job.output_dir / l1.metadata.product_id;
}

CorrectionPlan plan_landsat(const LandsatJob& job) {
    const LandsatInput input = open_landsat_input(job);
    scene::AcSceneFolder::check(job.output_dir, input.l1.metadata.product_id, job.overwrite);
    return make_plan(job, input,
                     load_scene_ancillary(job.ancillary, input.l1.grid,
                                          input.l1.metadata.id.acquired, job.quirks));
}

CorrectionReport correct_landsat(const LandsatJob& job, const atmosphere::Tables& tables,
                                 const std::function<void(double)>& progress) {
    std::vector<StageTiming> timings;
    StageClock clock(timings);
    const LandsatInput input = open_landsat_input(job);
    const granule::LandsatMetadata& metadata = input.l1.metadata;
    scene::AcSceneFolder::check(job.output_dir, metadata.product_id, job.overwrite);
    const ancillary::Ancillary ancillary = load_scene_ancillary(
        job.ancillary, input.l1.grid, input.l1.metadata.id.acquired, job.quirks);
    const io::Grid& grid = input.l1.grid;
    const auto air = ancillary.at(place_of(grid, grid.rows / 2, grid.cols / 2));
    CorrectionReport report = start_report(job, input, ancillary, air);
    report.parameters = parameters(job, input, tables, report);
    const LandsatModel model = make_landsat_model(
        tables, metadata, input.used, {air.pressure_hpa, air.ozone_cm_atm, air.water_vapour_g_cm2},
        job.quirks);
    clock.end("open");

    const double share = input.retrieve ? kRetrievalShare : 0.;
    PassSettings settings{job.quirks, job.threads, [&](double done) {
                              if (progress) progress(share * done);
                          }};
    std::optional<AerosolField> field;
    if (input.retrieve) {
        field = retrieve_aerosol(input, model, ancillary, settings);
        report.windows = count_windows(*field);
        if (report.windows.fill == static_cast<std::int64_t>(field->flags.size()))
            throw_empty(metadata.product_id);
        clock.end("retrieve");
        fill_failed_windows(*field);
        clock.end("fill");
    }

    const auto* fixed = std::get_if<FixedAerosol>(&job.aerosol);
    scene::AcSceneFolder folder(job.output_dir, metadata.product_id, job.overwrite);
    settings.progress = [&](double done) {
        if (progress) progress(share + (1. - share) * done);
    };
    report.valid_pixels = write_corrected_layers(input, model, field ? &*field : nullptr,
                                                 fixed ? *fixed : FixedAerosol{}, settings, folder);
    if (report.valid_pixels == 0) throw_empty(metadata.product_id);
    clock.end("correct");
    folder.commit(describe(job, input, report));
    clock.end("commit");
    report.timings = std::move(timings);
    return report;
}

}  // namespace hls::lasrc
