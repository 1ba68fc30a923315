// SPDX-License-Identifier: Apache-2.0
// hls-lasrc: Level-1 to surface reflectance of one granule, and the tables that this needs.
#include "atmosphere/table_store.hpp"
#include "cli/program.hpp"
#include "cli/version.hpp"
#include "cli/work_options.hpp"
#include "core/error.hpp"
#include "fetch/remote_work.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "geo/library_versions.hpp"
#include "hls-lasrc-tables.hpp"
#include "io/library_versions.hpp"
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

void check_browse(const CorrectOptions& options, const lasrc::Job& job) {
    if (!lasrc::can_have_picture(job)) throw Error{Exit::usage, "--browse needs --layout native"};
    fs::check_output(options.browse,
                     options.work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse);
}

void print_plan(const lasrc::CorrectionPlan& plan, const fetch::RemoteWork& remote,
                const cli::Context& context) {
    for (const auto& path : plan.reads()) context.print("read " + remote.shown(path));
    for (const auto& path : plan.outputs) context.print("write " + remote.shown(path));
}

// Of a granule in a bucket: its scene, going by the names alone, so that nothing need be fetched.
bool is_there(const lasrc::JobText& job, fetch::RemoteWork& remote) {
    if (!net::is_s3_uri(job.granule)) return false;
    const auto name = fetch::RemoteWork::product_name(job.granule);
    if (remote.sends()) return !remote.should_make(name + "/scene.json", true, false);
    return std::filesystem::exists(std::filesystem::path(job.output) / name);
}

void correct(CorrectOptions& options, cli::Context& context) {
    const auto& work = options.work;
    cli::RunRecord& record = context.record();
    cli::begin_record(record, work, options.job.granule);
    fetch::RemoteWork remote("hls-lasrc/" + cli::version(), options.work_dir);
    options.job.output = remote.output(work.output);
    if (work.skip_existing && is_there(options.job, remote)) return;
    options.job.granule = remote.input(options.job.granule);
    options.job.mask = remote.input(options.job.mask);
    const lasrc::Job job =
        lasrc::make_job(options.job, {"hls-lasrc " + cli::version(), work.threads, work.overwrite});
    const auto scene_dir = lasrc::scene_dir_of(job);
    const std::string id = scene_dir.filename();
    const std::string manifest = id + "/scene.json";
    record.unit = id;
    if (remote.sends() && !remote.should_make(manifest, work.skip_existing, work.overwrite)) return;
    if (work.skip_existing && std::filesystem::exists(scene_dir)) return;
    const lasrc::CorrectionPlan plan = lasrc::plan(job);
    if (!options.browse.empty()) check_browse(options, job);
    if (work.dry_run) return print_plan(plan, remote, context);
    const auto tables = atmosphere::obtain_tables(
        options.tables, lasrc::sensor_of(job), work.threads, context.progress("building tables"));
    const auto report = lasrc::correct(job, tables, context.progress(plan.product_id));
    if (!options.browse.empty()) lasrc::write_picture(job, options.browse);
    if (remote.sends()) {
        for (const auto& file : remote.publish(manifest, work.overwrite))
            record.outputs.push_back({file.name, file.sha256, file.bytes});
    } else {
        for (const auto& path : report.plan.outputs)
            cli::add_output(record, path, fs::digest_of_file(fs::DigestKind::sha256, path));
        cli::name_output(record, scene_dir);
    }
    describe(report, remote, record);
}

void declare_correct(cli::Program& program, CorrectOptions& options) {
    CLI::App& app = program.root();
    auto& job = options.job;
    program.require(
        app, app.add_option("GRANULE", job.granule, "Folder, .tar, .zip, metadata, s3://.."));
    program.require(app,
                    cli::add_work_options(app, options.work,
                                          "Folder or s3://bucket/prefix that gets <product id>/"));
    app.add_option("--mask", job.mask, "Class raster for FMASK, or qa-pixel");
    app.add_option("--ancillary", job.ancillary, "Folder, climatology, or fixed:ozone=..,...")
        ->envname("HLS_ANCILLARY");
    app.add_option("--tables", options.tables, "Table file or folder")->envname("HLS_TABLES");
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
    app.add_option("--browse", options.browse, "Picture before and after, PNG");
    app.add_option("--work-dir", options.work_dir, "Where files of s3:// lie meanwhile");
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
