// SPDX-License-Identifier: Apache-2.0
// hls-aux-modis verify: every file of an ancillary folder, whole and as its record says.
#include <fmt/format.h>

#include <algorithm>

#include "ancillary/ancillary.hpp"
#include "ancillary/day_grid.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "fs/digest.hpp"
#include "hls-aux-modis.hpp"

namespace hls::tool {
namespace {

struct Options {
    DayOptions days;
    std::string place;
    bool adopt = false;
};

class Verifier {
 public:
    Verifier(const Options& options, fetch::DayStore& store, cli::Context& context)
        : options_(options), store_(store), context_(context) {}

    void check_map(const std::string& name, void (*check)(const std::filesystem::path&)) {
        look(name, [&](const std::filesystem::path& path, fetch::FileFinding&) { check(path); });
    }

    void check_day(const std::string& file) {
        const auto date = fetch::parse_day_file_name(file)->date;
        const std::string name = fetch::year_folder(date) + '/' + file;
        const auto stored = fetch::find_day(store_, date);
        std::string sha256;  // as published
        if (std::ranges::find(stored.recorded, file) != stored.recorded.end())
            sha256 = fetch::day_record_from_json(store_.read(name + ".json").value_or("")).sha256;
        look(name, [&](const std::filesystem::path& path, fetch::FileFinding& finding) {
            const auto digest = fs::digest_of_file(fs::DigestKind::sha256, path);
            finding.day_record = sha256.empty() ? "none" : digest == sha256 ? "agrees" : "differs";
            if (finding.day_record == "differs")
                throw Error{Exit::bad_input, "not the content that was published"};
            const auto quality = ancillary::judge_grid(ancillary::read_day_grid(path));
            finding.unknown_percent = quality.unknown_percent();
            ancillary::require_usable(quality, path);
            if (!sha256.empty() || !options_.adopt) return;
            const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
            fetch::adopt_day(store_, file, digest, bytes, quality.unknown);
            finding.day_record = "made";
        });
    }

    std::size_t bad = 0, absent = 0;

 private:
    template <typename Check>
    void look(const std::string& name, Check check) {
        throw_if_cancelled();
        fetch::FileFinding finding;
        finding.file = store_.full_name(name);
        try {
            const auto path = store_.local(name);
            if (!path) throw Error{Exit::missing_input, "not there"};
            check(*path, finding);
        } catch (const Error& error) {
            if (error.code != Exit::bad_input && error.code != Exit::missing_input) throw;
            finding.exit = error.code;
            finding.message = error.message;
        }
        store_.release(name);
        bad += finding.exit == Exit::bad_input;
        absent += finding.exit == Exit::missing_input;
        context_.print(fetch::to_json(finding));
    }

    const Options& options_;
    fetch::DayStore& store_;
    cli::Context& context_;
};

void verify(const Options& options, cli::Context& context) {
    const auto store = fetch::open_day_store(ancillary_place(options.place), http());
    Verifier verifier(options, *store, context);
    verifier.check_map("CMGDEM.hdf", ancillary::check_elevation);
    verifier.check_map("ratiomapndwiexp.hdf", ancillary::check_ratios);
    const auto wanted = options.days.list();
    std::size_t days = 0;
    for (const auto& year : store->folders("LADS"))
        for (const auto& file : fetch::day_files_of(*store, year)) {
            const auto date = fetch::parse_day_file_name(file)->date;
            if (!wanted.empty() && std::ranges::find(wanted, date) == wanted.end()) continue;
            verifier.check_day(file);
            ++days;
        }
    // A damaged file does more harm than an absent one.
    if (verifier.bad > 0)
        throw Error{Exit::bad_input,
                    fmt::format("{}: {} files are bad", store->place(), verifier.bad),
                    "remove them and get them again: hls-aux-modis sync --overwrite --date"};
    if (verifier.absent > 0 || days == 0)
        throw Error{
            Exit::missing_input,
            days == 0 ? store->place() + ": no day is there"
                      : fmt::format("{}: {} files are not there", store->place(), verifier.absent),
            "lasrc's auxiliary package of USGS has CMGDEM.hdf and ratiomapndwiexp.hdf; days "
            "come with hls-aux-modis sync"};
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
