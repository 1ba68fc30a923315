// SPDX-License-Identifier: Apache-2.0
#include "cli/usage_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace hls::cli {
namespace {

using Json = nlohmann::ordered_json;

Json option_json(const CLI::Option& option, bool required) {
    Json names = Json::array();
    for (const auto& name : option.get_snames()) names.push_back('-' + name);
    for (const auto& name : option.get_lnames()) names.push_back("--" + name);
    if (names.empty()) names.push_back(option.get_name(true));
    Json json{{"names", names}, {"description", option.get_description()}};
    if (option.get_items_expected_max() > 0) json["value"] = option.get_type_name();
    if (!option.get_default_str().empty()) json["default"] = option.get_default_str();
    if (!option.get_envname().empty()) json["env"] = option.get_envname();
    json["required"] = required;
    return json;
}

Json app_json(const CLI::App& app, const std::vector<const CLI::Option*>& required) {
    Json options = Json::array();
    Json positionals = Json::array();
    for (const CLI::Option* option : app.get_options()) {
        const bool needed = std::find(required.begin(), required.end(), option) != required.end();
        const bool positional = option->get_snames().empty() && option->get_lnames().empty();
        (positional ? positionals : options).push_back(option_json(*option, needed));
    }
    Json json{{"name", app.get_name()},
              {"description", app.get_description()},
              {"options", options},
              {"positionals", positionals}};
    Json commands = Json::array();
    for (const CLI::App* command : app.get_subcommands({}))
        commands.push_back(app_json(*command, required));
    json["commands"] = commands;
    return json;
}

}  // namespace

std::string usage_json(const CLI::App& app, const std::vector<const CLI::Option*>& required) {
    Json json = app_json(app, required);
    Json codes = Json::array();
    for (const ExitInfo& info : exit_table()) {
        codes.push_back({{"code", static_cast<int>(info.code)},
                         {"word", info.word},
                         {"class", info.klass},
                         {"meaning", info.meaning},
                         {"scheduler", info.scheduler}});
    }
    json["exit_codes"] = codes;
    return json.dump(2);
}

}  // namespace hls::cli
