// SPDX-License-Identifier: Apache-2.0
// hls-lasrc: Level-1 to surface reflectance of one granule, and the tables that this needs.
#include "hls-lasrc.hpp"

#include "geo/library_versions.hpp"
#include "io/library_versions.hpp"

using namespace hls;

int main(int argc, char** argv) {
    cli::Program program("hls-lasrc", "Level-1 to surface reflectance of one granule");
    declare_correction(program);
    declare_tables_command(program);
    program.on_version(io::library_versions);
    program.on_version(geo::library_versions);
    return program.run(argc, argv);
}
