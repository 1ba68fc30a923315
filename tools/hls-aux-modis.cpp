// SPDX-License-Identifier: Apache-2.0
// hls-aux-modis: keeps the daily ozone and water vapour files ready for atmospheric correction.
#include "hls-aux-modis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/version.hpp"
#include "core/data_dir.hpp"
#include "io/library_versions.hpp"

namespace hls::tool {

std::vector<fetch::Date> DayOptions::list() const {
    using std::chrono::sys_days;
    std::vector<sys_days> chosen;
    for (const auto& date : dates) chosen.push_back(fetch::parse_iso_date(date));
    const auto today = std::chrono::floor<std::chrono::days>(utc_now());
    if (!from.empty()) {
        const sys_days first = fetch::parse_iso_date(from);
        const sys_days last =
            to.empty() ? today - std::chrono::days{1} : sys_days{fetch::parse_iso_date(to)};
        if (last < first) throw Error{Exit::usage, "--from is later than --to"};
        for (sys_days day = last; day >= first; day -= std::chrono::days{1}) chosen.push_back(day);
    } else if (dates.empty()) {
        for (int age = 1; age <= days; ++age) chosen.push_back(today - std::chrono::days{age});
    }
    std::sort(chosen.rbegin(), chosen.rend());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    return {chosen.begin(), chosen.end()};
}

void add_day_options(CLI::App& command, DayOptions& options, int default_days) {
    options.days = default_days;
    auto* dates = command.add_option("--date", options.dates, "Days, as in 2024-03-07,2024-03-08")
                      ->delimiter(',');
    auto* from = command.add_option("--from", options.from, "First day")->excludes(dates);
    command.add_option("--to", options.to, "Last day; default yesterday")->needs(from);
    command
        .add_option("--days", options.days,
                    default_days > 0 ? "So many days up to yesterday"
                                     : "So many days up to yesterday; 0: all there are")
        ->check(CLI::Range(default_days > 0 ? 1 : 0, 20000))
        ->excludes(dates)
        ->excludes(from)
        ->capture_default_str();
}

std::string ancillary_place(const std::string& given) {
    return given.empty() ? (data_dir() / "ancillary").string() : given;
}

net::HttpClient& http() {
    static net::HttpClient client("hls-aux-modis/" + cli::version());
    return client;
}

bool may_make(const cli::WorkOptions& work, bool exists, const std::string& target,
              cli::RunRecord& record) {
    if (!exists || work.overwrite) return true;
    if (!work.skip_existing)
        throw Error{Exit::cannot_create, "output exists: " + target,
                    "use --overwrite to replace it or --skip-existing to keep it"};
    record.message = "exists";
    return false;
}

void add_published(const fetch::DayStore& store, const fetch::DayRecord& day,
                   cli::RunRecord& record) {
    const std::string name = fetch::year_folder(day.date) + '/' + day.file;
    record.outputs.push_back({store.full_name(name), day.sha256, day.bytes});
}

void add_quality(const fetch::DayRecord& day, cli::RunRecord& record) {
    const std::string date = fetch::iso_date(day.date);
    record.gates.emplace_back("rank_" + date, std::int64_t{day.rank});
    record.gates.emplace_back("gap_percent_" + date, std::round(day.gap_percent() * 1000) / 1000);
}

}  // namespace hls::tool

int main(int argc, char** argv) {
    hls::cli::Program program("hls-aux-modis",
                              "Daily ozone and water vapour files for atmospheric correction");
    hls::tool::add_climatology(program);
    hls::tool::add_combine(program);
    hls::tool::add_status(program);
    hls::tool::add_sync(program);
    hls::tool::add_verify(program);
    program.on_version(hls::io::library_versions);
    return program.run(argc, argv);
}
