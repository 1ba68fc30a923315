// SPDX-License-Identifier: Apache-2.0
// An option whose value is one of a few words, each standing for an enumerator.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

namespace hls::cli {

// Adds option `name` that sets `value`; the words are listed in the help and are case-sensitive.
template <typename Enum>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Enum& value,
                        const std::string& description,
                        const std::vector<std::pair<std::string, Enum>>& words) {
    std::string listed;
    std::string current;
    for (const auto& [word, enumerator] : words) {
        listed += (listed.empty() ? "" : "|") + word;
        if (enumerator == value) current = word;
    }
    return app
        .add_option_function<std::string>(
            name,
            [&value, words, name, listed](const std::string& given) {
                for (const auto& [word, enumerator] : words) {
                    if (word != given) continue;
                    value = enumerator;
                    return;
                }
                throw CLI::ValidationError(name, "'" + given + "' is none of " + listed);
            },
            description)
        ->type_name(listed)
        ->default_str(current);
}

}  // namespace hls::cli
