// SPDX-License-Identifier: Apache-2.0
#include "joblog/history.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace hls::joblog {
namespace {

using Json = nlohmann::ordered_json;

// Rows of a query about one unit as objects, without nulls.
Json rows_as_json(store::Connection& connection, std::string_view sql, const Unit& unit,
                  bool by_key = false) {
    auto rows = connection.prepare(sql);
    if (by_key)
        rows.bind(unit.key);
    else
        rows.bind(unit.id);
    Json list = Json::array();
    while (rows.step()) {
        Json object = Json::object();
        for (int i = 0; i < rows.columns(); ++i) {
            const std::string name = rows.column_name(i);
            if (rows.is_null(i)) continue;
            const std::string text = rows.text(i);
            if (name == "detail")
                object[name] = Json::parse(text, nullptr, false);
            else if (name == "exit" || name == "seq" || name == "stale")
                object[name] = rows.integer(i);
            else if (name.ends_with("_s") || name.ends_with("_mb") || name == "percent")
                object[name] = rows.real(i);
            else
                object[name] = text;
        }
        list.push_back(std::move(object));
    }
    return list;
}

Json unit_object(const Unit& unit) {
    Json object{{"unit", unit.key},      {"stage", unit.stage}, {"state", unit.state},
                {"reason", unit.reason}, {"track", unit.track}, {"priority", unit.priority}};
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty()) object[key] = value;
    };
    add("tile", unit.tile);
    if (unit.path != 0) object["path"] = unit.path;
    if (unit.row != 0) object["row"] = unit.row;
    add("date", unit.acq_date);
    add("hls_id", unit.hls_id);
    add("not_before", unit.state == "done" || unit.state == "skipped" ? "" : unit.not_before);
    if (unit.state == "wait") add("deadline", unit.deadline);
    if (unit.state == "claimed") {
        add("run_id", unit.lease_run);
        add("owner", unit.lease_owner);
        add("lease_until", unit.lease_until);
        add("job", unit.job);
    }
    object["seq"] = unit.lease_seq;
    object["failures"] = {{"infra", unit.n_infra},
                          {"resource", unit.n_resource},
                          {"source", unit.n_source},
                          {"code", unit.n_code},
                          {"wait", unit.n_wait}};
    add("output", unit.output_uri);
    return object;
}

Json history(store::Connection& connection, const Unit& unit) {
    Json object = unit_object(unit);
    object["products"] = rows_as_json(
        connection,
        "SELECT product_id AS id, source, published_at, seen_at, superseded_by, "
        "CASE withdrawn WHEN 1 THEN 'yes' END AS withdrawn, coalesce(local_uri,uri) AS uri, sums "
        "FROM product WHERE unit_key=?1 OR 'fetch:'||product_id=?1 OR 'mask:'||product_id=?1",
        unit, true);
    object["needs"] = rows_as_json(
        connection,
        "SELECT d.need_key AS unit, d.gate, d.verdict, d.weight AS percent, u.state, u.reason "
        "FROM dependency d LEFT JOIN unit u ON u.ukey=d.need_key WHERE d.unit_id=? ORDER BY d.seq",
        unit);
    object["used_by"] = rows_as_json(
        connection,
        "SELECT u.ukey AS unit, u.state, u.reason, u.hls_id FROM dependency d JOIN unit u ON "
        "u.id=d.unit_id WHERE d.need_key=? ORDER BY u.id",
        unit, true);
    object["attempts"] = rows_as_json(
        connection,
        "SELECT seq, run_id, evidence, stale, backend, job, host, started_at, ended_at, "
        "exit_code AS exit, exit_class AS class, reason, message, wall_s, user_s, sys_s, rss_mb, "
        "tool, tool_version, log_uri AS log, detail FROM attempt WHERE unit_id=? ORDER BY id",
        unit);
    object["moves"] = rows_as_json(
        connection,
        "SELECT ts, from_state AS \"from\", to_state AS \"to\", note, actor FROM event WHERE "
        "unit_id=? ORDER BY id",
        unit);
    object["deliveries"] = rows_as_json(
        connection,
        "SELECT product_id, identifier, manifest_uri, sent_at, acknowledged_at, answer FROM "
        "delivery WHERE unit_id=? ORDER BY id",
        unit);
    return object;
}

std::string word(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string explanation(const Unit& unit) {
    if (unit.state == "retry") return fmt::format(", again after {}", unit.not_before);
    if (unit.state == "wait" && !unit.deadline.empty())
        return fmt::format(", closes {}", unit.deadline);
    if (unit.state == "claimed")
        return fmt::format(" by {} since {}, lease until {}", unit.lease_owner, unit.lease_since,
                           unit.lease_until);
    if (unit.state == "held") return ", until somebody says hls-retry release";
    return {};
}

std::string attempt_line(const Json& attempt) {
    std::string line = fmt::format("    {} exit {} {} {}", word(attempt, "ended_at"),
                                   attempt.contains("exit") ? word(attempt, "exit") : "-",
                                   word(attempt, "class"), word(attempt, "reason"));
    if (attempt.contains("wall_s"))
        line += fmt::format(", {:.1f} s", attempt["wall_s"].get<double>());
    if (attempt.contains("rss_mb"))
        line += fmt::format(", {:.0f} MB", attempt["rss_mb"].get<double>());
    if (attempt.contains("host")) line += fmt::format(", {}", word(attempt, "host"));
    if (attempt.contains("tool"))
        line += fmt::format(", {} {}", word(attempt, "tool"), word(attempt, "tool_version"));
    if (attempt.value("stale", 0) != 0) line += ", stale";
    if (attempt.contains("message")) line += fmt::format("\n      {}", word(attempt, "message"));
    if (attempt.contains("log")) line += fmt::format("\n      log {}", word(attempt, "log"));
    return line;
}

void add_section(std::string& text, const Json& list, std::string_view title, auto&& line_of) {
    if (list.empty()) return;
    text += fmt::format("  {}\n", title);
    for (const Json& item : list) text += line_of(item) + '\n';
}

}  // namespace

std::string history_json(store::Connection& connection, const Unit& unit) {
    return history(connection, unit).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string unit_json(const Unit& unit) {
    return unit_object(unit).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string history_text(store::Connection& connection, const Unit& unit) {
    const Json all = history(connection, unit);
    std::string text =
        fmt::format("{}  {}: {}{}\n", unit.key, unit.state, unit.reason, explanation(unit));
    if (!unit.hls_id.empty()) text += fmt::format("  product {}\n", unit.hls_id);
    if (!unit.output_uri.empty()) text += fmt::format("  output {}\n", unit.output_uri);
    add_section(text, all["products"], "upstream", [](const Json& item) {
        return fmt::format("    {} from {}{}", word(item, "id"),
                           item.contains("source") ? word(item, "source") : "?",
                           item.contains("superseded_by")
                               ? ", superseded by " + word(item, "superseded_by")
                           : item.contains("withdrawn") ? ", withdrawn"
                                                        : "");
    });
    add_section(text, all["needs"], "needs", [](const Json& item) {
        return fmt::format(
            "    {}  {}{}{}", word(item, "unit"),
            item.contains("state") ? word(item, "state") + ": " + word(item, "reason")
                                   : "not announced",
            item.contains("percent") ? "  " : "",
            item.contains("percent") ? fmt::format("{:.1f} %", item["percent"].get<double>()) : "");
    });
    add_section(text, all["attempts"], "attempts", attempt_line);
    add_section(text, all["moves"], "moves", [](const Json& item) {
        return fmt::format("    {} {} -> {} ({})", word(item, "ts"),
                           item.contains("from") ? word(item, "from") : "new", word(item, "to"),
                           word(item, "note"));
    });
    add_section(text, all["used_by"], "used by", [](const Json& item) {
        return fmt::format("    {}  {}: {}", word(item, "unit"), word(item, "state"),
                           word(item, "reason"));
    });
    add_section(text, all["deliveries"], "deliveries", [](const Json& item) {
        return fmt::format("    {} sent {} {}", word(item, "product_id"), word(item, "sent_at"),
                           item.contains("answer") ? word(item, "answer") : "not acknowledged");
    });
    return text;
}

}  // namespace hls::joblog
