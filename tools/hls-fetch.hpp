// SPDX-License-Identifier: Apache-2.0
// The commands of hls-fetch, a file each, and the options they share.
#pragma once

#include <string>
#include <vector>

#include "cli/program.hpp"
#include "fetch/messages.hpp"

namespace hls::tool {

struct MessageOptions {
    fetch::Preset preset = fetch::Preset::hls_forward2;
    std::vector<std::string> buckets;

    fetch::MessageRules rules() const;
};
void add_message_options(CLI::App& command, MessageOptions& options);

// What every command that talks to servers takes.
struct NetworkOptions {
    std::string endpoints;

    void apply() const;  // before the first request
};
void add_network_options(CLI::App& command, NetworkOptions& options);

void add_doctor(cli::Program& program);
void add_get(cli::Program& program);
void add_listen(cli::Program& program);
void add_parse(cli::Program& program);
void add_put(cli::Program& program);
void add_search(cli::Program& program);

}  // namespace hls::tool
