// SPDX-License-Identifier: Apache-2.0
// The commands of hls-chip, a file each.
#pragma once

#include <string>

#include "chip/class_map.hpp"
#include "chip/imagery_table.hpp"
#include "cli/program.hpp"
#include "io/polygon_layer.hpp"

// Which parcels, for every command that opens them.
struct ParcelOptions {
    hls::io::PolygonLayerOptions layer;
    std::string class_map;  // file, "eurocrops8" or "eurocrops8-lenient"
    bool climb = false;
};
void add_parcel_options(hls::cli::Program& program, CLI::App& app, ParcelOptions& options);

struct NamedClassMap {
    hls::chip::ClassMap map;
    std::string csv;
};
NamedClassMap load_class_map(const std::string& name);
hls::chip::ImageryTable load_imagery_table(const std::string& file);

void declare_classes(hls::cli::Program& program);
void declare_inspect(hls::cli::Program& program);
void declare_plan(hls::cli::Program& program);
void declare_run(hls::cli::Program& program);
void declare_status(hls::cli::Program& program);
void declare_verify(hls::cli::Program& program);
