// SPDX-License-Identifier: Apache-2.0
#include "cli/array_input.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::cli {
namespace {

using Json = nlohmann::json;

// JSON that is data of the tool rather than a call of it: its members say so by a schema.
bool is_data(const std::string& line) {
    const Json work = Json::parse(line, nullptr, false);
    return work.is_object() && work.contains("schema") && !work.contains("argv");
}

// Removes `--name VALUE` or `--name=VALUE` and returns the value.
std::optional<std::string> take_option(std::vector<std::string>& arguments,
                                       const std::string& name) {
    for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
        const auto at = arguments.begin() + static_cast<std::ptrdiff_t>(i);
        if (arguments[i].starts_with(name + '=')) {
            std::string value = arguments[i].substr(name.size() + 1);
            arguments.erase(at);
            return value;
        }
        if (arguments[i] != name) continue;
        if (i + 1 == arguments.size()) throw Error{Exit::usage, name + " needs a value"};
        std::string value = arguments[i + 1];
        arguments.erase(at, at + 2);
        return value;
    }
    return std::nullopt;
}

std::int64_t parse_index(const std::optional<std::string>& given) {
    const char* from_batch = std::getenv("AWS_BATCH_JOB_ARRAY_INDEX");
    if (!given && from_batch == nullptr)
        throw Error{Exit::usage, "--inputs-from needs --index or AWS_BATCH_JOB_ARRAY_INDEX"};
    const std::string text = given ? *given : from_batch;
    const auto index = to_int(text);
    if (!index || *index < 0)
        throw Error{Exit::usage, fmt::format("not an array index: '{}'", text)};
    return *index;
}

std::string read_line(const std::string& path, std::int64_t index) {
    std::ifstream file;
    if (path != "-") {
        file.open(path);
        if (!file) throw Error{Exit::missing_input, "cannot read " + path};
    }
    std::istream& in = path == "-" ? std::cin : file;
    std::string line;
    for (std::int64_t i = 0; i <= index; ++i) {
        if (!std::getline(in, line))
            throw Error{Exit::missing_input,
                        fmt::format("{} has {} lines, no line of index {}", path, i, index)};
    }
    return line;
}

void set_environment(const Json& work, const char* key, const char* variable) {
    if (!work.contains(key) || work[key].is_null()) return;
    const Json& value = work[key];
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    ::setenv(variable, text.c_str(), 1);
}

std::vector<std::string> arguments_of_json(const std::string& line) {
    try {
        const Json work = Json::parse(line);
        set_environment(work, "unit", "HLS_UNIT");
        set_environment(work, "run_id", "HLS_RUN_ID");
        set_environment(work, "seq", "HLS_SEQ");
        return work.at("argv").get<std::vector<std::string>>();
    } catch (const Json::exception& error) {
        throw Error{Exit::bad_input, fmt::format("malformed work line: {}", error.what()),
                    R"(expected {"unit","run_id","seq","argv":[...]})"};
    }
}

}  // namespace

std::vector<std::string> expand_array_input(std::vector<std::string> arguments) {
    const auto path = take_option(arguments, "--inputs-from");
    const auto index = take_option(arguments, "--index");
    if (!path) {
        if (index) throw Error{Exit::usage, "--index goes with --inputs-from"};
        return arguments;
    }
    const std::string line = read_line(*path, parse_index(index));
    const auto text = trim(line);
    if (text.empty()) throw Error{Exit::bad_input, fmt::format("empty work line in {}", *path)};
    if (text.front() == '{' && !is_data(line)) return arguments_of_json(line);
    arguments.emplace_back(text);
    return arguments;
}

}  // namespace hls::cli
