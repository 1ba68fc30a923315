// SPDX-License-Identifier: Apache-2.0
#include "cli/version.hpp"
#include "core/error.hpp"
#include "fetch/search.hpp"
#include "hls-fetch.hpp"

namespace hls::tool {
namespace {

struct Options {
    std::string since, until, by = "published";
    fetch::SearchQuery query;
};

UtcTime instant(const std::string& text, const char* option) {
    try {
        return parse_utc(text);
    } catch (const Error& error) {
        throw Error{Exit::usage, std::string(option) + ": " + error.message,
                    "dates look like 2026-11-20 or 2026-11-20T06:00:00Z"};
    }
}

void run(Options& options, cli::Context& context) {
    options.query.since = instant(options.since, "--since");
    options.query.until = options.until.empty() ? utc_now() : instant(options.until, "--until");
    options.query.by_sensing = options.by == "sensed";
    net::HttpClient client("hls-fetch/" + cli::version());
    fetch::search_cdse(client, options.query, [&](const fetch::GranuleRecord& record) {
        context.print(fetch::to_json(record));
    });
}

}  // namespace

void add_search(cli::Program& program) {
    CLI::App& command = program.add_command(
        "search", "Sentinel-2 L1C products of the Copernicus Data Space, a line each");
    const auto options = std::make_shared<Options>();
    program.require(command, command.add_option("--since", options->since, "First instant (UTC)"));
    command.add_option("--until", options->until, "End, not included; default now");
    command.add_option("--by", options->by, "Which date counts")
        ->check(CLI::IsMember({"published", "sensed"}))
        ->capture_default_str();
    command.add_option("--tile", options->query.tiles, "MGRS tiles, separated by commas")
        ->delimiter(',');
    command.add_option("--sensor", options->query.sensors, "S2A, S2B, S2C, separated by commas")
        ->delimiter(',');
    command.add_option("--max-cloud", options->query.max_cloud, "Cloud cover in percent")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str();
    command
        .add_option("--max-age", options->query.max_age_days,
                    "Days between sensing and publication at most; 0: any")
        ->check(CLI::Range(0, 10000))
        ->capture_default_str();
    program.on_run(command, [options](cli::Context& context) { run(*options, context); });
}

}  // namespace hls::tool
