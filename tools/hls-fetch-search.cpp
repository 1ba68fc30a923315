// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/choice.hpp"
#include "cli/version.hpp"
#include "core/error.hpp"
#include "fetch/search.hpp"
#include "hls-fetch.hpp"

namespace hls::tool {
namespace {

struct Options {
    fetch::Catalogue catalogue = fetch::Catalogue::cdse;
    std::string date, since, until, by;
    std::vector<std::string> paths, rows;
    std::vector<double> bbox;
    fetch::SearchQuery query;
    NetworkOptions network;
};

UtcTime instant(const std::string& text, const char* option) {
    try {
        return parse_utc(text);
    } catch (const Error& error) {
        throw Error{Exit::usage, std::string(option) + ": " + error.message,
                    "dates look like 2026-11-20 or 2026-11-20T06:00:00Z"};
    }
}

void take_times(Options& options) {
    auto& query = options.query;
    const bool by_day = !options.date.empty();
    if (by_day == !options.since.empty() || (by_day && !options.until.empty()))
        throw Error{Exit::usage, "a time is required, and one only",
                    "--since T [--until T], or --date D"};
    if (by_day) {
        query.since = instant(options.date, "--date");
        if (query.since != std::chrono::floor<std::chrono::days>(query.since))
            throw Error{Exit::usage, "--date: a day is wanted, not an instant: " + options.date,
                        "as in 2026-11-20; --since and --until take instants"};
        query.until = query.since + std::chrono::hours{24};
    } else {
        query.since = instant(options.since, "--since");
        query.until = options.until.empty() ? utc_now() : instant(options.until, "--until");
    }
    const bool forward = options.catalogue == fetch::Catalogue::cdse && !by_day;
    query.by_sensing = options.by.empty() ? !forward : options.by == "sensed";
}

void run(Options& options, cli::Context& context) {
    options.network.apply();
    take_times(options);
    auto& query = options.query;
    query.paths = fetch::parse_ranges(options.paths, "--path");
    query.rows = fetch::parse_ranges(options.rows, "--row");
    for (auto* words : {&query.levels, &query.tiers})
        if (*words == std::vector<std::string>{"all"}) words->clear();
    if (!options.bbox.empty()) {
        query.bbox.emplace();
        std::copy_n(options.bbox.begin(), 4, query.bbox->begin());
    }
    net::HttpClient client("hls-fetch/" + cli::version());
    fetch::search(client, options.catalogue, query, [&](const fetch::GranuleRecord& record) {
        context.print(fetch::to_json(record));
    });
}

void add_quality_options(CLI::App& command, Options& options) {
    auto& query = options.query;
    query.levels = {"L1TP"};
    query.tiers = {"RT", "T1"};
    command.add_option("--sensor", query.sensors, "S2A, S2B, S2C, L8, L9")->delimiter(',');
    command.add_option("--level", query.levels, "Of Landsat: L1TP, L1GT, L1GS, or all")
        ->delimiter(',')
        ->default_str("L1TP");
    command.add_option("--tier", query.tiers, "Of Landsat: RT, T1, T2, or all")
        ->delimiter(',')
        ->default_str("RT,T1");
    command.add_option("--max-cloud", query.max_cloud, "Cloud cover in percent")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str();
    command
        .add_option("--max-age", query.max_age_days,
                    "Days between sensing and publication at most; 0: any")
        ->check(CLI::Range(0, 10000))
        ->capture_default_str();
}

}  // namespace

void add_search(cli::Program& program) {
    CLI::App& command =
        program.add_command("search", "What the catalogues have of Sentinel-2 L1C and Landsat");
    const auto options = std::make_shared<Options>();
    cli::add_choice(command, "--catalog", options->catalogue, "Where to look",
                    {{"cdse", fetch::Catalogue::cdse},
                     {"earth-search", fetch::Catalogue::earth_search},
                     {"landsatlook", fetch::Catalogue::landsatlook},
                     {"usgs-bucket", fetch::Catalogue::usgs_bucket}});
    command.add_option("--since", options->since, "First instant (UTC)");
    command.add_option("--until", options->until, "End, not included; default now");
    command.add_option("--date", options->date, "One day (UTC), by sensing");
    command.add_option("--by", options->by, "Which date counts")
        ->check(CLI::IsMember({"published", "sensed"}));
    command.add_option("--tile", options->query.tiles, "MGRS tiles; of Landsat what touches them")
        ->delimiter(',');
    command.add_option("--bbox", options->bbox, "west,south,east,north in degrees")
        ->delimiter(',')
        ->expected(4);
    command.add_option("--path", options->paths, "WRS-2 paths, numbers or ranges")->delimiter(',');
    command.add_option("--row", options->rows, "WRS-2 rows, numbers or ranges")->delimiter(',');
    add_quality_options(command, *options);
    add_network_options(command, options->network);
    program.on_run(command, [options](cli::Context& context) { run(*options, context); });
}

}  // namespace hls::tool
