// SPDX-License-Identifier: Apache-2.0
// hls-aux-modis verify: every file of an ancillary folder, whole and as its record says.
#include "ancillary/ancillary.hpp"
#include "ancillary/day_grid.hpp"
#include "core/error.hpp"
#include "fetch/day_check.hpp"
#include "hls-aux-modis.hpp"

namespace hls::tool {
namespace {

struct Options {
    DayOptions days;
    std::string place;
    bool adopt = false;
};

fetch::DayContent content_of(const std::filesystem::path& path) {
    const auto quality = ancillary::judge_grid(ancillary::read_day_grid(path));
    fetch::DayContent content{quality.unknown, quality.unknown_percent(), {}};
    try {
        ancillary::require_usable(quality, path);
    } catch (const Error& error) {
        if (error.code != Exit::bad_input) throw;
        content.problem = error.message;
    }
    return content;
}

void verify(const Options& options, cli::Context& context) {
    const auto store = fetch::open_day_store(ancillary_place(options.place), http());
    fetch::StoreCheck check(
        *store, [&](const fetch::FileFinding& found) { context.print(fetch::to_json(found)); });
    check.check_file("CMGDEM.hdf", ancillary::check_elevation);
    check.check_file("ratiomapndwiexp.hdf", ancillary::check_ratios);
    check.check_days(options.days.list(), options.adopt, content_of);
    check.finish();
}

}  // namespace

void add_verify(cli::Program& program) {
    CLI::App& command = program.add_command(
        "verify", "Read every file: fields, values, gaps, digest; 65 if one is bad");
    const auto options = std::make_shared<Options>();
    add_day_options(command, options->days, 0);
    command.add_option("--ancillary", options->place,
                       "Ancillary folder or s3://bucket/prefix; default $HLS_DATA_DIR/ancillary");
    command.add_flag("--adopt", options->adopt, "Make records for good days that have none");
    program.on_run(command, [options](cli::Context& context) { verify(*options, context); });
}

}  // namespace hls::tool
