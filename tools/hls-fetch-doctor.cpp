// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "fetch/doctor.hpp"
#include "hls-fetch.hpp"

namespace hls::tool {
namespace {

struct Options {
    std::vector<std::string> services;
    std::string folder = ".";
    std::string format = "text";
    fetch::DoctorOptions doctor;
    NetworkOptions network;
};

void run(Options& options, cli::Context& context) {
    options.network.apply();
    options.doctor.services = {options.services.begin(), options.services.end()};
    options.doctor.folder = options.folder;
    int bad = 0;
    const Exit worst = fetch::examine(options.doctor, [&](const fetch::Finding& finding) {
        bad += finding.exit == Exit::ok ? 0 : 1;
        context.print(options.format == "json" ? fetch::to_json(finding) : fetch::to_line(finding));
    });
    if (worst != Exit::ok)
        throw Error{worst, std::to_string(bad) + " things are not as they should be",
                    "each line on stdout that does not begin with ok says what to do"};
}

}  // namespace

void add_doctor(cli::Program& program) {
    CLI::App& command = program.add_command(
        "doctor", "Checks settings, clock, servers, credentials and disk, and says what to do");
    const auto options = std::make_shared<Options>();
    const auto names = fetch::doctor_services();
    command.add_option("--service", options->services, "cdse, usgs, aws, laads, jobs; default all")
        ->delimiter(',')
        ->check(CLI::IsMember(std::vector<std::string>(names.begin(), names.end())));
    command.add_option("-d,--dir", options->folder, "Folder that downloads go to")
        ->capture_default_str();
    command.add_option("--min-free", options->doctor.min_free_gb, "GB that must be free there")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    command.add_flag("--login", options->doctor.log_in, "Also ask for tokens");
    command.add_option("--format", options->format, "Form of the lines")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    add_network_options(command, options->network);
    program.on_run(command, [options](cli::Context& context) { run(*options, context); });
}

}  // namespace hls::tool
