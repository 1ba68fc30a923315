// SPDX-License-Identifier: Apache-2.0
// hls-simulate: makes Level-1 granules whose truth is known, and judges corrections of them.
#include <fmt/format.h>

#include <tuple>

#include "cli/program.hpp"
#include "cli/work_options.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"
#include "core/time.hpp"
#include "simulate/exact_transfer.hpp"
#include "simulate/granule_picture.hpp"
#include "simulate/landsat_granule.hpp"
#include "simulate/product_report.hpp"
#include "simulate/sentinel_granule.hpp"
#include "simulate/truth_report.hpp"

namespace {

using namespace hls;

// Options of the world whose values need reading.
struct WorldOptions {
    std::string date, cloud_kind = "mixed", region, ancillary = "modis";
    double sun_zenith = -1;
};

struct LandsatOptions {
    simulate::SceneRequest request;
    cli::WorkOptions work;
    WorldOptions world;
    std::string size, picture;
    bool no_pan = false, no_truth = false;
};

struct SentinelOptions {
    simulate::SentinelRequest request;
    cli::WorkOptions work;
    WorldOptions world;
    std::string size, baseline, layout = "safe", lost_packets;
    bool zip = false, twins = false, no_truth = false, no_tci = false;
};

struct AgreeOptions {
    std::string l30, s30, truth, landsat_truth, picture;
    double max_bias = 0, max_rmse = 0;  // 0: no limit
};

struct ReportOptions {
    std::string scene, truth;
    double max_bias = 0, max_rmse = 0, max_aot_rmse = 0;  // 0: no limit
};

std::pair<int, int> parse_size(const std::string& text) {
    const auto parts = split(text, 'x');
    const auto rows = to_int(parts.front());
    const auto cols = to_int(parts.back());
    if (parts.size() != 2 || !rows || !cols)
        throw Error{Exit::usage, fmt::format("--size {}: not ROWSxCOLS", text)};
    return {static_cast<int>(*rows), static_cast<int>(*cols)};
}

void read_world(const WorldOptions& options, simulate::WorldRequest& world) {
    using simulate::CloudKind;
    world.cloud_kind = options.cloud_kind == "thick"    ? CloudKind::thick
                       : options.cloud_kind == "broken" ? CloudKind::broken
                       : options.cloud_kind == "thin"   ? CloudKind::thin
                                                        : CloudKind::mixed;
    if (!options.date.empty()) world.sensed = parse_utc(options.date);
    if (options.sun_zenith >= 0) world.sun_zenith_deg = options.sun_zenith;
    if (options.region.empty()) return;
    std::vector<double> edges;
    for (const auto& part : split(options.region, ','))
        if (const auto value = to_double(part)) edges.push_back(*value);
    if (edges.size() != 4)
        throw Error{Exit::usage,
                    fmt::format("--region {}: not WEST,SOUTH,EAST,NORTH", options.region)};
    world.region = simulate::MapBox{edges[0], edges[1], edges[2], edges[3]};
}

simulate::SimulationOptions how_to(const cli::WorkOptions& work, const WorldOptions& world,
                                   cli::Context& context, const std::string& unit) {
    simulate::SimulationOptions how;
    how.folder = work.output;
    how.threads = work.threads;
    how.if_exists = work.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
    how.progress = context.progress(unit);
    how.ancillary = std::nullopt;
    if (world.ancillary == "modis") how.ancillary = simulate::DayFile::modis;
    if (world.ancillary == "viirs") how.ancillary = simulate::DayFile::viirs;
    return how;
}

void add_world(CLI::App& command, simulate::WorldRequest& world, WorldOptions& options) {
    const std::string group = "World";
    const auto number = [&](const char* name, auto& value, const char* text) {
        command.add_option(name, value, text)->capture_default_str()->group(group);
    };
    command.add_option("--date", options.date, "UTC instant the sensor starts or the scene centre")
        ->default_str(format_utc(world.sensed))
        ->group(group);
    command
        .add_option("--scene-sun-zenith", options.sun_zenith,
                    "Degrees at the centre (default: from place and time)")
        ->group(group);
    number("--utm-zone", world.utm_zone, "1..60, northern definition");
    number("--seed", world.seed, "Another seed, another country");
    number("--aot", world.aot_mean, "Mean aerosol optical thickness at 550 nm");
    number("--aot-spread", world.aot_spread, "The field varies smoothly within mean +- spread");
    number("--water-vapour", world.air.water_vapour_g_cm2, "g/cm2");
    number("--ozone", world.air.ozone_cm_atm, "cm-atm");
    number("--elevation", world.air.elevation_m, "Metres; sets the pressure");
    number("--relief", world.relief_m, "Standard deviation of elevation in metres; 0 is flat");
    number("--clouds", world.cloud_fraction, "Cloudy part");
    command.add_option("--cloud-kind", options.cloud_kind, "What the clouds are like")
        ->check(CLI::IsMember({"mixed", "thick", "broken", "thin"}))
        ->capture_default_str()
        ->group(group);
    number("--water", world.water_fraction, "Part that is lakes and rivers");
    number("--snow", world.snow_fraction, "Part under snow; makes it winter");
    number("--ratio-scatter", world.ratio_scatter, "Relative departure from the band-ratio law");
    number("--softness", world.softness_m, "Standard deviation in metres of how fields end");
    command
        .add_option("--region", options.region,
                    "Metres of the zone; where the fractions hold (default: the scene)")
        ->type_name("WEST,SOUTH,EAST,NORTH")
        ->group(group);
    command.add_option("--ancillary", options.ancillary, "Kind of ozone and water vapour file")
        ->check(CLI::IsMember({"modis", "viirs", "none"}))
        ->capture_default_str()
        ->group(group);
}

void add_landsat(CLI::App& command, LandsatOptions& options) {
    simulate::SceneRequest& r = options.request;
    command.add_option("--size", options.size, "Pixels of 30 m (default 600x600)")
        ->type_name("ROWSxCOLS");
    command.add_option("--satellite", r.satellite, "8 or 9")->capture_default_str();
    command.add_option("--wrs-path", r.wrs_path, "For names only");
    command.add_option("--wrs-row", r.wrs_row, "For names only");
    command.add_option("--ulx", r.ul_center_x_m, "Easting of the upper-left pixel's centre")
        ->capture_default_str();
    command.add_option("--uly", r.ul_center_y_m, "Its northing; negative in the south")
        ->capture_default_str();
    command
        .add_option("--track-offset", r.track_offset_m,
                    "Metres of the scene centre east of the ground track")
        ->capture_default_str();
    command.add_option("--brdf-tile", r.brdf_tile,
                       "Let reflectance depend on sun and view as HLS assumes, and take the "
                       "landscape for what it is under this tile's normalised sun");
    command.add_flag("--swath-edge", r.swath_edge, "Slanted borders with fill outside");
    command.add_flag("--sensor-noise", r.sensor_noise, "Add OLI's noise");
    command.add_option("--browse", options.picture, "Write a picture here")->type_name("PNG");
    command.add_flag("--no-pan", options.no_pan, "Leave out band 8");
    command.add_flag("--no-truth", options.no_truth, "Leave out the truth rasters");
}

void run_landsat(LandsatOptions& options, cli::Context& context) {
    simulate::SceneRequest& request = options.request;
    if (!options.size.empty()) std::tie(request.rows, request.cols) = parse_size(options.size);
    read_world(options.world, request);
    request.pan = !options.no_pan;
    request.truth = !options.no_truth;
    const auto how = how_to(options.work, options.world, context, request.product_id());
    const auto scene =
        simulate::simulate_landsat(request, simulate::exact_transfer(how.threads), how);
    if (!options.picture.empty())
        simulate::write_granule_picture(scene.granule, request.product_id(), options.picture);
    context.print(fmt::format(
        R"({{"granule":"{}","truth":"{}","ancillary":"{}","cloud_cover_percent":{:.2f}}})",
        scene.granule.string(), scene.truth.string(), scene.ancillary.string(),
        scene.cloud_cover_percent));
}

void add_sentinel(CLI::App& command, SentinelOptions& options) {
    simulate::SentinelRequest& r = options.request;
    command
        .add_option("--size", options.size, "Pixels of 10 m from the tile's corner, multiples of 6")
        ->type_name("ROWSxCOLS")
        ->default_str("10980x10980");
    command.add_option("--tile", r.tile, "MGRS tile")->capture_default_str();
    command.add_option("--satellite", r.satellite, "S2A, S2B or S2C")->capture_default_str();
    command.add_option("--baseline", options.baseline, "Before 04.00: no offset, GML masks")
        ->default_str("05.11");
    command.add_option("--orbit", r.relative_orbit, "1..143, for names")->capture_default_str();
    command
        .add_option("--track-offset", r.track_offset_m,
                    "Metres of the raster's centre east of the ground track; the swath ends at "
                    "145 km")
        ->capture_default_str();
    command.add_flag("--lambertian", r.lambertian, "Reflectance does not depend on sun and view");
    command.add_flag("--sensor-noise", r.sensor_noise, "Add noise");
    command.add_option("--lost-packets", options.lost_packets, "Lose packets of this band, as B04");
    command.add_flag("--twins", options.twins, "Two products of one pass, with a datastrip each");
    command.add_option("--strip-overlap", r.strip_overlap_m, "Metres that both twins see")
        ->capture_default_str();
    command.add_option("--layout", options.layout, "How the files lie")
        ->check(CLI::IsMember({"safe", "aws"}))
        ->capture_default_str();
    command.add_flag("--zip", options.zip, "A zip archive of the SAFE folder");
    command.add_flag("--no-tci", options.no_tci, "Leave out the true colour image");
    command.add_flag("--no-truth", options.no_truth, "Leave out the truth rasters");
}

void run_sentinel(SentinelOptions& options, cli::Context& context) {
    using namespace simulate;
    SentinelRequest& request = options.request;
    if (!options.size.empty()) std::tie(request.rows, request.cols) = parse_size(options.size);
    read_world(options.world, request);
    request.utm_zone = request.mgrs().zone;
    request.truth = !options.no_truth;
    request.true_colour = !options.no_tci;
    if (!options.baseline.empty()) {
        const auto baseline = granule::parse_sentinel2_baseline(options.baseline);
        if (!baseline)
            throw Error{Exit::usage,
                        fmt::format("--baseline {}: not like 05.11", options.baseline)};
        request.baseline = *baseline;
    }
    if (!options.lost_packets.empty()) {
        const auto band = granule::sentinel2_band_index(options.lost_packets);
        if (!band)
            throw Error{Exit::usage,
                        fmt::format("--lost-packets {}: no band", options.lost_packets)};
        request.lost_band = *band;
    }
    std::vector<SentinelRequest> requests{request};
    if (options.twins) {
        requests.push_back(request);
        requests.front().datastrip = Datastrip::northern;
        requests.back().datastrip = Datastrip::southern;
    }
    const SentinelPackage package = options.zip               ? SentinelPackage::zip
                                    : options.layout == "aws" ? SentinelPackage::aws
                                                              : SentinelPackage::safe;
    const auto how = how_to(options.work, options.world, context, requests.front().product_id());
    const auto made = simulate_sentinel(requests, package, exact_transfer(how.threads), how);
    for (const SimulatedGranule& granule : made.granules)
        context.print(fmt::format(
            R"({{"granule":"{}","product_id":"{}","truth":"{}","ancillary":"{}","cloud_cover_percent":{:.2f}}})",
            granule.granule.string(), granule.product_id, made.truth.string(),
            made.ancillary.string(), granule.cloud_percent));
}

void check_limit(const char* what, double value, double limit) {
    if (limit > 0 && value > limit)
        throw Error{Exit::failure, fmt::format("{} is {:.4f}, more than {}", what, value, limit)};
}

// HLS products have folders that say so.
bool is_product(const std::string& folder) {
    const std::filesystem::path path(folder);
    const auto name = path.has_filename() ? path.filename() : path.parent_path().filename();
    return name.string().starts_with("HLS.");
}

void run_report(const ReportOptions& options, cli::Context& context) {
    if (is_product(options.scene)) {
        const auto report = simulate::compare_product_with_truth(options.scene, options.truth);
        context.print(simulate::report_table(report) + simulate::report_json(report));
        check_limit("reflectance bias", report.worst_bias(), options.max_bias);
        check_limit("reflectance RMSE", report.worst_rmse(), options.max_rmse);
        return;
    }
    const auto report = simulate::compare_with_truth(options.scene, options.truth);
    context.print(simulate::report_table(report) + simulate::report_json(report));
    check_limit("reflectance bias", report.worst_bias(), options.max_bias);
    check_limit("reflectance RMSE", report.worst_rmse(), options.max_rmse);
    check_limit("AOT RMSE", report.aot.rmse, options.max_aot_rmse);
}

void run_agree(const AgreeOptions& options, cli::Context& context) {
    std::optional<std::filesystem::path> truth, landsat_truth;
    if (!options.truth.empty()) truth = options.truth;
    if (!options.landsat_truth.empty()) landsat_truth = options.landsat_truth;
    const auto report = simulate::compare_products(options.l30, options.s30, truth, landsat_truth);
    context.print(simulate::report_table(report) + simulate::report_json(report));
    if (!options.picture.empty())
        simulate::write_product_picture(options.l30, options.s30, options.picture);
    check_limit("bias", report.worst_bias(), options.max_bias);
    check_limit("RMSE", report.worst_rmse(), options.max_rmse);
}

}  // namespace

int main(int argc, char** argv) {
    cli::Program program("hls-simulate", "Make Level-1 granules whose truth is known");

    LandsatOptions landsat;
    CLI::App& make = program.add_command("landsat", "Landsat 8/9 Collection 2 Level-1 product");
    program.require(make, cli::add_work_options(make, landsat.work, "Folder to write to"));
    add_landsat(make, landsat);
    add_world(make, landsat.request, landsat.world);
    program.on_run(make, [&](cli::Context& context) { run_landsat(landsat, context); });

    SentinelOptions sentinel;
    CLI::App& make2 = program.add_command("sentinel2", "Sentinel-2 Level-1C product");
    program.require(make2, cli::add_work_options(make2, sentinel.work, "Folder to write to"));
    add_sentinel(make2, sentinel);
    add_world(make2, sentinel.request, sentinel.world);
    program.on_run(make2, [&](cli::Context& context) { run_sentinel(sentinel, context); });

    ReportOptions report;
    CLI::App& judge =
        program.add_command("report", "Compare an AC scene or HLS product with its truth");
    program.require(judge, judge.add_option("scene", report.scene, "Its folder"));
    program.require(judge, judge.add_option("truth", report.truth, "Folder of the truth"));
    judge.add_option("--max-bias", report.max_bias, "Exit 1 if a band's bias is larger");
    judge.add_option("--max-rmse", report.max_rmse, "Exit 1 if a band's RMSE is larger");
    judge.add_option("--max-aot-rmse", report.max_aot_rmse, "Exit 1 if that of AOT is larger");
    program.on_run(judge, [&](cli::Context& context) { run_report(report, context); });

    AgreeOptions agree;
    CLI::App& pair = program.add_command("agree", "Compare an L30 with an S30 of the same tile");
    program.require(pair, pair.add_option("l30", agree.l30, "Folder of the L30 product"));
    program.require(pair, pair.add_option("s30", agree.s30, "Folder of the S30 product"));
    pair.add_option("--truth", agree.truth,
                    "Truth of the Sentinel-2 granule, which says where land is clear (default: "
                    "both Fmasks do)");
    pair.add_option("--landsat-truth", agree.landsat_truth,
                    "Truth of the Landsat scene, which takes away what is not clear in it");
    pair.add_option("--browse", agree.picture, "Write both and their difference here")
        ->type_name("PNG");
    pair.add_option("--max-bias", agree.max_bias, "Exit 1 if a band's bias is larger");
    pair.add_option("--max-rmse", agree.max_rmse, "Exit 1 if a band's RMSE is larger");
    program.on_run(pair, [&](cli::Context& context) { run_agree(agree, context); });
    return program.run(argc, argv);
}
