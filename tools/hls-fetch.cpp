// SPDX-License-Identifier: Apache-2.0
// hls-fetch: finds granules in catalogues and messages, and brings them here whole and verified.
#include "hls-fetch.hpp"

#include "net/endpoints.hpp"

namespace hls::tool {

void NetworkOptions::apply() const {
    if (!endpoints.empty()) net::load_endpoint_file(endpoints);
}

void add_network_options(CLI::App& command, NetworkOptions& options) {
    command.add_option("--endpoints", options.endpoints,
                       "JSON file of addresses that replace those built in");
}

}  // namespace hls::tool

int main(int argc, char** argv) {
    hls::cli::Program program("hls-fetch", "Find granules and bring them here, verified");
    hls::tool::add_doctor(program);
    hls::tool::add_get(program);
    hls::tool::add_listen(program);
    hls::tool::add_parse(program);
    hls::tool::add_put(program);
    hls::tool::add_search(program);
    return program.run(argc, argv);
}
