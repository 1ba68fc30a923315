// SPDX-License-Identifier: Apache-2.0
// hls-chip classes and inspect: what a class map says, what a layer of parcels holds.
#include <fmt/format.h>

#include <map>
#include <memory>
#include <vector>

#include "chip/plan.hpp"
#include "core/error.hpp"
#include "core/escape.hpp"
#include "hls-chip.hpp"

namespace {

using namespace hls;

struct ClassesOptions {
    std::string map = "eurocrops8";
    std::vector<std::string> codes;
};

void answer_classes(const ClassesOptions& options, cli::Context& context) {
    const auto [map, csv] = load_class_map(options.map);
    if (options.codes.empty()) {
        for (const auto& [code, klass] : map.by_code)
            context.print(fmt::format("{}\t{}", code, klass));
        return;
    }
    for (const std::string& text : options.codes) {
        const auto klass = map.find(chip::normal_code(text).value_or(""), text);
        if (!klass)
            throw Error{Exit::bad_input,
                        fmt::format("{} has no code or name {}", options.map, text)};
        context.print(fmt::format("{}\t{}", text, *klass));
    }
}

std::string counts_json(const auto& counts) {
    std::string json;
    for (const auto& [key, count] : counts)
        json += fmt::format("{}\"{}\":{}", json.empty() ? "" : ",",
                            json_escape(fmt::format("{}", key)), count);
    return "{" + json + "}";
}

void inspect(const ParcelOptions& options, cli::Context& context) {
    const auto [map, csv] = load_class_map(options.class_map);
    io::PolygonLayer layer(options.layer);
    std::map<int, std::int64_t> classes;
    std::map<std::string, std::int64_t> unmapped, geometries;
    io::PolygonFeature feature;
    constexpr const char* kGeometry[] = {"sound", "repaired", "absent", "not_polygonal", "outside"};
    while (layer.next(feature)) {
        chip::Unfit why = chip::Unfit::none;
        const auto klass = chip::class_of(feature, map, options.climb, why);
        if (klass)
            ++classes[*klass];
        else
            ++unmapped[feature.code];
        ++geometries[kGeometry[static_cast<int>(feature.geometry)]];
    }
    const auto& info = layer.info();
    std::string columns;
    for (const auto& column : info.columns)
        columns += fmt::format("{}\"{}\"", columns.empty() ? "" : ",", json_escape(column));
    context.print(fmt::format(
        R"({{"layer":"{}","crs":"{}","features":{},"spatial_index":{},"bbox":[{:.6f},{:.6f},{:.6f},{:.6f}],"columns":[{}],"classes":{},"unmapped":{},"geometries":{}}})",
        json_escape(info.layer), json_escape(info.crs), info.features, info.spatial_index,
        info.west_deg, info.south_deg, info.east_deg, info.north_deg, columns, counts_json(classes),
        counts_json(unmapped), counts_json(geometries)));
}

}  // namespace

void declare_classes(cli::Program& program) {
    const auto options = std::make_shared<ClassesOptions>();
    CLI::App& app = program.add_command("classes", "Print a class map, or look codes up");
    app.add_option("CODE", options->codes, "Crop codes or names");
    app.add_option("--class-map", options->map, "CSV, or one of eurocrops8, eurocrops8-lenient")
        ->capture_default_str();
    program.on_run(app, [options](cli::Context& context) { answer_classes(*options, context); });
}

void declare_inspect(cli::Program& program) {
    const auto options = std::make_shared<ParcelOptions>();
    CLI::App& app = program.add_command("inspect", "What a layer of parcels holds, as JSON");
    add_parcel_options(program, app, *options);
    program.on_run(app, [options](cli::Context& context) { inspect(*options, context); });
}
