// SPDX-License-Identifier: Apache-2.0
// hls-chip pack: a data set to send.
#include <filesystem>
#include <memory>

#include "chip/data_set.hpp"
#include "chip/pack.hpp"
#include "cli/work_options.hpp"
#include "core/error.hpp"
#include "fs/atomic_output.hpp"
#include "hls-chip.hpp"

namespace {

using namespace hls;

struct PackOptions {
    chip::PackRequest request;
    std::string folder;
    cli::WorkOptions work;
    std::int64_t shard_mb = 512;
    bool stac = false;
};

void pack(const PackOptions& options, cli::Context& context) {
    const auto& work = options.work;
    cli::begin_record(context.record(), work, "chip-pack");
    context.record().inputs.push_back({options.folder});
    if (work.skip_existing && std::filesystem::exists(work.output)) return;
    const auto mode = work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
    fs::check_output(work.output, mode);
    if (work.dry_run) return cli::print_plan(context, {options.folder}, {work.output});
    const auto chips = chip::read_chips(options.folder);
    if (chips.empty())
        throw Error{Exit::missing_input, options.folder + " holds no chips",
                    "hls-chip run makes some"};
    fs::AtomicDirectory output(work.output, mode);
    chip::PackRequest request = options.request;
    request.folder = options.folder;
    request.output = output.temporary();
    request.shard_bytes = static_cast<std::uint64_t>(options.shard_mb) << 20;
    const auto shards = chip::pack_shards(request, chips, context.progress("chips"));
    chip::write_croissant(request, chips, shards);
    if (options.stac) chip::write_stac(request, work.output, chips);
    output.commit();
    for (const auto& shard : shards)
        context.record().outputs.push_back(
            {(std::filesystem::path(work.output) / shard.file).string(), shard.sha256,
             static_cast<std::int64_t>(shard.bytes)});
    context.record().gates = {{"chips", static_cast<std::int64_t>(chips.size())},
                              {"shards", static_cast<std::int64_t>(shards.size())}};
    cli::name_output(context.record(), work.output);
}

}  // namespace

void declare_pack(cli::Program& program) {
    const auto options = std::make_shared<PackOptions>();
    auto& request = options->request;
    CLI::App& app = program.add_command("pack", "Tar shards and their description");
    program.require(app, app.add_option("FOLDER", options->folder, "Folder of the data set"));
    program.require(app, cli::add_work_options(app, options->work, "Folder of the shards"));
    app.add_option("--shard-size", options->shard_mb, "MiB at which a new shard begins")
        ->check(CLI::Range(1, 8000))
        ->capture_default_str();
    app.add_flag("--stac", options->stac, "Also a STAC collection with an item for every chip");
    app.add_option("--name", request.name, "Of the data set")->capture_default_str();
    app.add_option("--license", request.license, "SPDX name")->capture_default_str();
    program.on_run(app, [options](cli::Context& context) { pack(*options, context); });
}
