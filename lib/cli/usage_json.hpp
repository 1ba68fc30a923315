// SPDX-License-Identifier: Apache-2.0
// All options of a tool as JSON: what the manual, the completions and the docs check read.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace hls::cli {

// {"name","description","options":[{"names","description","value","default","env","required"}],
//  "positionals":[..],"commands":[..],"exit_codes":[{"code","word","class","meaning","scheduler"}]}
std::string usage_json(const CLI::App& app, const std::vector<const CLI::Option*>& required);

}  // namespace hls::cli
