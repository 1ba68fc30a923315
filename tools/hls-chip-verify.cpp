// SPDX-License-Identifier: Apache-2.0
// hls-chip verify: whether a data set is sound.
#include <fmt/format.h>

#include <memory>

#include "chip/data_set.hpp"
#include "core/error.hpp"
#include "core/escape.hpp"
#include "core/parallel.hpp"
#include "hls-chip.hpp"

namespace {

using namespace hls;

struct VerifyOptions {
    std::string folder;
    bool fix = false;
    int threads = available_threads();
};

void verify(const VerifyOptions& options, cli::Context& context) {
    const auto report = chip::verify_data_set(options.folder, options.threads, options.fix,
                                              context.progress("verify"));
    for (const chip::Fault& fault : report.faults)
        context.print(fmt::format(R"({{"path":"{}","fault":"{}"}})", json_escape(fault.path),
                                  json_escape(fault.what)));
    if (!report.faults.empty())
        throw Error{Exit::failure,
                    fmt::format("{} faults in {} chips of {} tasks", report.faults.size(),
                                report.chips, report.tasks),
                    options.fix ? "run the plan again for what was removed"
                                : "--fix removes what is broken"};
    context.print(
        fmt::format(R"({{"chips":{},"tasks":{},"faults":0}})", report.chips, report.tasks));
}

}  // namespace

void declare_verify(cli::Program& program) {
    const auto options = std::make_shared<VerifyOptions>();
    CLI::App& app = program.add_command("verify", "Whether a data set is whole and sound");
    program.require(app, app.add_option("FOLDER", options->folder, "Folder of the data set"));
    app.add_flag("--fix", options->fix, "Remove what is broken or belongs to nothing");
    app.add_option("-j,--threads", options->threads, "Files at a time")->capture_default_str();
    program.on_run(app, [options](cli::Context& context) { verify(*options, context); });
}
