// SPDX-License-Identifier: Apache-2.0
// hls-simulate: makes Level-1 granules whose truth is known, and judges corrections of them.
#include <fmt/format.h>

#include "cli/program.hpp"
#include "cli/work_options.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"
#include "core/time.hpp"
#include "simulate/exact_transfer.hpp"
#include "simulate/granule_picture.hpp"
#include "simulate/landsat_granule.hpp"
#include "simulate/truth_report.hpp"

namespace {

using namespace hls;

struct LandsatOptions {
    simulate::SceneRequest request;
    cli::WorkOptions work;
    std::string size, date, ancillary = "modis", picture, cloud_kind = "mixed", region;
    double sun_zenith = -1;
    bool no_pan = false, no_truth = false;
};

struct ReportOptions {
    std::string scene, truth;
    double max_bias = 0, max_rmse = 0, max_aot_rmse = 0;  // 0: no limit
};

void set_size(simulate::SceneRequest& request, const std::string& text) {
    const auto parts = split(text, 'x');
    const auto rows = to_int(parts.front());
    const auto cols = to_int(parts.back());
    if (parts.size() != 2 || !rows || !cols)
        throw Error{Exit::usage, fmt::format("--size {}: not ROWSxCOLS", text)};
    request.rows = static_cast<int>(*rows);
    request.cols = static_cast<int>(*cols);
}

void set_world(simulate::WorldRequest& world, const std::string& cloud_kind,
               const std::string& region) {
    using simulate::CloudKind;
    world.cloud_kind = cloud_kind == "thick"    ? CloudKind::thick
                       : cloud_kind == "broken" ? CloudKind::broken
                       : cloud_kind == "thin"   ? CloudKind::thin
                                                : CloudKind::mixed;
    if (region.empty()) return;
    std::vector<double> edges;
    for (const auto& part : split(region, ','))
        if (const auto value = to_double(part)) edges.push_back(*value);
    if (edges.size() != 4)
        throw Error{Exit::usage, fmt::format("--region {}: not WEST,SOUTH,EAST,NORTH", region)};
    world.region = simulate::MapBox{edges[0], edges[1], edges[2], edges[3]};
}

void add_place_and_time(CLI::App& command, LandsatOptions& options) {
    const std::string group = "Place, time and view";
    simulate::SceneRequest& r = options.request;
    command.add_option("--size", options.size, "Pixels of 30 m (default 600x600)")
        ->type_name("ROWSxCOLS")
        ->group(group);
    command.add_option("--satellite", r.satellite, "8 or 9")->capture_default_str()->group(group);
    command.add_option("--date", options.date, "UTC instant of the scene centre")
        ->default_str("2021-07-15T17:05:21Z")
        ->group(group);
    command.add_option("--wrs-path", r.wrs_path, "For names only")->group(group);
    command.add_option("--wrs-row", r.wrs_row, "For names only")->group(group);
    command.add_option("--utm-zone", r.utm_zone, "1..60, northern definition")
        ->capture_default_str()
        ->group(group);
    command.add_option("--ulx", r.ul_center_x_m, "Easting of the upper-left pixel's centre")
        ->capture_default_str()
        ->group(group);
    command.add_option("--uly", r.ul_center_y_m, "Its northing; negative in the south")
        ->capture_default_str()
        ->group(group);
    command
        .add_option("--scene-sun-zenith", options.sun_zenith,
                    "Degrees at the centre (default: from place and time)")
        ->group(group);
    command
        .add_option("--region", options.region,
                    "Metres of the zone; where the fractions hold (default: the scene)")
        ->type_name("WEST,SOUTH,EAST,NORTH")
        ->group(group);
    command
        .add_option("--track-offset", r.track_offset_m,
                    "Metres of the scene centre east of the ground track")
        ->capture_default_str()
        ->group(group);
}

void add_air_and_surface(CLI::App& command, LandsatOptions& options) {
    const std::string group = "Air and surface";
    simulate::SceneRequest& r = options.request;
    const auto number = [&](const char* name, auto& value, const char* text) {
        command.add_option(name, value, text)->capture_default_str()->group(group);
    };
    number("--seed", r.seed, "Another seed, another country");
    number("--aot", r.aot_mean, "Mean aerosol optical thickness at 550 nm");
    number("--aot-spread", r.aot_spread, "The field varies smoothly within mean +- spread");
    number("--water-vapour", r.air.water_vapour_g_cm2, "g/cm2");
    number("--ozone", r.air.ozone_cm_atm, "cm-atm");
    number("--elevation", r.air.elevation_m, "Metres; sets the pressure");
    number("--clouds", r.cloud_fraction, "Cloudy part of the scene");
    command.add_option("--cloud-kind", options.cloud_kind, "What the clouds are like")
        ->check(CLI::IsMember({"mixed", "thick", "broken", "thin"}))
        ->capture_default_str()
        ->group(group);
    number("--snow", r.snow_fraction, "Part of the scene under snow; makes it winter");
    number("--relief", r.relief_m, "Standard deviation of elevation in metres; 0 is flat");
    number("--water", r.water_fraction, "Part of the scene that is lakes and rivers");
    number("--ratio-scatter", r.ratio_scatter, "Relative departure from the band-ratio law");
    command.add_flag("--swath-edge", r.swath_edge, "Slanted borders with fill outside")
        ->group(group);
    command.add_flag("--sensor-noise", r.sensor_noise, "Add OLI's noise")->group(group);
}

void run_landsat(LandsatOptions& options, cli::Context& context) {
    simulate::SceneRequest& request = options.request;
    if (!options.size.empty()) set_size(request, options.size);
    if (!options.date.empty()) request.sensed = parse_utc(options.date);
    if (options.sun_zenith >= 0) request.sun_zenith_deg = options.sun_zenith;
    set_world(request, options.cloud_kind, options.region);
    request.pan = !options.no_pan;
    request.truth = !options.no_truth;

    simulate::SimulationOptions how;
    how.folder = options.work.output;
    how.threads = options.work.threads;
    how.if_exists = options.work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
    how.progress = context.progress(request.product_id());
    if (options.ancillary == "none")
        how.ancillary = std::nullopt;
    else
        how.ancillary =
            options.ancillary == "viirs" ? simulate::DayFile::viirs : simulate::DayFile::modis;
    const auto scene =
        simulate::simulate_landsat(request, simulate::exact_transfer(how.threads), how);
    if (!options.picture.empty())
        simulate::write_granule_picture(scene.granule, request.product_id(), options.picture);
    context.print(fmt::format(
        R"({{"granule":"{}","truth":"{}","ancillary":"{}","cloud_cover_percent":{:.2f}}})",
        scene.granule.string(), scene.truth.string(), scene.ancillary.string(),
        scene.cloud_cover_percent));
}

void run_report(const ReportOptions& options, cli::Context& context) {
    const auto report = simulate::compare_with_truth(options.scene, options.truth);
    context.print(simulate::report_table(report) + simulate::report_json(report));
    const auto check = [](const char* what, double value, double limit) {
        if (limit > 0 && value > limit)
            throw Error{Exit::failure,
                        fmt::format("{} is {:.4f}, more than {}", what, value, limit)};
    };
    check("reflectance bias", report.worst_bias(), options.max_bias);
    check("reflectance RMSE", report.worst_rmse(), options.max_rmse);
    check("AOT RMSE", report.aot.rmse, options.max_aot_rmse);
}

}  // namespace

int main(int argc, char** argv) {
    cli::Program program("hls-simulate", "Make Level-1 granules whose truth is known");

    LandsatOptions landsat;
    CLI::App& make = program.add_command("landsat", "Landsat 8/9 Collection 2 Level-1 product");
    program.require(make, cli::add_work_options(make, landsat.work, "Folder to write to"));
    add_place_and_time(make, landsat);
    add_air_and_surface(make, landsat);
    make.add_option("--ancillary", landsat.ancillary, "Kind of ozone and water vapour file")
        ->check(CLI::IsMember({"modis", "viirs", "none"}))
        ->capture_default_str();
    make.add_option("--browse", landsat.picture, "Write a picture here")->type_name("PNG");
    make.add_flag("--no-pan", landsat.no_pan, "Leave out band 8");
    make.add_flag("--no-truth", landsat.no_truth, "Leave out the truth rasters");
    program.on_run(make, [&](cli::Context& context) { run_landsat(landsat, context); });

    ReportOptions report;
    CLI::App& judge = program.add_command("report", "Compare an AC scene with its truth");
    program.require(judge, judge.add_option("scene", report.scene, "Folder of the AC scene"));
    program.require(judge, judge.add_option("truth", report.truth, "Folder of the truth"));
    judge.add_option("--max-bias", report.max_bias, "Exit 1 if a band's bias is larger");
    judge.add_option("--max-rmse", report.max_rmse, "Exit 1 if a band's RMSE is larger");
    judge.add_option("--max-aot-rmse", report.max_aot_rmse, "Exit 1 if that of AOT is larger");
    program.on_run(judge, [&](cli::Context& context) { run_report(report, context); });
    return program.run(argc, argv);
}
