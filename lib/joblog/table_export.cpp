// SPDX-License-Identifier: Apache-2.0
#include "joblog/table_export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace hls::joblog {
namespace {

using Json = nlohmann::ordered_json;

// Which column says when a row was last written.
const std::map<std::string, std::string>& time_columns() {
    static const std::map<std::string, std::string> kColumns{{"unit", "changed_at"},
                                                             {"attempt", "ended_at"},
                                                             {"event", "ts"},
                                                             {"product", "seen_at"},
                                                             {"delivery", "sent_at"},
                                                             {"ancillary_day", "checked_at"},
                                                             {"sentinel_log", "ts"},
                                                             {"landsat_ac_log", "ts"},
                                                             {"landsat_mgrs_log", "ts"},
                                                             {"dependency", ""},
                                                             {"delivered_file", "last_modified"}};
    return kColumns;
}

bool holds_json(const std::string& column) {
    return column == "detail" || column == "spec" || column == "sums" || column == "jobinfo" ||
           column == "argv";
}

// A number in SQLite's view reads as a number, all else as text.
Json json_value(const store::Statement& row, int column, const std::string& name) {
    if (row.is_null(column)) return nullptr;
    const std::string text = row.text(column);
    if (holds_json(name)) return Json::parse(text, nullptr, false);
    std::int64_t integer = 0;
    const char* end = text.data() + text.size();
    // Identifiers such as 033 keep their zeros.
    const bool padded = text.size() > 1 && text.front() == '0' && text[1] != '.';
    if (const auto done = std::from_chars(text.data(), end, integer);
        !padded && done.ec == std::errc{} && done.ptr == end)
        return integer;
    double real = 0;
    if (const auto done = std::from_chars(text.data(), end, real);
        !padded && done.ec == std::errc{} && done.ptr == end)
        return real;
    return text;
}

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

}  // namespace

const std::vector<std::string>& exported_tables() {
    static const std::vector<std::string> kNames = [] {
        std::vector<std::string> names;
        for (const auto& [name, column] : time_columns()) names.push_back(name);
        return names;
    }();
    return kNames;
}

void export_table(store::Connection& connection, const std::string& table, const std::string& since,
                  ExportFormat format, const std::function<void(std::string_view)>& line) {
    const auto column = time_columns().find(table);
    if (column == time_columns().end())
        throw Error{Exit::usage, fmt::format("no table {}", table),
                    fmt::format("tables are {}", fmt::join(exported_tables(), ", "))};
    const bool all = since.empty() || column->second.empty();
    auto rows = connection.prepare(
        all ? fmt::format("SELECT * FROM {}", table)
            : fmt::format("SELECT * FROM {} WHERE {}>=?", table, column->second));
    if (!all) rows.bind(since);
    if (format == ExportFormat::csv) {
        std::vector<std::string> names;
        for (int i = 0; i < rows.columns(); ++i) names.push_back(csv_field(rows.column_name(i)));
        line(fmt::format("{}", fmt::join(names, ",")));
    }
    while (rows.step()) {
        Json object = Json::object();
        std::vector<std::string> fields;
        for (int i = 0; i < rows.columns(); ++i)
            if (format == ExportFormat::csv)
                fields.push_back(csv_field(rows.view(i)));
            else
                object[rows.column_name(i)] = json_value(rows, i, rows.column_name(i));
        line(format == ExportFormat::csv
                 ? fmt::format("{}", fmt::join(fields, ","))
                 : object.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
}

}  // namespace hls::joblog
