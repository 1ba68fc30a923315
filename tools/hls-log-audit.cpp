// SPDX-License-Identifier: Apache-2.0
// hls-log audit: what should be done, or acknowledged, and is not.
#include <fmt/format.h>

#include "core/error.hpp"
#include "hls-log.hpp"
#include "joblog/audit.hpp"
#include "joblog/delivery.hpp"

namespace hls::tools {
namespace {

struct AuditOptions {
    std::string format = "text", expected, product, sent_before = "2d";
    bool check_files = false, deliveries = false;
};

joblog::AuditCount audit_expected(joblog::JobLog& log, const std::string& file,
                                  const std::function<void(const joblog::Gap&)>& body) {
    std::vector<joblog::Granule> granules;
    for (const auto& [text, place] : read_lines({file}))
        if (auto granule = joblog::parse_granule_line(text, place))
            granules.push_back(*std::move(granule));
    joblog::PlanRules rules;
    rules.join_midnight = log.settings().join_midnight;
    return joblog::audit_granules(log.connection(), granules, rules, body);
}

void audit(const LogCommands& shared, const AuditOptions& options, cli::Context& context) {
    auto log = shared.log.open(store::Access::read);
    const store::ReadSnapshot snapshot(log.connection());
    auto selection = shared.selection;
    if (options.product == "L30") selection.stages = {"tile"};
    if (options.product == "S30") selection.stages = {"s30"};
    const auto body = [&](const joblog::Gap& gap) {
        context.print(options.format == "keys"   ? gap.unit
                      : options.format == "json" ? joblog::gap_json(gap)
                                                 : joblog::gap_text(gap));
    };
    const auto age = joblog::parse_duration(options.sent_before, "--sent-before");
    const auto count =
        options.deliveries ? joblog::audit_deliveries(log.connection(), selection,
                                                      joblog::timestamp(utc_now() - age), body)
        : options.expected.empty()
            ? joblog::audit_units(log.connection(), selection, options.check_files, body)
            : audit_expected(log, options.expected, body);
    if (count.gaps > 0)
        throw Error{Exit::failure,
                    fmt::format("{} of {} are {}", count.gaps, count.expected,
                                options.deliveries ? "not acknowledged" : "missing")};
}

}  // namespace

void declare_audit(cli::Program& program, LogCommands& shared) {
    static AuditOptions options;
    CLI::App& app =
        program.add_command("audit", "What should be there and is not, and why; ends with 1 if so");
    add_log_options(app, shared.log);
    add_selection_options(app, shared.selection);
    app.add_option("--format", options.format, "Form of the answer: text, json, keys")
        ->check(CLI::IsMember({"text", "json", "keys"}))
        ->capture_default_str();
    app.add_option("--product", options.product, "Only these products")
        ->check(CLI::IsMember({"L30", "S30"}));
    app.add_option("--expected", options.expected,
                   "Granules of a catalogue that should be done, as for add; - is stdin");
    app.add_flag("--check-files", options.check_files,
                 "Also name products that are done and whose output is gone");
    app.add_flag("--deliveries", options.deliveries,
                 "What was sent and not acknowledged, or was refused");
    app.add_option("--sent-before", options.sent_before,
                   "Of these only what was sent so long ago, as in 2d")
        ->capture_default_str();
    program.on_run(app, [&](cli::Context& c) { audit(shared, options, c); });
}

}  // namespace hls::tools
