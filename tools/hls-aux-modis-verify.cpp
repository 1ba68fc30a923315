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

struct Finding {
    Exit exit = Exit::ok;
    std::string message;
    double unknown_percent = -1;
};

class Verifier {
 public:
    Verifier(const Options& options, fetch::DayStore& store, cli::Context& context)
        : options_(options), store_(store), context_(context) {}

    void check_map(const std::string& name, void (*check)(const std::filesystem::path&)) {
        report(name, "",
               look(name, [&](const std::filesystem::path& path, Finding&) { check(path); }));
    }

    void check_day(const fetch::Date& date, const std::string& file) {
        const std::string name = fetch::year_folder(date) + '/' + file;
        const auto stored = fetch::find_day(store_, date);
        const bool recorded = std::ranges::find(stored.recorded, file) != stored.recorded.end();
        std::string sha256;
        if (recorded)
            sha256 = fetch::day_record_from_json(store_.read(name + ".json").value_or("")).sha256;
        std::string record = recorded ? "agrees" : "none";
        const Finding finding = look(name, [&](const std::filesystem::path& path, Finding& found) {
            const auto digest = fs::digest_of_file(fs::DigestKind::sha256, path);
            if (recorded && digest != sha256) {
                record = "differs";
                throw Error{Exit::bad_input, "not the content that was published"};
            }
            const auto quality = ancillary::judge_grid(ancillary::read_day_grid(path));
            found.unknown_percent = quality.unknown_percent();
            ancillary::require_usable(quality, path);
            if (recorded || !options_.adopt) return;
            adopt(date, file, path, digest, quality.unknown);
            record = "made";
        });
        report(name, record, finding);
    }

    // 65 outweighs 66: a damaged file does more harm than an absent one.
    std::size_t bad = 0, absent = 0;

 private:
    template <typename Check>
    Finding look(const std::string& name, Check check) {
        throw_if_cancelled();
        Finding finding;
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
        return finding;
    }

    void adopt(const fetch::Date& date, const std::string& file, const std::filesystem::path& path,
               const std::string& digest, std::int64_t unknown) {
        fetch::DayRecord day;
        day.date = date;
        day.file = file;
        day.rank = fetch::parse_day_file_name(file)->rank;
        day.bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
        day.sha256 = digest;
        day.cells.unknown = day.cells.left = unknown;
        day.published_at = format_utc(processing_time());
        store_.write(fetch::year_folder(date) + '/' + file + ".json", fetch::to_json(day));
    }

    void report(const std::string& name, const std::string& record, const Finding& finding) {
        bad += finding.exit == Exit::bad_input;
        absent += finding.exit == Exit::missing_input;
        context_.print(fetch::verify_line(store_.full_name(name), record, finding.exit,
                                          finding.message, finding.unknown_percent));
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
            verifier.check_day(date, file);
            ++days;
        }
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
