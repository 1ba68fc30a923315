// SPDX-License-Identifier: Apache-2.0
#include "retry/item_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"
#include "joblog/json_member.hpp"
#include "proc/child.hpp"

namespace hls::retry {
namespace {

using Json = nlohmann::ordered_json;
namespace stdfs = std::filesystem;

constexpr std::streamoff kMostOfLog = std::streamoff{64} << 10;
// A record names every output: about 200 bytes each, of up to some ten thousand.
constexpr std::streamoff kMostOfRecord = std::streamoff{16} << 20;

// The last lines of a file, as many as fit in so many bytes.
std::vector<std::string> last_lines(const stdfs::path& path, std::streamoff most_bytes) {
    std::ifstream in(path, std::ios::binary);
    in.seekg(0, std::ios::end);
    const std::streamoff size = in.tellg();
    in.seekg(std::max<std::streamoff>(0, size - most_bytes));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        if (!trim(line).empty()) lines.push_back(std::move(line));
    return lines;
}

// What makes any object the record of this run.
void identify(Json& record, const WorkItem& item) {
    record["v"] = 1;
    record["run_id"] = item.run_id;
    record["unit"] = item.unit;
    record["seq"] = item.seq;
    if (!record.contains("tool")) record["tool"] = stdfs::path(item.command.at(0)).filename();
}

std::string text_of(const Json& record) {
    return record.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The record that the tool printed; an empty object if it printed none, or one that is wrong, which
// `problem` then says.
Json own_record(const stdfs::path& out, const WorkItem& item, std::string& problem) {
    const auto lines = last_lines(out, kMostOfRecord);
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        std::string_view text = *line;
        constexpr std::string_view kPrefix = "HLS_RESULT ";
        if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
        Json record = joblog::parse_json<Json>(text);
        if (!record.is_object() || record.value("run_id", Json()) != item.run_id) continue;
        identify(record, item);
        record["exit"] = 0;
        try {
            joblog::parse_result_record(text_of(record), "the tool's");
            return record;
        } catch (const Error& error) {
            problem = error.message;
            break;
        }
    }
    return Json::object();
}

std::string last_words(const stdfs::path& log) {
    const auto lines = last_lines(log, kMostOfLog);
    constexpr std::size_t kMost = 400;
    return lines.empty() ? std::string() : lines.back().substr(0, kMost);
}

std::string host_name() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

double rounded(double value) {
    return std::round(value * 1000) / 1000;
}

// What is wrong with the outputs of a success; empty if nothing.
std::string output_problem(const Json& record, const ItemRunOptions& options) {
    if (!record.contains("outputs") || record["outputs"].empty())
        return "the tool said success and named no outputs";
    for (const Json& output : record["outputs"]) {
        const std::string path = output.value("path", "");
        if (path.find("://") != std::string::npos) continue;
        std::error_code error;
        const auto size = stdfs::file_size(path, error);
        const bool folder = stdfs::is_directory(path);
        if (error && !folder) return fmt::format("{} is not there", path);
        if (folder || !output.contains("bytes")) continue;
        if (static_cast<std::int64_t>(size) != output["bytes"].get<std::int64_t>())
            return fmt::format("{} has {} bytes, not {}", path, size, output["bytes"].dump());
        if (options.verify_digests && options.digest && output.contains("sha256") &&
            options.digest(path) != output["sha256"].get<std::string>())
            return fmt::format("{} has another digest", path);
    }
    return {};
}

void add_expected(Json& record, const WorkItem& item, const ItemRunOptions& options) {
    for (const auto& path : item.expected_outputs) {
        Json output{{"path", path}};
        std::error_code error;
        if (const auto size = stdfs::file_size(path, error); !error) {
            output["bytes"] = size;
            if (options.digest) output["sha256"] = options.digest(path);
        }
        record["outputs"].push_back(std::move(output));
    }
}

// The fate that we saw outweighs what the tool believed.
void describe_end(Json& record, const proc::ChildReport& report) {
    record["exit"] = report.code();
    if (report.stopped_by == proc::StoppedBy::memory_limit)
        record["message"] = "killed: over its memory limit";
    if (report.stopped_by == proc::StoppedBy::time_limit)
        record["message"] = "stopped: over its time limit";
    record["wall_s"] = rounded(report.wall_s);
    record["user_s"] = rounded(report.user_s);
    record["sys_s"] = rounded(report.sys_s);
    record["rss_mb"] = std::round(report.max_rss_mb);
    record["read_mb"] = rounded(report.read_mb);
    record["write_mb"] = rounded(report.write_mb);
}

// Folders and files of one run.
class RunFiles {
 public:
    RunFiles(const WorkItem& item, const ItemRunOptions& options)
        : kept_(!options.log_folder.empty()) {
        if (!options.scratch_folder.empty()) {
            scratch_ = stdfs::absolute(options.scratch_folder) / item.run_id;
            stdfs::remove_all(scratch_);  // of an attempt that was killed
            stdfs::create_directories(scratch_);
        }
        const auto& folder = kept_ ? options.log_folder : scratch_;
        stdfs::create_directories(folder);
        out_ = folder / (item.run_id + ".out");
        log_ = folder / (item.run_id + ".log");
    }
    ~RunFiles() {
        std::error_code ignored;
        if (stdfs::is_empty(out_, ignored)) stdfs::remove(out_, ignored);
        if (!kept_) std::cerr << std::ifstream(log_).rdbuf() << std::flush;
        if (!scratch_.empty()) stdfs::remove_all(scratch_, ignored);
    }
    RunFiles(const RunFiles&) = delete;
    RunFiles& operator=(const RunFiles&) = delete;

    bool kept() const { return kept_; }
    const stdfs::path& scratch() const { return scratch_; }
    const stdfs::path& out() const { return out_; }
    const stdfs::path& log() const { return log_; }

 private:
    bool kept_;
    stdfs::path scratch_, out_, log_;
};

proc::ChildReport run_tool(const WorkItem& item, const ItemRunOptions& options,
                           const RunFiles& files) {
    proc::ChildRequest request;
    request.argv = item.command;
    request.environment = {{"HLS_UNIT", item.unit},
                           {"HLS_RUN_ID", item.run_id},
                           {"HLS_SEQ", std::to_string(item.seq)}};
    if (!files.scratch().empty()) request.environment.emplace_back("TMPDIR", files.scratch());
    request.stdout_file = files.out();
    request.stderr_file = files.log();
    request.time_limit =
        std::chrono::milliseconds(static_cast<std::int64_t>(item.limits.time_s * 1000));
    request.memory_limit_mb = item.limits.memory_mb;
    request.on_tick = options.heartbeat;
    request.tick = options.heartbeat ? options.heartbeat_interval : std::chrono::milliseconds(0);
    return proc::run_child(request);
}

}  // namespace

ItemResult run_item(const WorkItem& item, const ItemRunOptions& options) {
    const RunFiles files(item, options);
    const UtcTime start = utc_now();
    Json record;
    ItemResult result;
    std::string trouble, wrong_record;
    int trouble_code = 0;
    proc::ChildReport report;
    try {
        report = run_tool(item, options, files);
        result.taken_over = report.stopped_by == proc::StoppedBy::tick;
        record = own_record(files.out(), item, wrong_record);
    } catch (const Error& error) {
        trouble = error.message;
        trouble_code = static_cast<int>(error.code);
    }
    identify(record, item);
    describe_end(record, report);
    if (trouble_code != 0) record["exit"] = trouble_code;
    if (record["exit"] == 0) {
        add_expected(record, item, options);
        trouble = wrong_record.empty() ? output_problem(record, options) : wrong_record;
        if (!trouble.empty()) record["exit"] = static_cast<int>(Exit::internal);
    }
    if (!trouble.empty()) record["message"] = trouble;
    if (record["exit"] != 0 && record.value("message", "").empty())
        record["message"] = last_words(files.log());
    const auto& info = exit_info(static_cast<Exit>(record["exit"].get<int>()));
    record["class"] = info.klass;
    record["reason"] = info.word;
    record["host"] = host_name();
    if (!record.contains("t0")) record["t0"] = format_utc(start, 3);
    record["t1"] = format_utc(utc_now(), 3);
    record["argv"] = item.command;
    if (files.kept()) record["log"] = stdfs::absolute(files.log()).lexically_normal().string();
    result.line = text_of(record);
    result.record = joblog::parse_result_record(result.line, "result of " + item.unit);
    return result;
}

}  // namespace hls::retry
