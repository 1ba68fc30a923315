// SPDX-License-Identifier: Apache-2.0
// hls-aux-modis: keeps the daily ozone and water vapour files ready for atmospheric correction.
#include <fmt/format.h>

#include <memory>

#include "ancillary/modis_day.hpp"
#include "cli/work_options.hpp"
#include "core/data_dir.hpp"
#include "core/error.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "io/library_versions.hpp"

namespace {

using namespace hls;

struct CombineOptions {
    cli::WorkOptions work;
    std::vector<std::string> files;
};

// A folder gets the file under the name that hls-lasrc looks for.
std::filesystem::path combined_path(const std::string& output, std::chrono::year_month_day date) {
    const std::filesystem::path path =
        output.empty() ? data_dir() / "ancillary" : std::filesystem::path(output);
    if (path.extension() == ".hdf_fused" || path.extension() == ".hdf") return path;
    return path / ancillary::fused_name(date);
}

void combine(const CombineOptions& options, cli::Context& context) {
    const std::vector<std::filesystem::path> files(options.files.begin(), options.files.end());
    const auto usable = ancillary::usable_files(files);
    const auto target = combined_path(options.work.output, usable.front().date);
    if (options.work.dry_run) {
        std::vector<std::string> reads;
        for (const auto& file : usable) reads.push_back(file.path);
        return cli::print_plan(context, reads, {target});
    }
    auto& record = context.record();
    cli::begin_record(record, options.work, target.stem().string());
    if (options.work.skip_existing && std::filesystem::exists(target)) {
        cli::name_output(record, target);
        record.message = "exists";
        return;
    }
    const auto mode = options.work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
    fs::check_output(target, mode);
    ancillary::check_modis_files(usable);
    fs::AtomicFile file(target, mode);
    const auto report =
        ancillary::combine_modis_day(files, file.temporary(), "hls-aux-modis combine");
    file.commit();
    for (const auto& input : report.inputs) record.inputs.push_back({input.string()});
    record.gates = {{"terra", report.terra},
                    {"aqua", report.aqua},
                    {"cells_terra", report.from_terra},
                    {"cells_aqua", report.from_aqua},
                    {"cells_filled", report.filled},
                    {"cells_unknown", report.unknown}};
    cli::name_output(record, target);
    cli::add_output(record, target, fs::digest_of_file(fs::DigestKind::sha256, target));
}

}  // namespace

int main(int argc, char** argv) {
    cli::Program program("hls-aux-modis",
                         "Daily ozone and water vapour files for atmospheric correction");
    CLI::App& command = program.add_command(
        "combine", "MODIS CMG and CMA files of one day to the L8ANC file of that day");
    const auto options = std::make_shared<CombineOptions>();
    program.require(command, command.add_option("FILE", options->files,
                                                "MOD09CMG, MOD09CMA, MYD09CMG, MYD09CMA of a day"));
    cli::add_work_options(command, options->work,
                          "Ancillary folder, or a file ending in .hdf_fused; default "
                          "$HLS_DATA_DIR/ancillary");
    program.on_run(command, [options](cli::Context& context) { combine(*options, context); });
    program.on_version(io::library_versions);
    return program.run(argc, argv);
}
