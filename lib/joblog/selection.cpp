// SPDX-License-Identifier: Apache-2.0
#include "joblog/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <variant>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "geo/mgrs.hpp"
#include "joblog/claim.hpp"

namespace hls::joblog {
namespace {

constexpr std::array<std::string_view, 9> kStates{
    "wait", "ready", "claimed", "retry", "done", "skipped", "held", "cancelled", "superseded"};

bool is_date_part(std::string_view text) {
    constexpr std::string_view kForm = "0000-00-00";
    if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (kForm[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
    return true;
}

struct DateRange {
    std::string first, last;  // both included
};

DateRange parse_range(std::string_view text) {
    const auto dots = text.find("..");
    const auto first = text.substr(0, dots);
    const auto last = dots == std::string_view::npos ? first : text.substr(dots + 2);
    if (!is_date_part(first) || !is_date_part(last) || first.substr(0, last.size()) > last)
        throw Error{Exit::usage, fmt::format("no date: '{}'", text),
                    "write 2024-03-07, 2024-03, or 2024-03-01..2024-03-07"};
    // '~' sorts behind all digits, so that a month ends with its last day.
    return {std::string(first), std::string(last) + "~"};
}

using Value = std::variant<std::string, std::int64_t>;

// A WHERE clause that grows, and its values.
class Conditions {
 public:
    void add(std::string_view sql, Value value) {
        clauses_ += fmt::format(" AND {}", sql);
        values_.push_back(std::move(value));
    }
    void one_of(std::string_view column, const std::vector<std::string>& values) {
        if (values.empty()) return;
        std::string marks;
        for (const auto& value : values) {
            marks += marks.empty() ? "?" : ",?";
            values_.emplace_back(value);
        }
        clauses_ += fmt::format(" AND {} IN ({})", column, marks);
    }
    const std::string& clauses() const { return clauses_; }
    void bind(store::Statement& statement) const {
        int position = 0;
        for (const Value& value : values_)
            std::visit([&](const auto& v) { statement.bind_at(++position, v); }, value);
    }

 private:
    std::string clauses_;
    std::vector<Value> values_;
};

Conditions conditions_of(const Selection& selection) {
    Conditions where;
    where.one_of("stage", selection.stages);
    where.one_of("state", selection.states);
    where.one_of("reason", selection.reasons);
    where.one_of("track", selection.tracks);
    where.one_of("ukey", selection.keys);
    if (!selection.date.empty()) {
        const DateRange range = parse_range(selection.date);
        where.add("acq_date>=?", range.first);
        where.add("acq_date<=?", range.last);
    }
    if (!selection.tile.empty()) where.add("tile=?", selection.tile);
    if (selection.path != 0) where.add("path=?", std::int64_t{selection.path});
    if (selection.row != 0) where.add("row=?", std::int64_t{selection.row});
    if (!selection.exit_class.empty()) where.add("exit_class=?", selection.exit_class);
    if (!selection.tool_before.empty())
        where.add(
            "(SELECT tool_version FROM attempt a WHERE a.unit_id=unit.id ORDER BY a.id DESC "
            "LIMIT 1)<?",
            selection.tool_before);
    return where;
}

std::vector<Unit> units_where(store::Connection& connection, std::string_view condition,
                              const std::vector<std::string>& values) {
    auto rows = connection.prepare(
        fmt::format("SELECT {} FROM unit WHERE {} ORDER BY id", kUnitColumns, condition));
    int position = 0;
    for (const auto& value : values) rows.bind_at(++position, value);
    std::vector<Unit> units;
    while (rows.step()) units.push_back(read_unit(rows));
    return units;
}

}  // namespace

bool Selection::empty() const {
    return stages.empty() && states.empty() && reasons.empty() && tracks.empty() && date.empty() &&
           tile.empty() && path == 0 && row == 0 && exit_class.empty() && tool_before.empty() &&
           keys.empty();
}

void check_selection(const Selection& selection) {
    for (const auto& stage : selection.stages) require_stage(stage);
    for (const auto& state : selection.states)
        if (std::ranges::find(kStates, state) == kStates.end())
            throw Error{Exit::usage, fmt::format("no state {}", state),
                        fmt::format("states are {}", fmt::join(kStates, ", "))};
    if (!selection.date.empty()) parse_range(selection.date);
    if (!selection.tile.empty() && !geo::parse_mgrs_tile(selection.tile))
        throw Error{Exit::usage, fmt::format("no tile: '{}'", selection.tile)};
    if (!selection.exit_class.empty() && !parse_exit_class(selection.exit_class))
        throw Error{Exit::usage, fmt::format("no class {}", selection.exit_class)};
}

void for_each_unit(store::Connection& connection, const Selection& selection,
                   const std::function<void(const Unit&)>& body) {
    check_selection(selection);
    const Conditions where = conditions_of(selection);
    auto rows = connection.prepare(
        fmt::format("SELECT {} FROM unit WHERE 1{} ORDER BY acq_date, stage, ukey LIMIT {}",
                    kUnitColumns, where.clauses(), selection.limit > 0 ? selection.limit : -1));
    where.bind(rows);
    while (rows.step()) body(read_unit(rows));
}

std::vector<Unit> select_units(store::Connection& connection, const Selection& selection) {
    std::vector<Unit> units;
    for_each_unit(connection, selection, [&](const Unit& unit) { units.push_back(unit); });
    return units;
}

std::vector<Unit> units_named(store::Connection& connection, const std::string& name) {
    if (auto unit = find_unit(connection, name)) return {*std::move(unit)};
    std::string id = name;
    for (const std::string_view suffix : {".zip", ".tar", ".SAFE"})
        if (id.ends_with(suffix)) id.resize(id.size() - suffix.size());
    auto product = connection.prepare("SELECT unit_key FROM product WHERE product_id=?");
    if (product.bind(id).step()) return {require_unit(connection, product.text(0))};
    auto units = units_where(connection, "hls_id=? AND stage IN ('tile','s30')", {name});
    const auto part = split(name, '/');
    if (units.empty() && part.size() == 2)
        units = units_where(connection, "tile=? AND acq_date=? AND stage IN ('tile','s30')",
                            {std::string(part[0].starts_with('T') ? part[0].substr(1) : part[0]),
                             std::string(part[1])});
    if (units.empty() && part.size() == 3)
        if (auto unit = find_unit(connection, "ac:" + name)) units.push_back(*std::move(unit));
    if (!units.empty()) return units;
    throw Error{Exit::missing_input,
                fmt::format("{}: knows no {}", connection.path().string(), name),
                "give a unit, a Level-1 or HLS id, TILE/DATE or PATH/ROW/DATE"};
}

}  // namespace hls::joblog
