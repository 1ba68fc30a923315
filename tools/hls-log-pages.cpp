// SPDX-License-Identifier: Apache-2.0
// hls-log report, export: the log as a page, as a table, as a copy.
#include "core/error.hpp"
#include "fs/atomic_output.hpp"
#include "hls-log.hpp"
#include "joblog/report_page.hpp"
#include "joblog/table_export.hpp"

namespace hls::tools {
namespace {

struct PageOptions {
    std::string since, format, table = "attempt", output, title;
    bool overwrite = false;
    int days = 30;
};

void report(const LogCommands& shared, const PageOptions& options, cli::Context& context) {
    auto log = shared.log.open(store::Access::read);
    const store::ReadSnapshot snapshot(log.connection());
    const auto page =
        joblog::report_page(log.connection(), {options.title, options.days}, utc_now());
    if (options.output == "-") return context.print(page);
    fs::write_text_atomically(options.output, page,
                              options.overwrite ? fs::IfExists::replace : fs::IfExists::refuse);
}

void export_rows(const LogCommands& shared, const PageOptions& options, cli::Context& context) {
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

}  // namespace

void declare_pages(cli::Program& program, LogCommands& shared) {
    static PageOptions options;
    CLI::App& page = program.add_command("report", "The log as one HTML page");
    add_log_options(page, shared.log);
    program.require(page, page.add_option("-o,--output", options.output, "The page; - is stdout"));
    page.add_flag("--overwrite", options.overwrite, "Replace a page that exists");
    page.add_option("--days", options.days, "So many days up to now")->check(CLI::Range(1, 400));
    page.add_option("--title", options.title, "Heading of the page");
    program.on_run(page, [&](cli::Context& c) { report(shared, options, c); });

    CLI::App& rows = program.add_command("export", "A table, or a copy of the log");
    add_log_options(rows, shared.log);
    rows.add_option("--format", options.format, "Form of the answer")
        ->check(CLI::IsMember({"ndjson", "csv", "sqlite"}));
    rows.add_option("--since", options.since, "Only what is newer: a time, or as in 7d");
    rows.add_option("--table", options.table, "Which table")
        ->check(CLI::IsMember(joblog::exported_tables()))
        ->capture_default_str();
    rows.add_option("-o,--output", options.output, "The copy of --format sqlite");
    rows.add_flag("--overwrite", options.overwrite, "Replace a copy that exists");
    program.on_run(rows, [&](cli::Context& c) { export_rows(shared, options, c); });
}

}  // namespace hls::tools
