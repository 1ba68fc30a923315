// SPDX-License-Identifier: Apache-2.0
#include "cli/run_record.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/version.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"
#include "core/ulid.hpp"

namespace hls::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

Json json_files(const std::vector<RecordFile>& files) {
    Json list = Json::array();
    for (const RecordFile& file : files) {
        Json item{{"path", file.path}};
        if (file.bytes >= 0) item["bytes"] = file.bytes;
        if (!file.sha256.empty()) item["sha256"] = file.sha256;
        list.push_back(std::move(item));
    }
    return list;
}

Json json_fields(const RecordFields& fields) {
    Json object = Json::object();
    for (const auto& [key, value] : fields)
        std::visit([&, name = key](const auto& v) { object[name] = v; }, value);
    return object;
}

double milliseconds_kept(double seconds) {
    return std::round(seconds * 1000) / 1000;
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

RunRecord::RunRecord(std::string tool) : tool_(std::move(tool)), start_(utc_now()) {}

std::string RunRecord::finish(int exit_code) const {
    const UtcTime end = utc_now();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto& info = exit_info(static_cast<Exit>(exit_code));
    const auto named_unit = environment("HLS_UNIT");
    const auto run_id = environment("HLS_RUN_ID");
    const auto seq = to_int(environment("HLS_SEQ"));

    Json record;
    record["v"] = 1;
    record["run_id"] = run_id.empty() ? new_ulid() : run_id;
    record["unit"] = named_unit.empty() ? unit : named_unit;
    record["seq"] = seq ? Json(*seq) : Json(nullptr);
    record["tool"] = tool_;
    record["version"] = version();
    record["exit"] = exit_code;
    record["class"] = info.klass;
    record["reason"] = info.word;
    record["message"] = message;
    if (retry_at) record["retry_at"] = format_utc(*retry_at);
    record["t0"] = format_utc(start_, 3);
    record["t1"] = format_utc(end, 3);
    record["wall_s"] = milliseconds_kept(std::chrono::duration<double>(end - start_).count());
    record["user_s"] = milliseconds_kept(seconds(usage.ru_utime));
    record["sys_s"] = milliseconds_kept(seconds(usage.ru_stime));
    record["rss_mb"] = usage.ru_maxrss / 1024;  // Linux counts KiB
    record["inputs"] = json_files(inputs);
    record["ancillary"] = json_files(ancillary);
    record["params"] = json_fields(params);
    record["gates"] = json_fields(gates);
    record["outputs"] = json_files(outputs);
    return record.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string RunRecord::save(const std::string& line) const {
    if (file.empty()) return {};
    const std::string temporary = fmt::format("{}.{}.tmp", file, ::getpid());
    std::ofstream out(temporary, std::ios::binary);
    out << line << '\n';
    out.close();
    if (out && std::rename(temporary.c_str(), file.c_str()) == 0) return {};
    const std::string reason = std::strerror(errno);
    std::remove(temporary.c_str());
    return fmt::format("cannot write the record {}: {}", file, reason);
}

}  // namespace hls::cli
