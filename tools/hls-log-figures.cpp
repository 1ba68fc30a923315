// SPDX-License-Identifier: Apache-2.0
// hls-log stats, status, report, export: the log in numbers, as a page, as a table.
#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "fs/atomic_output.hpp"
#include "hls-log.hpp"
#include "joblog/figures.hpp"
#include "joblog/report_page.hpp"
#include "joblog/table_export.hpp"

namespace hls::tools {
namespace {

using joblog::StatusFormat;

struct FigureOptions {
    std::string since, format = "text", table = "attempt", output, title;
    joblog::Thresholds thresholds;
    std::string oldest;
    bool overwrite = false;
    int days = 30;
};

// "7d" ago, or a time, as the log writes times.
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

void report(const LogCommands& shared, const FigureOptions& options, cli::Context& context) {
    auto log = shared.log.open(store::Access::read);
    const store::ReadSnapshot snapshot(log.connection());
    const auto page =
        joblog::report_page(log.connection(), {options.title, options.days}, utc_now());
    if (options.output == "-") return context.print(page);
    fs::write_text_atomically(options.output, page,
                              options.overwrite ? fs::IfExists::replace : fs::IfExists::refuse);
}

void export_rows(const LogCommands& shared, const FigureOptions& options, cli::Context& context) {
    auto log = shared.log.open(store::Access::read);
    if (options.format == "sqlite") {
        if (options.output.empty())
            throw Error{Exit::usage, "--format sqlite needs -o", "see hls-log export --help"};
        fs::AtomicFile file(options.output,
                            options.overwrite ? fs::IfExists::replace : fs::IfExists::refuse);
        store::copy_to(log.connection(), file.temporary());
        return file.commit();
    }
    const store::ReadSnapshot snapshot(log.connection());
    const auto format =
        options.format == "csv" ? joblog::ExportFormat::csv : joblog::ExportFormat::ndjson;
    joblog::export_table(log.connection(), options.table, since_time(options.since), format,
                         [&](std::string_view line) { context.print(line); });
}

CLI::App& add_app(cli::Program& program, LogCommands& shared, FigureOptions& options,
                  const char* name, const char* purpose, std::vector<std::string> formats) {
    CLI::App& app = program.add_command(name, purpose);
    add_log_options(app, shared.log);
    if (!formats.empty())
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

    CLI::App& page = add_app(program, shared, options, "report", "The log as one HTML page", {});
    program.require(page, page.add_option("-o,--output", options.output, "The page; - is stdout"));
    page.add_flag("--overwrite", options.overwrite, "Replace a page that exists");
    page.add_option("--days", options.days, "So many days up to now")->check(CLI::Range(1, 400));
    page.add_option("--title", options.title, "Heading of the page");
    program.on_run(page, [&](cli::Context& c) { report(shared, options, c); });

    CLI::App& rows = add_app(program, shared, options, "export", "A table, or a copy of the log",
                             {"ndjson", "csv", "sqlite"});
    add_since(rows);
    rows.add_option("--table", options.table, "Which table")
        ->check(CLI::IsMember(joblog::exported_tables()))
        ->capture_default_str();
    rows.add_option("-o,--output", options.output, "The copy of --format sqlite");
    rows.add_flag("--overwrite", options.overwrite, "Replace a copy that exists");
    program.on_run(rows, [&](cli::Context& c) { export_rows(shared, options, c); });
}

}  // namespace hls::tools
