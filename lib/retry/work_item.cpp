// SPDX-License-Identifier: Apache-2.0
#include "retry/work_item.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "joblog/json_member.hpp"

namespace hls::retry {
namespace {

using Json = nlohmann::ordered_json;
using joblog::Unit;

// Of lists that anybody may have written; beyond, numbers of bytes or milliseconds would overflow.
constexpr double kLongestTime_s = 1e9;

std::string file_name_of(std::string key) {
    std::ranges::replace_if(
        key, [](char c) { return c == '/' || c == ':'; }, '_');
    return key;
}

// Files and folders of a run, which are removed before and after it, are named by its id.
bool names_a_file(std::string_view id) {
    constexpr std::size_t kLongest = 200;
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    return !id.empty() && id.size() <= kLongest && id.front() != '.' &&
           id.find_first_not_of(kPlain) == std::string_view::npos;
}

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// Words for one unit; the costly ones are looked up only when used.
class Words {
 public:
    Words(store::Connection& connection, const Unit& unit)
        : connection_(connection), unit_(unit), spec_(Json::parse(unit.spec, nullptr, false)) {}

    std::string value(const std::string& word) const {
        if (word.starts_with("spec.")) return spec(word.substr(5));
        if (word == "scene") return scene();
        if (word == "input") return input();
        const std::map<std::string, std::string> plain{{"unit", unit_.key},
                                                       {"key", file_name_of(unit_.key)},
                                                       {"stage", unit_.stage},
                                                       {"run_id", unit_.lease_run},
                                                       {"seq", std::to_string(unit_.lease_seq)},
                                                       {"tile", unit_.tile},
                                                       {"path", fmt::format("{:03}", unit_.path)},
                                                       {"row", fmt::format("{:03}", unit_.row)},
                                                       {"date", unit_.acq_date},
                                                       {"hls_id", unit_.hls_id}};
        const auto found = plain.find(word);
        if (found != plain.end()) return found->second;
        throw Error{Exit::usage, fmt::format("{{{}}} stands for nothing", word),
                    "hls-retry(1) lists the words"};
    }

    // Outputs of members and needs that are done, in the order of use.
    std::vector<std::string> inputs() const {
        auto rows = connection_.prepare(
            "SELECT u.output_uri FROM dependency d JOIN unit u ON u.ukey=d.need_key WHERE "
            "d.unit_id=? AND d.verdict IN ('done','unknown') AND u.output_uri IS NOT NULL AND "
            "u.stage NOT IN ('aux') ORDER BY d.seq");
        rows.bind(unit_.id);
        std::vector<std::string> found;
        while (rows.step()) found.push_back(rows.text(0));
        return found;
    }

    std::vector<std::string> pass() const {
        if (unit_.stage != "tile")
            throw Error{Exit::usage, fmt::format("{} has no {{pass}}", unit_.key),
                        "only tile units have; --stage chooses them"};
        auto rows = connection_.prepare(
            "SELECT need_key FROM dependency WHERE unit_id=? AND gate='member' ORDER BY seq");
        rows.bind(unit_.id);
        std::set<std::string> numbers;
        std::string first_key;
        constexpr std::size_t kRowAt = 7;  // ac:033/027/2024-03-07
        while (rows.step()) {
            const std::string key = rows.text(0);
            const std::string row = key.substr(kRowAt, 3);
            if (numbers.empty() || row < *numbers.begin()) first_key = key;
            numbers.insert(row);
        }
        std::vector<std::string> arguments{"--rows", fmt::format("{}", fmt::join(numbers, ","))};
        const std::string time = first_sensing_time(first_key);
        if (!time.empty()) arguments.insert(arguments.end(), {"--sensing-time", time});
        return arguments;
    }

 private:
    std::string spec(const std::string& name) const {
        if (spec_.is_object() && spec_.contains(name)) return text_of(spec_[name]);
        throw Error{Exit::usage, fmt::format("{} has no {{spec.{}}}", unit_.key, name)};
    }

    std::string scene() const {
        if (spec_.is_object() && spec_.contains("scene")) return text_of(spec_["scene"]);
        const auto colon = unit_.key.find(':');
        if (unit_.stage == "fetch" || unit_.stage == "mask") return unit_.key.substr(colon + 1);
        throw Error{Exit::usage, fmt::format("{} has no {{scene}}", unit_.key)};
    }

    std::string input() const {
        auto fetched = connection_.prepare(
            "SELECT u.output_uri FROM dependency d JOIN unit u ON u.ukey=d.need_key WHERE "
            "d.unit_id=? AND u.stage='fetch' AND u.output_uri IS NOT NULL ORDER BY d.seq DESC");
        if (fetched.bind(unit_.id).step()) return fetched.text(0);
        auto product =
            connection_.prepare("SELECT coalesce(local_uri,uri) FROM product WHERE product_id=?");
        const std::string id = scene();
        if (product.bind(id).step() && !product.is_null(0)) return product.text(0);
        return id;
    }

    // That of the name the product has already, else what is known of the first row.
    std::string first_sensing_time(const std::string& first_key) const {
        if (const auto& id = unit_.hls_id; id.size() > 31) {
            const int day = std::stoi(id.substr(19, 3));
            const auto date = std::chrono::sys_days(std::chrono::year(std::stoi(id.substr(15, 4))) /
                                                    std::chrono::January / 1) +
                              std::chrono::days(day - 1);
            return fmt::format("{}T{}:{}:{}Z", format_utc(UtcTime(date)).substr(0, 10),
                               id.substr(23, 2), id.substr(25, 2), id.substr(27, 2));
        }
        auto row = connection_.prepare(
            "SELECT sensed_at FROM product WHERE unit_key=? AND sensed_at IS NOT NULL AND "
            "withdrawn=0 ORDER BY superseded_by IS NULL DESC");
        return row.bind(first_key).step() ? row.text(0) : std::string();
    }

    store::Connection& connection_;
    const Unit& unit_;
    Json spec_;
};

// Text with its words in braces replaced; other braces, as GNU parallel has them, stay.
std::string replace_words(const Words& words, const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const auto close = text.find('}', at);
        if (close == std::string::npos) return result + text.substr(at);
        // The innermost pair: the words of a shell's or awk's own blocks are words, too.
        const auto open = text.rfind('{', close);
        if (open == std::string::npos || open < at) {
            result += text.substr(at, close + 1 - at);
            at = close + 1;
            continue;
        }
        const std::string word = text.substr(open + 1, close - open - 1);
        const bool is_word = !word.empty() && std::ranges::all_of(word, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
        });
        result += text.substr(at, open - at);
        const bool is_ours =
            is_word && word.find_first_not_of('.') != std::string::npos && word.front() != '.';
        result += is_ours ? words.value(word) : text.substr(open, close - open + 1);
        at = close + 1;
    }
    return result;
}

std::string shell_quote(const std::string& word) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + '\'';
}

}  // namespace

std::vector<std::string> expand_command(store::Connection& connection, const Unit& unit,
                                        const std::vector<std::string>& words) {
    const Words of_unit(connection, unit);
    std::vector<std::string> command;
    for (const auto& word : words) {
        if (word == "{inputs}")
            std::ranges::move(of_unit.inputs(), std::back_inserter(command));
        else if (word == "{pass}")
            std::ranges::move(of_unit.pass(), std::back_inserter(command));
        else
            command.push_back(replace_words(of_unit, word));
    }
    return command;
}

WorkItem make_item(store::Connection& connection, const Unit& unit,
                   const std::vector<std::string>& words, const Limits& limits,
                   const std::vector<std::string>& expected_outputs) {
    WorkItem item;
    item.unit = unit.key;
    item.stage = unit.stage;
    item.run_id = unit.lease_run;
    item.seq = unit.lease_seq;
    item.command = expand_command(connection, unit, words);
    item.expected_outputs = expand_command(connection, unit, expected_outputs);
    item.limits.memory_mb =
        static_cast<std::int64_t>(static_cast<double>(limits.memory_mb) * unit.mem_factor);
    item.limits.time_s = limits.time_s * unit.time_factor;
    return item;
}

std::string item_line(const WorkItem& item) {
    Json line{{"unit", item.unit}, {"run_id", item.run_id}, {"seq", item.seq}};
    line["tool"] = item.command.empty() ? "" : item.command.front();
    line["argv"] =
        std::vector<std::string>(item.command.begin() + !item.command.empty(), item.command.end());
    line["stage"] = item.stage;
    if (item.limits.memory_mb > 0) line["memory_mb"] = item.limits.memory_mb;
    if (item.limits.time_s > 0) line["time_s"] = item.limits.time_s;
    if (!item.expected_outputs.empty()) line["expect"] = item.expected_outputs;
    try {
        return line.dump();
    } catch (const Json::exception&) {
        throw Error{Exit::usage, fmt::format("{}: a word of the command is not UTF-8", item.unit),
                    "--format commands takes any bytes"};
    }
}

WorkItem parse_item(std::string_view text, std::string_view place) {
    try {
        const Json line = joblog::parse_json<Json>(text);
        if (!line.is_object())
            throw Error{Exit::bad_input, fmt::format("{}: no work item: no JSON object", place),
                        "hls-retry due --claim prints them"};
        WorkItem item;
        item.unit = line.at("unit").get<std::string>();
        item.run_id = line.at("run_id").get<std::string>();
        if (!names_a_file(item.run_id))
            throw Error{Exit::bad_input, fmt::format("{}: run_id is no name for a file", place),
                        "letters, digits, '-', '_' and, behind the first, '.'"};
        item.seq = line.at("seq").get<std::int64_t>();
        item.stage = line.value("stage", "");
        item.command = {line.at("tool").get<std::string>()};
        for (const auto& argument : line.at("argv"))
            item.command.push_back(argument.get<std::string>());
        item.limits.memory_mb =
            std::clamp<std::int64_t>(line.value("memory_mb", std::int64_t{0}), 0, kMostMemory_mb);
        item.limits.time_s = std::clamp(line.value("time_s", 0.0), 0.0, kLongestTime_s);
        item.expected_outputs = line.value("expect", std::vector<std::string>{});
        return item;
    } catch (const Json::exception& error) {
        throw Error{Exit::bad_input, fmt::format("{}: no work item: {}", place, error.what()),
                    "hls-retry due --claim prints them"};
    }
}

std::string shell_line(const WorkItem& item) {
    for (const auto& word : item.command)
        if (word.find('\n') != std::string::npos)
            throw Error{Exit::usage,
                        fmt::format("{}: a word of the command has several lines", item.unit),
                        "--format items takes them"};
    std::string line = fmt::format("HLS_UNIT={} HLS_RUN_ID={} HLS_SEQ={}", shell_quote(item.unit),
                                   shell_quote(item.run_id), item.seq);
    for (const auto& word : item.command) line += ' ' + shell_quote(word);
    return line;
}

}  // namespace hls::retry
