// SPDX-License-Identifier: Apache-2.0
#include "joblog/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace hls::joblog {
namespace {

using Json = nlohmann::ordered_json;

double rank(const std::vector<double>& sorted, double share) {
    const auto index =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::max<std::size_t>(index, 1) - 1];
}

Json json_of(const Quantiles& q) {
    return {{"p50", q.p50}, {"p95", q.p95}, {"p99", q.p99}};
}

double seconds_since(const std::string& then, UtcTime now) {
    return then.empty() ? 0 : std::chrono::duration<double>(now - parse_utc(then)).count();
}

std::string status_text(const StatusFigures& figures) {
    std::string text;
    for (const auto& [stage, states] : figures.units) {
        text += fmt::format("{:8}", stage);
        for (const auto& [state, count] : states) text += fmt::format("  {} {}", count, state);
        text += '\n';
    }
    text += fmt::format(
        "24 h: {} done, {} failed ({:.1f} %)\nready {}, oldest for {:.0f} s; held {}; leases "
        "overdue "
        "{}\nlast event {}",
        figures.done_24h, figures.failed_24h, 100 * figures.failed_share(), figures.ready,
        figures.oldest_ready_s, figures.held, figures.leases_overdue,
        figures.last_event.empty() ? "never" : figures.last_event);
    return text;
}

std::string status_json(const StatusFigures& figures) {
    Json json{{"units", figures.units},
              {"done_24h", figures.done_24h},
              {"failed_24h", figures.failed_24h},
              {"failed_share", figures.failed_share()},
              {"ready", figures.ready},
              {"oldest_ready_s", figures.oldest_ready_s},
              {"held", figures.held},
              {"leases_overdue", figures.leases_overdue},
              {"last_event", figures.last_event}};
    return json.dump();
}

std::string status_prometheus(const StatusFigures& figures) {
    std::string text =
        "# HELP hls_units Units of work by stage and state.\n# TYPE hls_units gauge\n";
    for (const auto& [stage, states] : figures.units)
        for (const auto& [state, count] : states)
            text += fmt::format("hls_units{{stage=\"{}\",state=\"{}\"}} {}\n", stage, state, count);
    const auto gauge = [&](std::string_view name, std::string_view help, double value) {
        text += fmt::format("# HELP hls_{0} {1}\n# TYPE hls_{0} gauge\nhls_{0} {2}\n", name, help,
                            value);
    };
    gauge("done_24h", "Runs that ended well in 24 hours.", static_cast<double>(figures.done_24h));
    gauge("failed_24h", "Runs that failed in 24 hours.", static_cast<double>(figures.failed_24h));
    gauge("held", "Units that wait for a person.", static_cast<double>(figures.held));
    gauge("oldest_ready_seconds", "Time that the oldest ready unit waits.", figures.oldest_ready_s);
    gauge("leases_overdue", "Claims whose lease ran out.",
          static_cast<double>(figures.leases_overdue));
    text.pop_back();
    return text;
}

}  // namespace

Quantiles quantiles(std::vector<double>& values) {
    if (values.empty()) return {};
    std::ranges::sort(values);
    return {rank(values, 0.5), rank(values, 0.95), rank(values, 0.99)};
}

std::vector<StageFigures> stage_figures(store::Connection& connection, const std::string& since) {
    struct Values {
        int runs = 0, failed = 0;
        std::vector<double> wall, cpu, rss;
    };
    std::map<std::string, Values> stages;
    auto rows = connection.prepare(
        "SELECT u.stage, a.exit_class, a.wall_s, a.user_s+a.sys_s, a.rss_mb FROM attempt a JOIN "
        "unit u ON u.id=a.unit_id WHERE a.evidence='record' AND a.ended_at>=?");
    rows.bind(since);
    while (rows.step()) {
        Values& values = stages[rows.text(0)];
        ++values.runs;
        values.failed += rows.view(1) != "ok" && rows.view(1) != "expected";
        const auto keep = [&](std::vector<double>& list, int column) {
            if (const auto value = rows.maybe_real(column)) list.push_back(*value);
        };
        keep(values.wall, 2);
        keep(values.cpu, 3);
        keep(values.rss, 4);
    }
    std::vector<StageFigures> figures;
    for (auto& [stage, values] : stages)
        figures.push_back({stage, values.runs, values.failed, quantiles(values.wall),
                           quantiles(values.cpu), quantiles(values.rss)});
    return figures;
}

double StatusFigures::failed_share() const {
    const auto ended = done_24h + failed_24h;
    return ended == 0 ? 0 : static_cast<double>(failed_24h) / static_cast<double>(ended);
}

StatusFigures status_figures(store::Connection& connection, UtcTime now) {
    StatusFigures figures;
    auto rows = connection.prepare("SELECT stage, state, count(*) FROM unit GROUP BY 1, 2");
    while (rows.step()) {
        figures.units[rows.text(0)][rows.text(1)] = rows.integer(2);
        if (rows.view(1) == "held") figures.held += rows.integer(2);
        if (rows.view(1) == "ready") figures.ready += rows.integer(2);
    }
    auto day = connection.prepare(
        "SELECT coalesce(sum(exit_class IN ('ok','expected')),0), "
        "coalesce(sum(exit_class NOT IN ('ok','expected','wait','cancelled')),0) "
        "FROM attempt WHERE ended_at>=?");
    day.bind(timestamp(now - std::chrono::hours(24)));
    day.step();
    figures.done_24h = day.integer(0);
    figures.failed_24h = day.integer(1);
    auto overdue =
        connection.prepare("SELECT count(*) FROM unit WHERE state='claimed' AND lease_until<?");
    overdue.bind(timestamp(now));
    overdue.step();
    figures.leases_overdue = overdue.integer(0);
    auto oldest = connection.prepare(
        "SELECT min(max(changed_at,coalesce(not_before,''))) FROM unit WHERE state='ready' AND "
        "coalesce(not_before,'')<=?");
    oldest.bind(timestamp(now));
    oldest.step();
    figures.oldest_ready_s = seconds_since(oldest.text(0), now);
    figures.last_event = connection.query_text("SELECT ts FROM event ORDER BY id DESC LIMIT 1");
    return figures;
}

std::vector<std::string> alarms(const StatusFigures& figures, const Thresholds& thresholds) {
    std::vector<std::string> said;
    if (thresholds.failed_share >= 0 && figures.failed_share() > thresholds.failed_share)
        said.push_back(fmt::format("{:.1f} % of the runs of 24 h failed, more than {:.1f} %",
                                   100 * figures.failed_share(), 100 * thresholds.failed_share));
    if (thresholds.least_done_24h >= 0 && figures.done_24h < thresholds.least_done_24h)
        said.push_back(fmt::format("{} runs of 24 h ended well, fewer than {}", figures.done_24h,
                                   thresholds.least_done_24h));
    if (thresholds.most_held >= 0 && figures.held > thresholds.most_held)
        said.push_back(
            fmt::format("{} units are held, more than {}", figures.held, thresholds.most_held));
    if (thresholds.oldest_ready_s >= 0 && figures.oldest_ready_s > thresholds.oldest_ready_s)
        said.push_back(fmt::format("a unit has been ready for {:.0f} s, more than {:.0f} s",
                                   figures.oldest_ready_s, thresholds.oldest_ready_s));
    return said;
}

std::string format_status(const StatusFigures& figures, StatusFormat format) {
    switch (format) {
        case StatusFormat::json:
            return status_json(figures);
        case StatusFormat::prometheus:
            return status_prometheus(figures);
        default:
            return status_text(figures);
    }
}

std::string format_figures(const std::vector<StageFigures>& figures, StatusFormat format) {
    std::string text;
    if (format == StatusFormat::json) {
        for (const auto& f : figures)
            text += Json{{"stage", f.stage},          {"runs", f.runs},
                         {"failed", f.failed},        {"wall_s", json_of(f.wall_s)},
                         {"cpu_s", json_of(f.cpu_s)}, {"rss_mb", json_of(f.rss_mb)}}
                        .dump() +
                    '\n';
    } else {
        text = fmt::format("{:8} {:>8} {:>7}  {:>24}  {:>24}  {:>24}\n", "stage", "runs", "failed",
                           "wall s p50 p95 p99", "cpu s p50 p95 p99", "memory MB p50 p95 p99");
        for (const auto& f : figures) {
            text += fmt::format("{:8} {:8} {:6.1f}%", f.stage, f.runs, 100.0 * f.failed / f.runs);
            for (const Quantiles* q : {&f.wall_s, &f.cpu_s, &f.rss_mb})
                text += fmt::format("  {:8.1f}{:8.1f}{:8.1f}", q->p50, q->p95, q->p99);
            text += '\n';
        }
    }
    if (!text.empty()) text.pop_back();
    return text;
}

}  // namespace hls::joblog
