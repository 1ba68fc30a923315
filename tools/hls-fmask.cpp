// SPDX-License-Identifier: Apache-2.0
// hls-fmask: cloud, shadow, snow and water mask of one Level-1 granule.
#include <list>

#include "cli/program.hpp"
#include "cli/version.hpp"
#include "cli/work_options.hpp"
#include "fetch/remote_work.hpp"
#include "fmask/job_text.hpp"
#include "fmask/mask_job.hpp"
#include "fmask/report_fields.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "geo/library_versions.hpp"
#include "io/browse.hpp"
#include "io/library_versions.hpp"

namespace {

using namespace hls;
using Path = std::filesystem::path;

struct Options {
    cli::WorkOptions work;
    fmask::MaskJob job;
    fmask::MaskJobText text;
    std::string work_dir;
};

// Rasters that appear together once all are complete, the mask last.
class Outputs {
 public:
    explicit Outputs(fs::IfExists mode) : mode_(mode) {}
    Path add(const Path& target) { return files_.emplace_back(target, mode_).temporary(); }
    void commit() {
        for (auto& file : files_) file.commit();
    }

 private:
    std::list<fs::AtomicFile> files_;
    fs::IfExists mode_;
};

void describe(const fmask::MaskReport& report, cli::RunRecord& record) {
    for (const auto& path : report.plan.outputs)
        cli::add_output(record, path, fs::digest_of_file(fs::DigestKind::sha256, path));
    record.params = fmask::parameter_fields(report);
    record.gates = fmask::gate_fields(report);
}

void make_mask(Options& options, cli::Context& context) {
    auto& [work, job, text, work_dir] = options;
    cli::RunRecord& record = context.record();
    cli::begin_record(record, work, job.granule);
    job.output = work.output;
    job.threads = work.threads;
    job.software = "hls-fmask " + cli::version();
    fmask::apply_text(text, job);
    if (work.skip_existing && std::filesystem::exists(job.output)) return;
    fetch::RemoteWork remote("hls-fmask/" + cli::version(), work_dir);
    job.granule = remote.input(job.granule);
    const auto plan = fmask::plan_mask(job);
    record.unit = plan.product_id;
    for (const auto& path : plan.inputs) record.inputs.push_back({remote.shown(path)});
    const auto mode = work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
    for (const auto& path : plan.outputs) fs::check_output(path, mode);
    if (work.dry_run) return cli::print_plan(context, plan.inputs, plan.outputs);

    Outputs outputs(mode);
    const auto report = fmask::make_mask(
        job, [&](const Path& target) { return outputs.add(target); },
        context.progress(plan.product_id));
    if (!job.browse.empty()) io::write_png(job.browse, report.picture, mode);
    if (!job.statistics.empty() && !plan.statistics_given)
        fs::write_text_atomically(job.statistics, fmask::format_statistics(report.statistics),
                                  mode);
    outputs.commit();
    describe(report, record);
    cli::name_output(record, job.output);
}

void declare(cli::Program& program, Options& options) {
    CLI::App& app = program.root();
    auto& [work, job, text, work_dir] = options;
    program.require(
        app, app.add_option("GRANULE", job.granule, "Folder, archive or s3:// name of Level-1"));
    program.require(app, cli::add_work_options(app, work, "The mask, a GeoTIFF"));
    app.add_option("--profile", job.profile, "Rules: hls, hls4, hls5phy or fmask3");
    app.add_option("--buffer", text.buffer, "Pixels around CLOUD,SHADOW, as in 3,3");
    app.add_option("--prob", job.rules.probability_offset, "Above the clear percentile is cloud");
    app.add_option("--water-prob", job.rules.water_threshold, "Fixed threshold over water");
    app.add_option("--shadow-depth", text.shadow_depth, "Potential shadow: abs:0.02 or rel:0.15");
    app.add_option("--match", text.match, "Height of clouds: first, best or likely match")
        ->check(CLI::IsMember({"first", "best", "likely"}));
    app.add_option("--sun-zenith", job.options.angles.sun_zenith, "Degrees, everywhere");
    app.add_option("--sun-azimuth", job.options.angles.sun_azimuth,
                   "Degrees from north, everywhere");
    app.add_option("--view-zenith", job.options.angles.view_zenith, "Degrees, everywhere");
    app.add_option("--view-azimuth", job.options.angles.view_azimuth,
                   "Degrees from north, everywhere")
        ->needs(app.get_option("--view-zenith"));
    app.add_option("--dem", job.elevation, "Elevation in m, any grid");
    app.add_option("--gswo", job.water_occurrence, "Occurrence of water in percent, any grid");
    app.add_option("--stats", job.statistics, "Scene statistics: read if there, else written");
    app.add_option("--without", text.without, "Do without thermal, cirrus, angles, parallax");
    app.add_option("--accept", text.accept, "Further levels or categories, as in L1GT,T2");
    app.add_option("--browse", job.browse, "Picture of scene and mask, PNG");
    app.add_option("--probability", job.probability, "Raster of the probability of cloud");
    app.add_option("--height", job.height, "Raster of the height of cloud bases");
    app.add_option("--work-dir", work_dir, "Where files of s3:// lie meanwhile");
    program.on_run(app, [&](cli::Context& context) { make_mask(options, context); });
}

}  // namespace

int main(int argc, char** argv) {
    cli::Program program("hls-fmask", "Cloud, shadow, snow and water mask of a Level-1 granule");
    Options options;
    declare(program, options);
    program.on_version(io::library_versions);
    program.on_version(geo::library_versions);
    return program.run(argc, argv);
}
