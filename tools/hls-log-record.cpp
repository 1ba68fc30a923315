// SPDX-License-Identifier: Apache-2.0
// hls-log record: result records from wherever they were left.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "core/log.hpp"
#include "hls-log.hpp"
#include "joblog/finish.hpp"
#include "remote.hpp"

namespace hls::tools {
namespace {

namespace stdfs = std::filesystem;

struct Records {
    std::vector<InputLine> lines;
    std::vector<stdfs::path> files;   // to archive
    std::vector<RemoteText> objects;  // the same
};

void add_folder(const stdfs::path& folder, Records& records) {
    std::vector<stdfs::path> found;
    for (const auto& entry : stdfs::directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().extension() == ".json" &&
            !entry.path().filename().string().starts_with('.'))
            found.push_back(entry.path());
    std::ranges::sort(found);
    for (const auto& file : found) {
        std::ranges::move(read_lines({file.string()}), std::back_inserter(records.lines));
        records.files.push_back(file);
    }
}

Records read_records(const std::vector<std::string>& sources) {
    Records records;
    for (const auto& source : sources) {
        if (is_remote(source)) {
            for (auto& object : read_objects(source, ".json")) {
                records.lines.push_back({object.text, object.uri});
                records.objects.push_back(std::move(object));
            }
        } else if (source != "-" && stdfs::is_directory(source)) {
            add_folder(source, records);
        } else {
            std::ranges::move(read_lines({source}), std::back_inserter(records.lines));
        }
    }
    return records;
}

void archive_files(const Records& records) {
    for (const auto& file : records.files) {
        const auto done = file.parent_path() / "done";
        std::error_code error;
        stdfs::create_directories(done, error);
        if (!error) stdfs::rename(file, done / file.filename(), error);
        if (error)
            throw Error{Exit::cannot_create,
                        fmt::format("cannot move {}: {}", file.string(), error.message())};
    }
    for (const auto& object : records.objects) archive_object(object);
}

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

void record_all(const LogCommands& shared, const std::vector<std::string>& sources, bool archive,
                bool keep_going, cli::Context& context) {
    const Records records = read_records(sources);
    auto log = shared.log.open(store::Access::write);
    int applied = 0, duplicate = 0, stale = 0, rejected = 0;
    Exit worst = Exit::ok;
    std::vector<std::pair<joblog::ResultRecord, std::string>> parsed;
    const auto attempt = [&](const auto& action) {
        try {
            action();
        } catch (const Error& error) {
            const bool theirs = error.code == Exit::bad_input || error.code == Exit::missing_input;
            if (!keep_going || !theirs) throw;
            log_warning("{}", error.message);
            worst = error.code;
            ++rejected;
        }
    };
    for (const auto& [text, place] : records.lines)
        if (!is_blank(text))
            attempt([&] { parsed.emplace_back(joblog::parse_result_record(text, place), place); });
    joblog::Change change(log, utc_now(), joblog::this_process());
    for (const auto& [record, place] : parsed)
        attempt([&] {
            const auto result = joblog::apply_record(change, record);
            applied += result == joblog::Applied::applied;
            duplicate += result == joblog::Applied::duplicate;
            stale += result == joblog::Applied::stale;
        });
    change.commit();
    if (archive) archive_files(records);
    context.print(fmt::format(R"({{"applied":{},"duplicate":{},"stale":{},"rejected":{}}})",
                              applied, duplicate, stale, rejected));
    if (rejected > 0) throw Error{worst, fmt::format("{} records could not be taken in", rejected)};
}

}  // namespace hls::tools
