// SPDX-License-Identifier: Apache-2.0
// hls-log stats, status: the log in numbers.
#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "hls-log.hpp"
#include "joblog/figures.hpp"

namespace hls::tools {
namespace {

using joblog::StatusFormat;

struct FigureOptions {
    std::string since, format = "text", oldest;
    joblog::Thresholds thresholds;
};

void stats(const LogCommands& shared, const FigureOptions& options, cli::Context& context) {
    auto log = shared.log.open(store::Access::read);
    const auto figures = joblog::stage_figures(log.connection(), since_time(options.since));
    const auto format = options.format == "json" ? StatusFormat::json : StatusFormat::text;
    const auto text = joblog::format_figures(figures, format);
    if (!text.empty()) context.print(text);
}

void status(const LogCommands& shared, const FigureOptions& options, cli::Context& context) {
    auto log = shared.log.open(store::Access::read);
    const store::ReadSnapshot snapshot(log.connection());
    const auto figures = joblog::status_figures(log.connection(), utc_now());
    const auto format = options.format == "json"   ? StatusFormat::json
                        : options.format == "prom" ? StatusFormat::prometheus
                                                   : StatusFormat::text;
    context.print(joblog::format_status(figures, format));
    auto thresholds = options.thresholds;
    if (!options.oldest.empty())
        thresholds.oldest_ready_s =
            static_cast<double>(joblog::parse_duration(options.oldest, "--max-ready-age").count());
    if (const auto said = joblog::alarms(figures, thresholds); !said.empty())
        throw Error{Exit::failure, fmt::format("{}", fmt::join(said, "; "))};
}

CLI::App& add_app(cli::Program& program, LogCommands& shared, FigureOptions& options,
                  const char* name, const char* purpose, std::vector<std::string> formats) {
    CLI::App& app = program.add_command(name, purpose);
    add_log_options(app, shared.log);
    app.add_option("--format", options.format, "Form of the answer")
        ->check(CLI::IsMember(std::move(formats)));
    return app;
}

void declare_status(cli::Program& program, LogCommands& shared, FigureOptions& options) {
    CLI::App& app =
        add_app(program, shared, options, "status",
                "How things stand; ends with 1 over a threshold", {"text", "json", "prom"});
    auto& thresholds = options.thresholds;
    app.add_option("--fail-over", thresholds.failed_share, "Highest share of failed runs in 24 h")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--min-done", thresholds.least_done_24h, "Fewest good runs in 24 h");
    app.add_option("--max-held", thresholds.most_held, "Most units that are held");
    app.add_option("--max-ready-age", options.oldest, "Longest time a unit is ready, as in 6h");
    program.on_run(app, [&](cli::Context& c) { status(shared, options, c); });
}

}  // namespace

std::string since_time(const std::string& since) {
    if (since.empty()) return {};
    if (since.find('-') == std::string::npos)
        return joblog::timestamp(utc_now() - joblog::parse_duration(since, "--since"));
    try {
        return joblog::timestamp(parse_utc(since));
    } catch (const Error& error) {
        throw Error{Exit::usage, error.message, "--since takes a time, or a duration as in 7d"};
    }
}

void declare_figures(cli::Program& program, LogCommands& shared) {
    static FigureOptions options;
    const auto add_since = [&](CLI::App& app) {
        app.add_option("--since", options.since, "Only what is newer: a time, or as in 7d");
    };
    CLI::App& stats_app = add_app(program, shared, options, "stats",
                                  "Time and memory of each stage", {"text", "json"});
    add_since(stats_app);
    program.on_run(stats_app, [&](cli::Context& c) { stats(shared, options, c); });
    declare_status(program, shared, options);
}

}  // namespace hls::tools
