// SPDX-License-Identifier: Apache-2.0
// hls-lasrc: Level-1 to surface reflectance of one granule, and the tables that this needs.
#include "atmosphere/table_store.hpp"
#include "cli/program.hpp"
#include "cli/version.hpp"
#include "cli/work_options.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "geo/library_versions.hpp"
#include "hls-lasrc-tables.hpp"
#include "io/library_versions.hpp"
#include "lasrc/before_after_picture.hpp"
#include "lasrc/job_text.hpp"

namespace {

using namespace hls;

struct CorrectOptions {
    cli::WorkOptions work;
    lasrc::LandsatJobText job;
    std::string tables, browse;
};

void describe(const lasrc::CorrectionReport& report, cli::RunRecord& record) {
    for (const auto& path : report.plan.inputs) record.inputs.push_back({path});
    for (const auto& path : report.plan.ancillary) record.ancillary.push_back({path});
    for (const auto& path : report.plan.outputs)
        cli::add_output(record, path, fs::digest_of_file(fs::DigestKind::sha256, path));
    for (const auto& [key, value] : report.parameters) record.params.emplace_back(key, value);
    for (const auto& stage : report.timings)
        record.params.emplace_back(stage.stage + "_s", stage.wall_s);
    const auto& windows = report.windows;
    record.gates = {{"sun_zenith_deg", report.constants.sun_zenith_deg},
                    {"valid_pixels", report.valid_pixels},
                    {"windows_land", windows.land},
                    {"windows_water", windows.water},
                    {"windows_failed", windows.failed}};
}

void correct(CorrectOptions& options, cli::Context& context) {
    cli::begin_record(context.record(), options.work, options.job.granule);
    options.job.output = options.work.output;
    lasrc::LandsatJob job = lasrc::parse_job(options.job);
    job.software = "hls-lasrc " + cli::version();
    job.threads = options.work.threads;
    job.overwrite = options.work.overwrite;
    const auto scene_dir = lasrc::scene_dir_of(job);
    context.record().unit = scene_dir.filename();
    if (options.work.skip_existing && std::filesystem::exists(scene_dir)) return;
    const lasrc::CorrectionPlan plan = lasrc::plan_landsat(job);
    if (!options.browse.empty())
        fs::check_output(options.browse,
                         job.overwrite ? fs::IfExists::replace : fs::IfExists::refuse);
    if (options.work.dry_run) return cli::print_plan(context, plan.reads(), plan.outputs);
    const auto tables = atmosphere::obtain_tables(options.tables, atmosphere::Sensor::oli,
                                                  job.threads, context.progress("building tables"));
    describe(lasrc::correct_landsat(job, tables, context.progress(plan.product_id)),
             context.record());
    cli::name_output(context.record(), scene_dir);
    if (options.browse.empty()) return;
    const auto l1 = scene::open_landsat_l1(job.granule, {{2, 3, 4}, false, false, job.accept});
    lasrc::write_before_after(l1, scene_dir, options.browse, job.overwrite);
}

void declare_correct(cli::Program& program, CorrectOptions& options) {
    CLI::App& app = program.root();
    auto& job = options.job;
    program.require(app, app.add_option("GRANULE", job.granule, "Folder, .tar or _MTL.txt"));
    program.require(app, cli::add_work_options(app, options.work, "Where <product id>/ is made"));
    app.add_option("--mask", job.mask, "Class raster for FMASK, or qa-pixel");
    app.add_option("--ancillary", job.ancillary, "Folder, climatology, or fixed:ozone=..,...")
        ->envname("HLS_ANCILLARY");
    app.add_option("--tables", options.tables, "Table file or folder")->envname("HLS_TABLES");
    app.add_option("--aerosol", job.aerosol, "retrieve, or fixed:AOT[,EPS]");
    app.add_option("--bands", job.bands, "Correct only these reflective bands, as in 2-7");
    app.add_option("--quirks", job.quirks, "Oddities of the reference program")
        ->check(CLI::IsMember({"keep", "fix"}));
    app.add_option("--accept", job.accept, "Further levels or categories, as in L1GT,T2");
    app.add_option("--browse", options.browse, "Picture before and after, PNG");
    program.on_run(app, [&](cli::Context& context) { correct(options, context); });
}

}  // namespace

int main(int argc, char** argv) {
    cli::Program program("hls-lasrc", "Level-1 to surface reflectance of one granule");
    CorrectOptions correct_options;
    declare_correct(program, correct_options);
    declare_tables_command(program);
    program.on_version(io::library_versions);
    program.on_version(geo::library_versions);
    return program.run(argc, argv);
}
