// SPDX-License-Identifier: Apache-2.0
#include "joblog/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <variant>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "core/time.hpp"
#include "geo/mgrs.hpp"
#include "joblog/claim.hpp"

namespace hls::joblog {
namespace {

constexpr std::array<std::string_view, 9> kStates{
    "wait", "ready", "claimed", "retry", "done", "skipped", "held", "cancelled", "superseded"};
constexpr std::array<std::string_view, 4> kTracks{"forward", "historic", "request", "test"};

void require_one_of(std::span<const std::string_view> known, const std::vector<std::string>& given,
                    std::string_view what) {
    for (const auto& word : given)
        if (std::ranges::find(known, word) == known.end())
            throw Error{Exit::usage, fmt::format("no {} {}", what, word),
                        fmt::format("{}s are {}", what, fmt::join(known, ", "))};
}

// "0.10.2 (c0ffee)" to 0, 10, 2; empty if it is no version.
std::vector<std::int64_t> version_numbers(std::string_view text) {
    text = text.substr(0, text.find_first_not_of("0123456789."));
    std::vector<std::int64_t> numbers;
    for (const auto part : split(text, '.')) {
        const auto number = to_int(part);
        if (!number) return {};
        numbers.push_back(*number);
    }
    return numbers;
}

// Looks up what the last run of a unit was made with.
class ToolVersions {
 public:
    explicit ToolVersions(store::Connection& connection)
        : rows_(connection.prepare(
              "SELECT tool_version FROM attempt WHERE unit_id=? ORDER BY id DESC LIMIT 1")) {}

    bool is_before(const Unit& unit, const std::vector<std::int64_t>& limit) {
        rows_.reset();
        rows_.bind(unit.id);
        if (!rows_.step() || rows_.is_null(0)) return false;
        const auto version = version_numbers(rows_.view(0));
        return !version.empty() && version < limit;
    }

 private:
    store::Statement rows_;
};

bool is_date_part(std::string_view text) {
    constexpr std::string_view kForm = "0000-00-00";
    if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (kForm[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
    constexpr std::string_view kFirstDay = "2000-01-01";  // for what is not given
    try {
        parse_utc(fmt::format("{}{}T00:00:00Z", text, kFirstDay.substr(text.size())));
    } catch (const Error&) {
        return false;
    }
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
    require_one_of(kStates, selection.states, "state");
    require_one_of(kTracks, selection.tracks, "track");
    if (!selection.date.empty()) parse_range(selection.date);
    if (!selection.tile.empty() && !geo::parse_mgrs_tile(selection.tile))
        throw Error{Exit::usage, fmt::format("no tile: '{}'", selection.tile)};
    if (!selection.exit_class.empty() && !parse_exit_class(selection.exit_class))
        throw Error{Exit::usage, fmt::format("no class {}", selection.exit_class)};
    if (!selection.tool_before.empty() && version_numbers(selection.tool_before).empty())
        throw Error{Exit::usage, fmt::format("no version: '{}'", selection.tool_before),
                    "write it as in 1.4.0"};
}

void for_each_unit(store::Connection& connection, const Selection& selection,
                   const std::function<void(const Unit&)>& body) {
    check_selection(selection);
    const Conditions where = conditions_of(selection);
    // SQL does not compare versions, so that they are looked at afterwards.
    const auto before = version_numbers(selection.tool_before);
    const bool limited = selection.limit > 0 && before.empty();
    auto rows = connection.prepare(
        fmt::format("SELECT {} FROM unit WHERE 1{} ORDER BY acq_date, stage, ukey LIMIT {}",
                    kUnitColumns, where.clauses(), limited ? selection.limit : -1));
    where.bind(rows);
    ToolVersions versions(connection);
    for (int found = 0; (selection.limit == 0 || found < selection.limit) && rows.step();) {
        const Unit unit = read_unit(rows);
        if (!before.empty() && !versions.is_before(unit, before)) continue;
        body(unit);
        ++found;
    }
}

std::vector<Unit> select_units(store::Connection& connection, const Selection& selection) {
    std::vector<Unit> units;
    for_each_unit(connection, selection, [&](const Unit& unit) { units.push_back(unit); });
    return units;
}

std::vector<Unit> units_that_fit(store::Connection& connection, const Selection& selection,
                                 std::vector<Unit> units) {
    if (!selection.empty()) {
        Selection unlimited = selection;
        unlimited.limit = 0;
        std::set<std::int64_t> fit;
        for_each_unit(connection, unlimited, [&](const Unit& unit) { fit.insert(unit.id); });
        std::erase_if(units, [&](const Unit& unit) { return !fit.contains(unit.id); });
    }
    if (selection.limit > 0 && units.size() > static_cast<std::size_t>(selection.limit))
        units.resize(static_cast<std::size_t>(selection.limit));
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
