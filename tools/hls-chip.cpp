// SPDX-License-Identifier: Apache-2.0
// hls-chip: parcels and imagery to training chips.
#include "hls-chip.hpp"

#include "chip/shipped.hpp"
#include "fs/read_text.hpp"
#include "io/library_versions.hpp"

namespace {

constexpr std::size_t kMaxTableBytes = 16 << 20;

}  // namespace

using namespace hls;

void add_parcel_options(cli::Program& program, CLI::App& app, ParcelOptions& options) {
    auto& layer = options.layer;
    layer.columns = {"", "EC_hcat_c", "EC_hcat_n"};
    options.class_map = "eurocrops8";
    program.require(app, app.add_option("--gpkg", layer.path, "Parcels: GeoPackage or Shapefile"));
    app.add_option("--layer", layer.layer, "Layer; needed where there are several");
    app.add_option("--where", layer.where, "Only features that meet this SQL condition");
    app.add_option("--code-column", layer.columns.code, "Crop code")->capture_default_str();
    app.add_option("--name-column", layer.columns.name, "Crop name; empty: none")
        ->capture_default_str();
    app.add_option("--id-column", layer.columns.id, "What tells parcels apart; default the number");
    app.add_option("--assume-crs", layer.assume_crs, "Projection of a layer that does not say");
    app.add_option("--class-map", options.class_map,
                   "CSV, or one of eurocrops8, eurocrops8-lenient")
        ->capture_default_str();
    app.add_flag("--class-map-climb", options.climb, "Unlisted codes take their parent's class");
}

NamedClassMap load_class_map(const std::string& name) {
    std::string csv;
    if (name == "eurocrops8")
        csv = chip::shipped_class_map();
    else if (name == "eurocrops8-lenient")
        csv = chip::shipped_lenient_class_map();
    else
        csv = fs::read_text(name, kMaxTableBytes);
    return {chip::parse_class_map(csv, name), csv};
}

chip::ImageryTable load_imagery_table(const std::string& file) {
    if (file.empty()) return chip::parse_imagery_table(chip::shipped_imagery(), "imagery.json");
    return chip::parse_imagery_table(fs::read_text(file, kMaxTableBytes), file);
}

int main(int argc, char** argv) {
    cli::Program program("hls-chip", "Parcels and imagery to a training set of chips");
    declare_classes(program);
    declare_inspect(program);
    declare_pack(program);
    declare_plan(program);
    declare_report(program);
    declare_run(program);
    declare_status(program);
    declare_topics(program);
    declare_verify(program);
    program.on_version(io::library_versions);
    program.on_version([]() -> cli::LibraryVersions {
        if (chip::kafka_version().empty()) return {};
        return {{"librdkafka", chip::kafka_version()}};
    });
    return program.run(argc, argv);
}
