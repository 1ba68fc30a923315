// SPDX-License-Identifier: Apache-2.0
#include "joblog/job_log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "joblog/schema.hpp"

namespace hls::joblog {
namespace {

constexpr seconds kClockTolerance{60};

int parse_count(std::string_view text, std::string_view what) {
    constexpr int kMost = 1000;
    const auto value = to_int(text);
    if (!value || *value < 1 || *value > kMost)
        throw Error{Exit::usage, fmt::format("{} takes a number from 1 to {}", what, kMost)};
    return static_cast<int>(*value);
}

double parse_percent(std::string_view text, std::string_view what) {
    const auto value = to_double(text);
    if (!value || *value < 0 || *value > 100)
        throw Error{Exit::usage, fmt::format("{} takes a percentage", what)};
    return *value;
}

bool parse_switch(std::string_view text, std::string_view what) {
    if (text == "yes" || text == "no") return text == "yes";
    throw Error{Exit::usage, fmt::format("{} takes yes or no", what)};
}

struct SettingRule {
    std::string_view name;
    void (*apply)(Settings&, std::string_view value, std::string_view name);
};

constexpr std::array kSettingRules{
    SettingRule{"tile-wait",
                [](Settings& s, auto v, auto n) { s.tile_wait = parse_duration(v, n); }},
    SettingRule{"historic-tile-wait",
                [](Settings& s, auto v, auto n) { s.historic_tile_wait = parse_duration(v, n); }},
    SettingRule{"twin-wait",
                [](Settings& s, auto v, auto n) { s.twin_wait = parse_duration(v, n); }},
    SettingRule{"tiny-overlap",
                [](Settings& s, auto v, auto n) { s.tiny_overlap_percent = parse_percent(v, n); }},
    SettingRule{"upgrade", [](Settings& s, auto v, auto n) { s.upgrade = parse_switch(v, n); }},
    SettingRule{"join-midnight",
                [](Settings& s, auto v, auto n) { s.join_midnight = parse_switch(v, n); }},
    SettingRule{"infra-tries",
                [](Settings& s, auto v, auto n) { s.budgets.infra = parse_count(v, n); }},
    SettingRule{"resource-tries",
                [](Settings& s, auto v, auto n) { s.budgets.resource = parse_count(v, n); }},
    SettingRule{"source-tries",
                [](Settings& s, auto v, auto n) { s.budgets.source = parse_count(v, n); }},
    SettingRule{"code-tries",
                [](Settings& s, auto v, auto n) { s.budgets.code = parse_count(v, n); }},
    SettingRule{"infra-wait",
                [](Settings& s, auto v, auto n) { s.budgets.infra_wait = parse_duration(v, n); }},
    SettingRule{"wait-deadline", [](Settings& s, auto v,
                                    auto n) { s.budgets.wait_deadline = parse_duration(v, n); }},
};

const SettingRule* find_rule(std::string_view name) {
    const auto* found = std::ranges::find(kSettingRules, name, &SettingRule::name);
    return found == kSettingRules.end() ? nullptr : found;
}

}  // namespace

JobLog::JobLog(store::Connection connection) : connection_(std::move(connection)) {}

JobLog JobLog::open(const std::filesystem::path& path, const OpenOptions& options) {
    JobLog log(
        store::Connection(path, {.access = options.access, .busy_timeout = options.busy_timeout}));
    store::require_schema(log.connection_, schema());
    log.load_settings();
    return log;
}

JobLog JobLog::create(const std::filesystem::path& path, store::Journal journal,
                      std::chrono::milliseconds busy_timeout) {
    JobLog log(store::Connection(path, {store::Access::create, journal, busy_timeout}));
    store::migrate(log.connection_, schema());
    log.load_settings();
    return log;
}

void JobLog::load_settings() {
    auto rows = connection_.prepare("SELECT key, value FROM meta");
    while (rows.step())
        if (const auto* rule = find_rule(rows.view(0)))
            rule->apply(settings_, rows.view(1), rows.view(0));
}

void JobLog::set(std::string_view name, std::string_view value) {
    const auto* rule = find_rule(name);
    if (rule == nullptr) {
        std::string names;
        for (const auto& known : kSettingRules) names += fmt::format(" {}", known.name);
        throw Error{Exit::usage, fmt::format("no setting {}", name), "there are:" + names};
    }
    rule->apply(settings_, value, name);
    connection_.prepare("INSERT OR REPLACE INTO meta VALUES(?,?)").bind(name, value).run();
}

std::string JobLog::setting(std::string_view name) {
    auto row = connection_.prepare("SELECT value FROM meta WHERE key=?");
    return row.bind(name).step() ? row.text(0) : std::string();
}

Change::Change(JobLog& log, UtcTime now, std::string actor)
    : log_(log),
      transaction_(log.connection()),
      now_(now),
      now_text_(timestamp(now)),
      actor_(std::move(actor)) {
    const auto last = connection().query_text("SELECT ts FROM event ORDER BY id DESC LIMIT 1");
    if (last <= timestamp(now + kClockTolerance)) return;
    throw Error{Exit::temporary,
                fmt::format("{}: the clock says {}, the log's last event is of {}",
                            connection().path().string(), now_text_, last),
                "set the clock"};
}

std::string timestamp(UtcTime time) {
    return format_utc(time, 3);
}

seconds parse_duration(std::string_view text, std::string_view what) {
    static constexpr std::array<std::pair<char, int>, 4> kUnits{
        {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}}};
    std::string_view digits = text;
    int unit = 1;
    for (const auto& [letter, length] : kUnits) {
        if (!text.ends_with(letter)) continue;
        digits.remove_suffix(1);
        unit = length;
    }
    constexpr std::int64_t kLongest = 400LL * 86400;
    const auto count = to_int(digits);
    if (!count || *count < 0 || *count > kLongest / unit)
        throw Error{Exit::usage, fmt::format("{}: no duration: '{}'", what, text),
                    "write it as in 90s, 15m, 6h or 4d"};
    return seconds(*count * unit);
}

std::string this_process() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return fmt::format("{}:{}", host.data(), ::getpid());
}

}  // namespace hls::joblog
