// SPDX-License-Identifier: Apache-2.0
// hls-fetch: finds granules in catalogues and messages, and brings them here whole and verified.
#include "hls-fetch.hpp"

int main(int argc, char** argv) {
    hls::cli::Program program("hls-fetch", "Find granules and bring them here, verified");
    hls::tool::add_get(program);
    hls::tool::add_parse(program);
    hls::tool::add_put(program);
    hls::tool::add_search(program);
    return program.run(argc, argv);
}
