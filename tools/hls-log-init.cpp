// SPDX-License-Identifier: Apache-2.0
// hls-log init: makes a log, or brings one up to date.
#include <fmt/format.h>

#include <filesystem>

#include "core/escape.hpp"
#include "hls-log.hpp"
#include "joblog/schema.hpp"

namespace hls::tools {
namespace {

struct InitOptions {
    std::vector<std::string> settings;
    std::string journal = "wal";
};

void init(const LogCommands& shared, const InitOptions& options, cli::Context& context) {
    const auto journal = options.journal == "wal" ? store::Journal::wal : store::Journal::rollback;
    const bool existed = std::filesystem::exists(shared.log.path);
    auto log = joblog::JobLog::create(shared.log.path, journal, shared.log.timeout());
    for (const auto& setting : options.settings) {
        const auto equals = setting.find('=');
        log.set(setting.substr(0, equals),
                equals == std::string::npos ? std::string() : setting.substr(equals + 1));
    }
    context.print(fmt::format(R"({{"log":"{}","schema":{},"created":{}}})",
                              json_escape(shared.log.path), joblog::schema().steps.size(),
                              !existed));
}

}  // namespace

void declare_init(cli::Program& program, LogCommands& shared) {
    static InitOptions options;
    CLI::App& app = program.add_command("init", "Make a log, or bring one up to date");
    add_log_options(app, shared.log);
    app.add_option("--set", options.settings, "A rule of the log, as in tile-wait=4d")
        ->allow_extra_args(false);
    app.add_option("--journal", options.journal, "delete also works on network disks")
        ->check(CLI::IsMember({"wal", "delete"}))
        ->capture_default_str();
    program.on_run(app, [&](cli::Context& c) { init(shared, options, c); });
}

}  // namespace hls::tools
