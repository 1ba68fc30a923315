// SPDX-License-Identifier: Apache-2.0
#include "joblog/result_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "joblog/json_member.hpp"

namespace hls::joblog {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(std::string_view place, std::string_view what) {
    throw Error{Exit::bad_input, fmt::format("{}: no result record: {}", place, what),
                "hls-formats(5) says what one looks like"};
}

// Values of the right type, or a refusal that names the key.
class Reader {
 public:
    Reader(const Json& record, std::string_view place) : record_(record), place_(place) {}

    std::string text(const char* key, bool required = false) const {
        const Json* value = find(key);
        if (value == nullptr && required) refuse(place_, fmt::format("{} is missing", key));
        if (value == nullptr) return {};
        if (!value->is_string()) refuse(place_, fmt::format("{} is no text", key));
        return value->get<std::string>();
    }
    std::optional<std::int64_t> integer(const char* key) const {
        const Json* value = find(key);
        if (value == nullptr) return std::nullopt;
        constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
        const bool fits = !value->is_number_unsigned() || value->get<std::uint64_t>() <= kMost;
        if (!value->is_number_integer() || !fits)
            refuse(place_, fmt::format("{} is no whole number", key));
        return value->get<std::int64_t>();
    }
    std::optional<double> number(const char* key) const {
        const Json* value = find(key);
        if (value == nullptr) return std::nullopt;
        if (!value->is_number()) refuse(place_, fmt::format("{} is no number", key));
        return value->get<double>();
    }
    std::string time(const char* key) const {
        const std::string value = text(key);
        if (value.empty()) return value;
        try {
            return format_utc(parse_utc(value), 3);
        } catch (const Error&) {
            refuse(place_, fmt::format("{} is no time", key));
        }
    }
    const Json* list(const char* key) const {
        const Json* value = find(key);
        if (value != nullptr && !value->is_array())
            refuse(place_, fmt::format("{} is no list", key));
        return value;
    }
    const Json* find(const char* key) const {
        const auto found = record_.find(key);
        return found == record_.end() || found->is_null() ? nullptr : &*found;
    }

 private:
    const Json& record_;
    std::string_view place_;
};

std::optional<UtcTime> retry_time(const Reader& reader) {
    if (const std::string at = reader.time("retry_at"); !at.empty()) return parse_utc(at);
    const auto after = reader.number("retry_after_s");
    if (!after) return std::nullopt;
    const std::string end = reader.time("t1");
    const UtcTime from = end.empty() ? utc_now() : parse_utc(end);
    constexpr double kLongest_s = 1e9;
    const double wait_s = std::clamp(*after, 0.0, kLongest_s);
    return from + std::chrono::milliseconds(static_cast<std::int64_t>(wait_s * 1000));
}

RecordedOutput output_of(const Json& item, std::string_view place) {
    if (!item.is_object()) refuse(place, "an output is no object");
    const Reader reader(item, place);
    return {reader.text("path", true), reader.integer("bytes"), reader.text("sha256")};
}

std::string detail_of(const Json& record) {
    Json detail = Json::object();
    for (const char* key : {"inputs", "ancillary", "params", "gates", "outputs"})
        if (const auto found = record.find(key); found != record.end() && !found->empty())
            detail[key] = *found;
    return detail.dump();
}

// 64 bits FNV-1a: tells changed products from unchanged ones; the digests prove the content.
class Fingerprint {
 public:
    void add(std::string_view text) {
        for (const char c : text) {
            hash_ ^= static_cast<unsigned char>(c);
            hash_ *= 0x100000001b3ULL;
        }
        hash_ = (hash_ ^ 0xff) * 0x100000001b3ULL;  // between texts
    }
    std::string hex() const { return fmt::format("{:016x}", hash_); }

 private:
    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace

std::string ResultRecord::output_uri() const {
    if (outputs.empty()) return {};
    if (outputs.size() == 1) return outputs.front().path;
    const auto folder_of = [](const std::string& path) {
        const auto slash = path.rfind('/');
        return slash == std::string::npos ? std::string(".") : path.substr(0, slash);
    };
    std::string folder = folder_of(outputs.front().path);
    for (const auto& output : outputs)
        while (!folder.empty() && !output.path.starts_with(folder + '/') && folder != ".")
            folder = folder_of(folder);
    return folder;
}

std::string ResultRecord::output_fingerprint() const {
    if (outputs.empty()) return {};
    std::vector<std::string> lines;
    for (const auto& output : outputs)
        lines.push_back(output.path.substr(output.path.rfind('/') + 1) + ' ' + output.sha256);
    std::ranges::sort(lines);
    Fingerprint print;
    for (const auto& line : lines) print.add(line);
    return print.hex();
}

ResultRecord parse_result_record(std::string_view line, std::string_view place) {
    constexpr std::string_view kPrefix = "HLS_RESULT ";
    line = trim(line);
    if (line.starts_with(kPrefix)) line.remove_prefix(kPrefix.size());
    const Json json = parse_json<Json>(line);
    if (!json.is_object()) refuse(place, "no JSON object");
    const Reader reader(json, place);
    if (reader.integer("v") != 1) refuse(place, "v is not 1");
    const auto exit_code = reader.integer("exit");
    if (!exit_code || *exit_code < 0 || *exit_code > 255) refuse(place, "exit is not 0 to 255");

    ResultRecord record;
    record.run_id = reader.text("run_id", true);
    record.unit = reader.text("unit", true);
    if (record.run_id.empty() || record.unit.empty()) refuse(place, "run_id or unit is empty");
    record.seq = reader.integer("seq");
    record.exit_code = static_cast<int>(*exit_code);
    record.message = reader.text("message");
    record.tool = reader.text("tool");
    record.version = reader.text("version");
    record.host = reader.text("host");
    record.job = reader.text("job");
    record.t0 = reader.time("t0");
    record.t1 = reader.time("t1");
    record.wall_s = reader.number("wall_s");
    record.user_s = reader.number("user_s");
    record.sys_s = reader.number("sys_s");
    record.rss_mb = reader.number("rss_mb");
    record.retry_at = retry_time(reader);
    record.log_uri = reader.text("log");
    record.scheduler_reason = reader.text("scheduler_reason");
    record.manifest = reader.text("manifest");
    if (const Json* argv = reader.list("argv")) record.argv = argv->dump();
    if (const Json* outputs = reader.list("outputs"))
        for (const Json& item : *outputs) record.outputs.push_back(output_of(item, place));
    if (const Json* files = reader.list("ancillary"))
        for (const Json& item : *files) record.ancillary.push_back(output_of(item, place).path);
    record.detail = detail_of(json);
    return record;
}

}  // namespace hls::joblog
