// SPDX-License-Identifier: Apache-2.0
// hls-lasrc GRANULE: one granule to surface reflectance.
#include <memory>

#include "atmosphere/table_store.hpp"
#include "cli/version.hpp"
#include "cli/work_options.hpp"
#include "fetch/remote_work.hpp"
#include "fs/atomic_output.hpp"
#include "hls-lasrc.hpp"
#include "lasrc/job.hpp"

namespace {

using namespace hls;

struct CorrectOptions {
    cli::WorkOptions work;
    lasrc::JobText job;
    std::string tables, browse, work_dir;
};

void describe(const lasrc::CorrectionReport& report, const fetch::RemoteWork& remote,
              cli::RunRecord& record) {
    for (const auto& path : report.plan.inputs) record.inputs.push_back({remote.shown(path)});
    for (const auto& path : report.plan.ancillary) record.ancillary.push_back({path});
    for (const auto& [key, value] : report.parameters) record.params.emplace_back(key, value);
    for (const auto& stage : report.timings) {
        record.params.emplace_back(stage.stage + "_s", stage.wall_s);
        record.params.emplace_back(stage.stage + "_cpu_s", stage.cpu_s);
    }
    const auto& windows = report.windows;
    record.gates = {{"sun_zenith_deg", report.constants.sun_zenith_deg},
                    {"valid_pixels", report.valid_pixels},
                    {"windows_land", windows.land},
                    {"windows_water", windows.water},
                    {"windows_failed", windows.failed}};
    if (report.clear_percent) record.gates.emplace_back("clear_percent", *report.clear_percent);
}

void print_plan(const lasrc::CorrectionPlan& plan, const fetch::RemoteWork& remote,
                const cli::Context& context) {
    for (const auto& path : plan.reads()) context.print("read " + remote.shown(path));
    for (const auto& path : plan.outputs) context.print("write " + remote.shown(path));
}

// Going by its name alone, so that a granule in a bucket need not be fetched.
bool should_make(const std::string& scene, const CorrectOptions& options,
                 fetch::RemoteWork& remote) {
    return remote.should_make(scene + "/scene.json",
                              std::filesystem::path(options.job.output) / scene,
                              options.work.skip_existing, options.work.overwrite);
}

void correct(CorrectOptions& options, cli::Context& context) {
    const auto& work = options.work;
    cli::RunRecord& record = context.record();
    cli::begin_record(record, work, options.job.granule);
    fetch::RemoteWork remote("hls-lasrc/" + cli::version(), options.work_dir);
    options.job.output = remote.output(work.output);
    if (work.skip_existing && net::is_s3_uri(options.job.granule) &&
        !should_make(fetch::RemoteWork::product_name(options.job.granule), options, remote))
        return;
    options.job.granule = remote.input(options.job.granule);
    options.job.mask = remote.input(options.job.mask);
    const lasrc::Job job =
        lasrc::make_job(options.job, {"hls-lasrc " + cli::version(), work.threads, work.overwrite});
    const auto scene_dir = lasrc::scene_dir_of(job);
    const std::string id = scene_dir.filename();
    record.unit = id;
    if (!should_make(id, options, remote)) return;
    const lasrc::CorrectionPlan plan = lasrc::plan(job);
    if (!options.browse.empty()) {
        lasrc::check_picture(job);
        fs::check_output(options.browse,
                         work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse);
    }
    if (work.dry_run) return print_plan(plan, remote, context);
    const auto tables = atmosphere::obtain_tables(
        options.tables, lasrc::sensor_of(job), work.threads, context.progress("building tables"));
    const auto report = lasrc::correct(job, tables, context.progress(plan.product_id));
    if (!options.browse.empty()) lasrc::write_picture(job, options.browse);
    for (const auto& file :
         remote.deliver(id + "/scene.json", work.overwrite, report.plan.outputs, work.threads))
        record.outputs.push_back({file.name, file.sha256, file.bytes});
    if (!remote.sends()) cli::name_output(record, scene_dir);
    describe(report, remote, record);
}

}  // namespace

void declare_correction(cli::Program& program) {
    const auto options = std::make_shared<CorrectOptions>();
    CLI::App& app = program.root();
    auto& job = options->job;
    program.require(
        app, app.add_option("GRANULE", job.granule, "Folder, .tar, .zip, metadata, s3://.."));
    program.require(app,
                    cli::add_work_options(app, options->work,
                                          "Folder or s3://bucket/prefix that gets <product id>/"));
    app.add_option("--mask", job.mask, "Class raster for FMASK, or qa-pixel");
    app.add_option("--ancillary", job.ancillary, "Folder, climatology, or fixed:ozone=..,...")
        ->envname("HLS_ANCILLARY");
    app.add_option("--tables", options->tables, "Table file or folder")->envname("HLS_TABLES");
    app.add_option("--aerosol", job.aerosol, "retrieve, or fixed:AOT[,EPS]");
    app.add_option("--bands", job.bands, "Correct only these reflective bands, as in 2-7");
    app.add_option("--quirks", job.quirks, "Oddities of the reference program")
        ->check(CLI::IsMember({"keep", "fix"}));
    app.add_option("--accept", job.accept, "Further levels or categories, as in L1GT,T2");
    const auto word = [&app](const char* name, std::string& value, const char* description,
                             const std::vector<std::string>& words) {
        app.add_option(name, value, description)->check(CLI::IsMember(words));
    };
    word("--layout", job.layout, "Sentinel-2: bands as S30 or as NASA's programs want them",
         {"native", "reference"});
    word("--s2-fill", job.s2_fill, "Sentinel-2: bands that must be 0 where there are no data",
         {"any", "all", "converted"});
    word("--s2-qa-fill", job.s2_qa_fill, "Sentinel-2: pixels that get the fill flag",
         {"all", "corner"});
    word("--angles", job.angles, "Sentinel-2: angle layers", {"all", "none"});
    app.add_option("--browse", options->browse, "Picture before and after, PNG");
    app.add_option("--work-dir", options->work_dir, "Where files of s3:// lie meanwhile");
    program.on_run(app, [options](cli::Context& context) { correct(*options, context); });
}
