// SPDX-License-Identifier: Apache-2.0
// hls-lasrc tables: build radiative-transfer tables, or solve single cases.
#include <iostream>
#include <memory>

#include "atmosphere/exact_csv.hpp"
#include "atmosphere/table_store.hpp"
#include "cli/choice.hpp"
#include "cli/work_options.hpp"
#include "core/error.hpp"
#include "fs/digest.hpp"
#include "hls-lasrc.hpp"

namespace {

using namespace hls;
using namespace hls::atmosphere;

struct TablesOptions {
    cli::WorkOptions work;
    TableOrder order;
    CLI::Option* sensor = nullptr;
    bool query = false;
};

void answer_query(const TablesOptions& options, cli::Context& context) {
    const auto queries = read_exact_queries(std::cin);
    const auto answers =
        solve_exactly(queries, options.work.threads, options.order.settings.microphysics);
    for (const auto& line : exact_answer_lines(answers)) context.print(line);
}

void build(TablesOptions& options, cli::Context& context) {
    if (options.query) return answer_query(options, context);
    if (options.sensor->empty())
        throw Error{Exit::usage, "--sensor is required", "--sensor oli or --sensor msi"};
    TableOrder& order = options.order;
    if (!options.work.output.empty()) order.file = options.work.output;
    order.overwrite = options.work.overwrite;
    cli::RunRecord& record = context.record();
    cli::begin_record(record, options.work, "tables-" + options.sensor->results().front());
    if (options.work.skip_existing && std::filesystem::exists(order.target())) return;
    if (options.work.dry_run) return context.print("write " + order.target().string());
    for (const auto& path : fulfil(order, options.work.threads, context.progress("tables")))
        cli::add_output(record, path, fs::digest_of_file(fs::DigestKind::sha256, path));
    cli::name_output(record, order.target());
    record.params = {{"tables", describe(order.settings)}};
}

}  // namespace

void declare_tables_command(cli::Program& program) {
    const auto shared = std::make_shared<TablesOptions>();
    TablesOptions& options = *shared;
    CLI::App& app = program.add_command("tables", "Build radiative-transfer tables");
    auto& settings = options.order.settings;
    cli::add_work_options(app, options.work, "Table file; default in $HLS_DATA_DIR/tables");
    options.sensor = cli::add_choice<Sensor>(app, "--sensor", settings.sensor, "Whose bands",
                                             {{"oli", Sensor::oli}, {"msi", Sensor::msi}});
    app.add_option("--official", options.order.official, "Write the USGS layout into this folder");
    app.add_option("--views", settings.view_nodes, "View zenith nodes")
        ->check(CLI::IsMember({kNearNadirViews, 20}));
    cli::add_choice<Accuracy>(app, "--accuracy", settings.accuracy, "Number of streams and layers",
                              {{"fast", Accuracy::fast}, {"accurate", Accuracy::accurate}});
    cli::add_choice<WavelengthSet>(
        app, "--wavelengths", settings.wavelengths, "LaSRC's constants, or responses",
        {{"compat", WavelengthSet::compat}, {"srf", WavelengthSet::srf}});
    cli::add_choice<Microphysics>(app, "--microphysics", settings.microphysics,
                                  "Aerosol model at high loads",
                                  {{"clamp", Microphysics::clamp},
                                   {"extrapolate", Microphysics::extrapolate},
                                   {"aot", Microphysics::aot550}});
    app.add_flag("--query", options.query, "Solve the cases of a CSV on stdin exactly");
    program.on_run(app, [shared](cli::Context& context) { build(*shared, context); });
}
