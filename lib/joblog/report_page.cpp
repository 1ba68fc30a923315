// SPDX-License-Identifier: Apache-2.0
#include "joblog/report_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/escape.hpp"
#include "joblog/figures.hpp"
#include "joblog/svg_chart.hpp"

namespace hls::joblog {
namespace {

constexpr std::string_view kStyle = R"css(
:root{--ink:#1d2b36;--paper:#fff;--soft:#5c6b77;--line:#d9e0e6;--sea:#eef4f8;--land:#d5ddd2;
--done:#2c8c5a;--skipped:#9fbfae;--claimed:#3b74c4;--ready:#7fb0ea;--wait:#c9ced6;--retry:#e8a33d;
--held:#c8402f;--cancelled:#8d7aa8;--superseded:#b9b0c6;--failed:#c8402f}
@media(prefers-color-scheme:dark){:root{--ink:#e4ebf0;--paper:#141b21;--soft:#9aa8b3;--line:#2b3640;
--sea:#18222b;--land:#2c3a33}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:62rem;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .5rem}
.sub{color:var(--soft);margin:.2rem 0 1.2rem}.none{color:var(--soft)}
svg{width:100%;height:auto;display:block}
.grid{stroke:var(--line)}.axis{fill:var(--soft);font-size:12px}
.sea{fill:var(--sea)}.land{fill:var(--land)}.tile{stroke:var(--paper);stroke-width:.6}
.cards{display:flex;flex-wrap:wrap;gap:.8rem}
.card{border:1px solid var(--line);border-radius:.5rem;padding:.6rem 1rem;min-width:7rem}
.card b{display:block;font-size:1.5rem}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;color:var(--soft);font-size:.85rem;margin:.4rem 0}
.key i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.35em}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
td{overflow-wrap:anywhere}td.w{white-space:nowrap}td.w span{color:var(--soft);font-size:.85em}
code{font-size:.85em}
)css";

std::string state_styles() {
    std::string css;
    for (const auto state : kStatesInOrder)
        css += fmt::format(".s-{0}{{fill:var(--{0});background:var(--{0})}}", state);
    return css + ".s-failed{fill:var(--failed);background:var(--failed)}\n";
}

std::string legend(const std::vector<std::string>& names) {
    std::string html = "<div class=\"key\">";
    for (const auto& name : names)
        html += fmt::format("<span><i class=\"s-{0}\"></i>{0}</span>", name);
    return html + "</div>\n";
}

std::vector<std::string> all_states() {
    return {kStatesInOrder.begin(), kStatesInOrder.end()};
}

std::string cards(const StatusFigures& figures) {
    const auto card = [](auto value, std::string_view what) {
        return fmt::format("<div class=\"card\"><b>{}</b>{}</div>", value, what);
    };
    std::map<std::string, std::int64_t> states;
    std::int64_t all = 0;
    for (const auto& [stage, counts] : figures.units)
        for (const auto& [state, count] : counts) {
            states[state] += count;
            all += count;
        }
    const double share = all == 0
                             ? 0
                             : 100.0 * static_cast<double>(states["done"] + states["skipped"]) /
                                   static_cast<double>(all);
    return "<div class=\"cards\">" + card(all, "units") + card(states["done"], "done") +
           card(fmt::format("{:.1f} %", share), "settled well") +
           card(states["ready"] + states["claimed"] + states["retry"], "to do or doing") +
           card(states["wait"], "waiting") + card(figures.held, "held for a person") +
           card(fmt::format("{:.1f} %", 100 * figures.failed_share()), "of 24 h failed") +
           "</div>\n";
}

// The newest days of acquisition, products only: that is what people ask for.
std::string states_per_day(store::Connection& connection) {
    constexpr int kMostDays = 60;
    auto rows = connection.prepare(fmt::format(
        "SELECT acq_date, state, count(*) FROM unit WHERE stage IN ('tile','s30') AND acq_date IN "
        "(SELECT DISTINCT acq_date FROM unit WHERE stage IN ('tile','s30') ORDER BY 1 DESC LIMIT "
        "{}) GROUP BY 1, 2",
        kMostDays));
    std::map<std::string, std::map<std::string, double>> days;
    while (rows.step()) days[rows.text(0)][rows.text(1)] = static_cast<double>(rows.integer(2));
    std::vector<Column> columns;
    for (auto& [day, counts] : days) {
        Column column{day, {}};
        for (const auto state : kStatesInOrder)
            column.parts.emplace_back(state, counts[std::string(state)]);
        columns.push_back(std::move(column));
    }
    return column_chart(columns, "products by acquisition day and state") + legend(all_states());
}

std::string throughput(store::Connection& connection, int days, UtcTime now) {
    auto rows = connection.prepare(
        "SELECT substr(ended_at,1,10), exit_class IN ('ok'), exit_class IN ('expected'), count(*) "
        "FROM attempt WHERE ended_at>=? AND exit_class<>'wait' GROUP BY 1, 2, 3");
    const UtcTime first = now - std::chrono::hours(24 * (days - 1));
    rows.bind(timestamp(first).substr(0, 10));
    std::map<std::string, std::map<std::string, double>> found;
    while (rows.step())
        found[rows.text(0)][rows.integer(1) != 0   ? "done"
                            : rows.integer(2) != 0 ? "skipped"
                                                   : "failed"] =
            static_cast<double>(rows.integer(3));
    std::vector<Column> columns;
    for (int i = 0; i < days; ++i) {
        const auto day = timestamp(first + std::chrono::hours(24 * i)).substr(0, 10);
        auto& counts = found[day];
        columns.push_back({day,
                           {{"done", counts["done"]},
                            {"skipped", counts["skipped"]},
                            {"failed", counts["failed"]}}});
    }
    return column_chart(columns, "runs by day") + legend({"done", "skipped", "failed"});
}

// Messages that differ only in words that hold a digit - numbers, tiles, dates, names - are one
// cause.
std::string without_numbers(std::string_view message) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    std::string text;
    for (std::size_t at = 0; at < message.size();) {
        std::size_t end = at;
        while (end < message.size() && is_word(message[end])) ++end;
        const auto word = message.substr(at, std::max<std::size_t>(end - at, 1));
        const bool counts = word.find_first_of("0123456789") != std::string_view::npos;
        text += counts ? std::string_view("#") : word;
        at += word.size();
    }
    return text;
}

std::string failures(store::Connection& connection, const std::string& since) {
    struct Cause {
        int count = 0;
        std::string unit, last, message;
    };
    auto rows = connection.prepare(
        "SELECT u.stage, a.exit_class, a.reason, coalesce(a.message,''), u.ukey, a.ended_at, "
        "u.state FROM attempt a JOIN unit u ON u.id=a.unit_id WHERE a.ended_at>=? AND "
        "a.exit_class NOT IN ('ok','expected') ORDER BY a.id");
    rows.bind(since);
    std::map<std::array<std::string, 4>, Cause> causes;
    while (rows.step()) {
        auto& cause =
            causes[{rows.text(0), rows.text(1), rows.text(2), without_numbers(rows.view(3))}];
        ++cause.count;
        cause.unit = rows.text(4);
        cause.message = rows.text(3);
        cause.last = rows.text(5);
    }
    if (causes.empty()) return "<p class=\"none\">no failures</p>\n";
    std::vector<std::pair<std::array<std::string, 4>, Cause>> sorted(causes.begin(), causes.end());
    std::ranges::stable_sort(
        sorted, [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
    constexpr std::size_t kMostCauses = 40;
    std::string html =
        "<table><tr><th class=\"n\">runs</th><th>stage</th><th>cause</th><th>message of the last"
        "</th><th>last unit</th></tr>\n";
    for (std::size_t i = 0; i < std::min(sorted.size(), kMostCauses); ++i) {
        const auto& [what, cause] = sorted[i];
        html += fmt::format(
            "<tr><td class=\"n\">{}</td><td>{}</td><td "
            "class=\"w\">{}<br><span>{}</span></td><td>{}</td>"
            "<td class=\"w\"><code>{}</code><br><span>{}</span></td></tr>\n",
            cause.count, what[0], what[2], what[1], xml_escape(cause.message),
            xml_escape(cause.unit), cause.last.substr(0, 19));
    }
    return html + "</table>\n";
}

// Where a tile has several products, the worst state shows.
std::string map_of_tiles(store::Connection& connection) {
    auto rows = connection.prepare(
        "SELECT tile, state, count(*) FROM unit WHERE stage IN ('tile','s30') AND tile IS NOT NULL "
        "GROUP BY 1, 2");
    std::map<std::string, std::map<std::string, std::int64_t>> tiles;
    while (rows.step()) tiles[rows.text(0)][rows.text(1)] = rows.integer(2);
    constexpr std::array<std::string_view, 9> kWorstFirst{
        "held", "retry", "wait", "ready", "claimed", "done", "skipped", "cancelled", "superseded"};
    std::vector<TileDot> dots;
    for (const auto& [name, states] : tiles) {
        const auto tile = geo::parse_mgrs_tile(name);
        if (!tile) continue;
        TileDot dot{*tile, {}, name + ':'};
        for (const auto state : kWorstFirst) {
            const auto found = states.find(std::string(state));
            if (found == states.end()) continue;
            if (dot.state.empty()) dot.state = state;
            dot.title += fmt::format(" {} {}", found->second, state);
        }
        dots.push_back(std::move(dot));
    }
    return tile_map(dots) + legend(all_states());
}

std::string stage_table(store::Connection& connection) {
    const auto figures = stage_figures(connection, {});
    if (figures.empty()) return "<p class=\"none\">no runs yet</p>\n";
    std::string html =
        "<table><tr><th>stage</th><th class=\"n\">runs</th><th class=\"n\">failed</th>"
        "<th class=\"n\">wall s, median</th><th class=\"n\">95 %</th><th class=\"n\">99 %</th>"
        "<th class=\"n\">CPU s, median</th><th class=\"n\">memory MB, 95 %</th></tr>\n";
    for (const auto& f : figures)
        html += fmt::format(
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
            "class=\"n\">{:.1f}</td>"
            "<td class=\"n\">{:.1f}</td><td class=\"n\">{:.1f}</td><td class=\"n\">{:.1f}</td>"
            "<td class=\"n\">{:.0f}</td></tr>\n",
            f.stage, f.runs, f.failed, f.wall_s.p50, f.wall_s.p95, f.wall_s.p99, f.cpu_s.p50,
            f.rss_mb.p95);
    return html + "</table>\n";
}

}  // namespace

std::string report_page(store::Connection& connection, const ReportOptions& options, UtcTime now) {
    const std::string title =
        xml_escape(options.title.empty() ? std::string("HLS job log") : options.title);
    const auto since = timestamp(now - std::chrono::hours(24 * options.days));
    std::string html = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n"
        "<meta name=\"viewport\" "
        "content=\"width=device-width\"><style>{1}{2}</style></head><body>\n"
        "<h1>{0}</h1><p class=\"sub\">as of {3}</p>\n",
        title, kStyle, state_styles(), format_utc(now));
    html += cards(status_figures(connection, now));
    const auto section = [&](std::string_view id, std::string_view heading,
                             const std::string& body) {
        html += fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n", id, heading, body);
    };
    section("days", "Products by day of acquisition", states_per_day(connection));
    section("throughput", fmt::format("Runs that ended, last {} days", options.days),
            throughput(connection, options.days, now));
    section("failures", fmt::format("Failures by cause, last {} days", options.days),
            failures(connection, since));
    section("map", "Tiles", map_of_tiles(connection));
    section("stages", "Time and memory by stage", stage_table(connection));
    return html + "</body></html>\n";
}

}  // namespace hls::joblog
