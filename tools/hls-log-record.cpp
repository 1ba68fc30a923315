// SPDX-License-Identifier: Apache-2.0
// hls-log record: result records and receipts from wherever they were left.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "core/log.hpp"
#include "hls-log.hpp"
#include "joblog/record_files.hpp"
#include "joblog/record_intake.hpp"
#include "remote.hpp"

namespace hls::tools {
namespace {

namespace stdfs = std::filesystem;

struct RecordOptions {
    std::vector<std::string> sources{"-"};
    bool archive = false, keep_going = false;
};

// A file or object that lines came from, and the first of them.
struct Source {
    std::size_t first_line = 0;
    stdfs::path file;
    RemoteText object;
};

struct Returned {
    std::vector<joblog::ReturnedLine> lines;
    std::vector<Source> sources;  // to archive
};

void add_lines(Returned& returned, std::vector<InputLine> lines) {
    for (auto& [text, place] : lines) returned.lines.push_back({std::move(text), std::move(place)});
}

Returned read_returned(const std::vector<std::string>& sources) {
    Returned returned;
    std::error_code none;
    for (const auto& source : sources) {
        if (is_remote(source)) {
            for (auto& object : read_objects(source, ".json")) {
                returned.sources.push_back({returned.lines.size(), {}, object});
                returned.lines.push_back({object.text, object.uri});
            }
        } else if (source != "-" && stdfs::is_directory(source, none)) {
            for (const auto& file : joblog::record_files(source)) {
                returned.sources.push_back({returned.lines.size(), file, {}});
                add_lines(returned, read_lines({file.string()}));
            }
        } else {
            add_lines(returned, read_lines({source}));
        }
    }
    return returned;
}

// Out of the way of the next call; what could not be taken in apart from the rest.
void archive(const Returned& returned, const std::vector<std::size_t>& rejected) {
    for (std::size_t i = 0; i < returned.sources.size(); ++i) {
        const auto& [first, file, object] = returned.sources[i];
        const auto end = i + 1 < returned.sources.size() ? returned.sources[i + 1].first_line
                                                         : returned.lines.size();
        const bool bad = std::ranges::any_of(
            rejected, [first = first, end](auto line) { return line >= first && line < end; });
        const std::string folder = bad ? "rejected" : "done";
        if (file.empty())
            archive_object(object, folder);
        else
            joblog::put_aside(file, folder);
    }
}

void record(const LogCommands& shared, const RecordOptions& options, cli::Context& context) {
    const Returned returned = read_returned(options.sources);
    auto log = shared.log.open(store::Access::write);
    const auto warn = [](const Error& error) { log_warning("{}", error.message); };
    const auto count = options.keep_going ? joblog::take_in(log, returned.lines, warn)
                                          : joblog::take_in(log, returned.lines);
    if (options.archive) archive(returned, count.rejected);
    context.print(fmt::format(
        R"({{"applied":{},"duplicate":{},"stale":{},"receipts":{},"foreign":{},"rejected":{}}})",
        count.applied, count.duplicate, count.stale, count.receipts, count.foreign,
        count.rejected.size()));
    if (!count.rejected.empty())
        throw Error{count.worst,
                    fmt::format("{} records could not be taken in", count.rejected.size())};
}

}  // namespace

void declare_record(cli::Program& program, LogCommands& shared) {
    static RecordOptions options;
    CLI::App& app = program.add_command("record", "Take in result records and receipts");
    add_log_options(app, shared.log);
    app.add_option("SOURCE", options.sources,
                   "Files, folders or s3:// prefixes of result records; - is stdin");
    app.add_flag("--archive", options.archive,
                 "Move files taken in to the folder done/ beside them, others to rejected/");
    app.add_flag("--keep-going", options.keep_going,
                 "Leave out lines that cannot be taken in, and end with their code");
    program.on_run(app, [&](cli::Context& context) { record(shared, options, context); });
}

}  // namespace hls::tools
