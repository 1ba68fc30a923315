// SPDX-License-Identifier: Apache-2.0
#include "cli/work_options.hpp"

#include "core/parallel.hpp"

namespace hls::cli {

CLI::Option* add_work_options(CLI::App& command, WorkOptions& options,
                              const std::string& output_description) {
    const std::string group = "Output and work";
    options.threads = available_threads();
    auto* output = command.add_option("-o,--output", options.output, output_description)
                       ->type_name("PATH")
                       ->group(group);
    command.add_option("-j,--threads", options.threads, "Threads to use")
        ->check(CLI::Range(1, 1024))
        ->envname("HLS_THREADS")
        ->type_name("N")
        ->group(group);
    auto* overwrite =
        command.add_flag("--overwrite", options.overwrite, "Replace an output that exists");
    overwrite->group(group);
    command
        .add_flag("--skip-existing", options.skip_existing,
                  "Succeed at once when the output exists")
        ->excludes(overwrite)
        ->group(group);
    command
        .add_flag("--dry-run", options.dry_run, "Check the inputs, say what would be done, stop")
        ->group(group);
    command
        .add_option("--record", options.record,
                    "Keep the result record here instead of beside the output")
        ->type_name("FILE")
        ->group(group);
    // Taken off the command line before parsing (array_input.hpp); declared here for the manual.
    command.add_option("--inputs-from", "Take the work from line --index of FILE, - for stdin")
        ->type_name("FILE")
        ->group(group);
    command.add_option("--index", "Line of --inputs-from, from 0")
        ->envname("AWS_BATCH_JOB_ARRAY_INDEX")
        ->type_name("N")
        ->group(group);
    return output;
}

void begin_record(RunRecord& record, const WorkOptions& options, const std::string& unit) {
    record.wanted = !options.dry_run;
    record.unit = unit;
    record.file = options.record;
}

void name_output(RunRecord& record, const std::string& output) {
    if (record.file.empty()) record.file = output + ".run.json";
}

void add_output(RunRecord& record, const std::filesystem::path& path, std::string sha256) {
    record.outputs.push_back({path.string(), std::move(sha256),
                              static_cast<std::int64_t>(std::filesystem::file_size(path))});
}

void print_plan(const Context& context, const std::vector<std::string>& reads,
                const std::vector<std::filesystem::path>& writes) {
    for (const auto& path : reads) context.print("read " + path);
    for (const auto& path : writes) context.print("write " + path.string());
}

}  // namespace hls::cli
