// SPDX-License-Identifier: Apache-2.0
// Reads class maps and normalises crop codes.
#include "chip/class_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "chip/csv.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"
#include "fs/digest.hpp"
#include "fs/read_text.hpp"

namespace hls::chip {
namespace {

constexpr std::size_t kCodeDigits = 10;

[[noreturn]] void refuse(const std::string& source, int line, const std::string& what) {
    throw Error(Exit::bad_input, fmt::format("{}:{}: {}", source, line, what),
                "a class map has the columns hcat_code, hcat_name and class_id");
}

struct Columns {
    std::size_t code, name, klass;
};

Columns find_columns(const CsvRow& header, const std::string& source) {
    const auto column = [&](std::string_view name) {
        const auto found = std::ranges::find(header.fields, name);
        if (found == header.fields.end())
            refuse(source, header.line, fmt::format("no column {}", name));
        return static_cast<std::size_t>(found - header.fields.begin());
    };
    return {column("hcat_code"), column("hcat_name"), column("class_id")};
}

int class_of(const CsvRow& row, std::size_t column, const std::string& source) {
    const auto number = to_int(trim(row.fields[column]));
    if (!number || *number < 0 || *number > kLargestClass)
        refuse(source, row.line,
               fmt::format("class '{}' is not within 0..{}", row.fields[column], kLargestClass));
    return static_cast<int>(*number);
}

}  // namespace

std::optional<std::string> normal_code(std::string_view text) {
    text = trim(text);
    if (const auto point = text.find('.'); point != text.npos) {
        const auto fraction = text.substr(point + 1);
        if (fraction.find_first_not_of('0') != fraction.npos) return std::nullopt;
        text = text.substr(0, point);
    }
    const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (text.size() != kCodeDigits || !digits) return std::nullopt;
    return std::string(text);
}

std::optional<int> ClassMap::find(std::string_view code, std::string_view name) const {
    if (const auto found = by_code.find(code); found != by_code.end()) return found->second;
    if (const auto found = by_name.find(name); found != by_name.end()) return found->second;
    return std::nullopt;
}

std::optional<int> ClassMap::find_climbing(std::string_view code, std::string_view name) const {
    if (const auto exact = find(code, name)) return exact;
    std::string parent(code);
    // Fields of two digits: a parent has zeros in the fields that it leaves open.
    for (std::size_t at = kCodeDigits; parent.size() == kCodeDigits && at > 2; at -= 2) {
        parent[at - 1] = parent[at - 2] = '0';
        if (const auto found = by_code.find(parent); found != by_code.end()) return found->second;
    }
    return std::nullopt;
}

ClassMap parse_class_map(std::string_view csv, const std::string& source) {
    const std::vector<CsvRow> rows = parse_csv(csv, source);
    if (rows.empty()) refuse(source, 1, "empty");
    const Columns columns = find_columns(rows[0], source);
    ClassMap map;
    std::map<std::string, int> first_line;
    std::vector<std::string> lines;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const CsvRow& row = rows[i];
        if (row.fields.size() != rows[0].fields.size())
            refuse(source, row.line,
                   fmt::format("{} fields, the header has {}", row.fields.size(),
                               rows[0].fields.size()));
        const auto code = normal_code(row.fields[columns.code]);
        if (!code)
            refuse(source, row.line,
                   fmt::format("'{}' is no code of ten digits", row.fields[columns.code]));
        const int klass = class_of(row, columns.klass, source);
        const auto [entry, fresh] = map.by_code.try_emplace(*code, klass);
        if (!fresh && entry->second != klass)
            refuse(source, row.line,
                   fmt::format("{} has class {} here and {} in line {}", *code, klass,
                               entry->second, first_line.at(*code)));
        first_line.try_emplace(*code, row.line);
        const std::string& name = row.fields[columns.name];
        // Where one name has codes of several classes it decides nothing.
        if (const auto [by, added] = map.by_name.try_emplace(name, klass);
            !added && by->second != klass)
            by->second = 0;
        if (fresh) lines.push_back(fmt::format("{},{},{}\n", *code, name, klass));
    }
    map.by_name.erase("");
    std::ranges::sort(lines);
    fs::Digest digest(fs::DigestKind::sha256);
    for (const std::string& line : lines) digest.update(line);
    map.digest = digest.hex();
    return map;
}

ClassMap read_class_map(const std::string& path) {
    return parse_class_map(fs::read_text(path, 16 << 20), path);
}

}  // namespace hls::chip
