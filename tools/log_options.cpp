// SPDX-License-Identifier: Apache-2.0
#include "log_options.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/error.hpp"

namespace hls::tools {

void add_log_options(CLI::App& app, LogOptions& options) {
    // Not through CLI11's envname: commands share the value, and the variable would be read again
    // for each of them, over what the command line says.
    if (const char* path = std::getenv("HLS_LOG"); path != nullptr && *path != '\0')
        options.path = path;
    app.add_option("--log", options.path, "The job log (HLS_LOG)")->capture_default_str();
    app.add_option("--busy-timeout", options.busy_timeout_s,
                   "Seconds to wait while another process writes")
        ->check(CLI::Range(0.0, 3600.0))
        ->capture_default_str();
}

void add_selection_options(CLI::App& app, joblog::Selection& selection) {
    const std::string group = "Which units";
    app.add_option("--stage", selection.stages, "Only these stages: ac, tile, ...")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--state", selection.states, "Only these states: wait, ready, held, ...")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--reason", selection.reasons, "Only these reasons: oom, low_sun, ...")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--class", selection.exit_class, "Only where the last run ended in this class")
        ->group(group);
    app.add_option("--date", selection.date, "Acquired then: 2024-03-07, 2024-03, or FIRST..LAST")
        ->group(group);
    app.add_option("--tile", selection.tile, "Only this MGRS tile")->group(group);
    app.add_option("--path", selection.path, "Only this WRS-2 path")
        ->check(CLI::Range(1, 233))
        ->group(group);
    app.add_option("--row", selection.row, "Only this WRS-2 row")
        ->check(CLI::Range(1, 248))
        ->group(group);
    app.add_option("--track", selection.tracks, "Only these tracks: forward, historic, ...")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--tool-before", selection.tool_before,
                   "Only where the last run was of a version before this one")
        ->group(group);
    app.add_option("--limit", selection.limit, "At most so many units")
        ->check(CLI::Range(1, 1'000'000'000))
        ->group(group);
}

std::vector<InputLine> read_lines(const std::vector<std::string>& files) {
    std::vector<InputLine> lines;
    for (const auto& file : files) {
        std::ifstream opened;
        if (file != "-") {
            opened.open(file);
            if (!opened || std::filesystem::is_directory(file))
                throw Error{Exit::missing_input, "cannot read " + file};
        }
        std::istream& in = file == "-" ? std::cin : opened;
        const std::string name = file == "-" ? "stdin" : file;
        std::string text;
        for (int number = 1; std::getline(in, text); ++number)
            lines.push_back({text, name + " line " + std::to_string(number)});
    }
    return lines;
}

}  // namespace hls::tools
