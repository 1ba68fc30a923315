// SPDX-License-Identifier: Apache-2.0
// Makes fields and imagery for hls-chip: chip_scenes DIR writes DIR/fields.geojson and STAC items
// with full tiles of 30TVK, of which a square holds data. chip_scenes DIR PIXELS makes the square
// so wide and as grainy as real imagery, for measurements.
#include <fmt/format.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "geo/mgrs.hpp"
#include "geo/utm.hpp"

namespace {

using namespace hls;
using std::filesystem::path;

constexpr int kTilePx = 10980;

// Pixels of 10 m of the tile that hold data.
struct World {
    int first = 4096, end = 5632;
    bool grainy = false;
};

std::uint32_t noise(int a, int b, std::uint32_t salt) {
    std::uint32_t h = static_cast<std::uint32_t>(a) * 2654435761U ^
                      static_cast<std::uint32_t>(b) * 2246822519U ^ salt * 3266489917U;
    h ^= h >> 15;
    return (h * 2654435761U) >> 12;
}

// A full tile, of which only the blocks with data are stored.
template <typename T>
void write_band(const path& file, const World& world, int pixel_m, int nodata,
                const std::function<T(int, int)>& value) {
    const auto tile = *geo::parse_mgrs_tile("30TVK");
    const auto corner = tile.upper_left_false_northing();
    const int size = kTilePx * 10 / pixel_m;
    const int from = world.first * 10 / pixel_m, count = (world.end - world.first) * 10 / pixel_m;
    const auto type = sizeof(T) == 1 ? GDT_Byte : std::is_signed_v<T> ? GDT_Int16 : GDT_UInt16;
    const char* const options[] = {
        "TILED=YES",   "BLOCKXSIZE=1024", "BLOCKYSIZE=1024", "COMPRESS=DEFLATE",
        "PREDICTOR=2", "SPARSE_OK=TRUE",  "ZLEVEL=1",        nullptr};
    GDALDatasetH dataset = GDALCreate(GDALGetDriverByName("GTiff"), file.c_str(), size, size, 1,
                                      type, const_cast<char**>(options));
    double transform[] = {corner.x_m, double(pixel_m), 0, corner.y_m, 0, -double(pixel_m)};
    GDALSetGeoTransform(dataset, transform);
    OGRSpatialReferenceH reference = OSRNewSpatialReference(nullptr);
    OSRImportFromEPSG(reference, tile.epsg());
    GDALSetSpatialRef(dataset, reference);
    OSRDestroySpatialReference(reference);
    GDALRasterBandH band = GDALGetRasterBand(dataset, 1);
    GDALSetRasterNoDataValue(band, nodata);
    std::vector<T> pixels;
    for (int r = 0; r < count; ++r)
        for (int c = 0; c < count; ++c) pixels.push_back(value(from + r, from + c));
    if (GDALRasterIO(band, GF_Write, from, from, count, count, pixels.data(), count, count, type, 0,
                     0) != CE_None)
        throw std::runtime_error("cannot write " + file.string());
    GDALClose(dataset);
}

struct Scene {
    std::string id, day, collection, baseline;
    std::string flag;  // of the removed offset; empty: not stated
    double cloud = 0;
    int offset = 0;            // in the pixels
    bool cloudy_west = false;  // SCL has clouds in the western half
};

// Value at the place of a 10 m pixel, so that bands of 20 m show the same field.
int surface(const World& world, int row, int col, int band) {
    const int field = 300 + 150 * band + static_cast<int>(noise(row / 16, col / 16, 7) % 900);
    const auto salt = static_cast<std::uint32_t>(band) + 11;
    return world.grainy ? field + static_cast<int>(noise(row, col, salt) % 1500) : field;
}

void write_scene(const path& folder, const World& world, const Scene& scene) {
    const char* const bands[] = {"blue",     "green",    "red",   "nir",    "rededge1",
                                 "rededge2", "rededge3", "nir08", "swir16", "swir22"};
    std::filesystem::create_directories(folder / scene.id);
    std::string assets;
    for (int b = 0; b < 10; ++b) {
        const int pixel_m = b < 4 ? 10 : 20;
        write_band<std::uint16_t>(
            folder / scene.id / (std::string(bands[b]) + ".tif"), world, pixel_m, 0,
            [&](int r, int c) {
                const int f = pixel_m / 10;
                return static_cast<std::uint16_t>(surface(world, r * f, c * f, b) + scene.offset);
            });
        assets += fmt::format("\"{}\":{{\"href\":\"{}/{}.tif\"}},", bands[b], scene.id, bands[b]);
    }
    write_band<std::uint8_t>(folder / scene.id / "scl.tif", world, 20, 0, [&](int, int c) {
        return static_cast<std::uint8_t>(
            scene.cloudy_west && c < (world.first + world.end) / 4 ? 9 : 4);
    });
    assets += fmt::format("\"scl\":{{\"href\":\"{}/scl.tif\"}}", scene.id);
    const std::string flag =
        scene.flag.empty() ? "" : fmt::format(",\"earthsearch:boa_offset_applied\":{}", scene.flag);
    std::ofstream(folder / (scene.id + ".json")) << fmt::format(
        R"({{"type":"Feature","id":"{}","collection":"{}","bbox":[-4.2,40.5,-2.9,41.5],"geometry":{{"type":"Polygon","coordinates":[[[-4.2,40.5],[-2.9,40.5],[-2.9,41.5],[-4.2,41.5],[-4.2,40.5]]]}},"properties":{{"datetime":"{}T11:00:00Z","eo:cloud_cover":{},"s2:processing_baseline":"{}","grid:code":"MGRS-30TVK"{}}},"assets":{{{}}}}})",
        scene.id, scene.collection, scene.day, scene.cloud, scene.baseline, flag, assets);
}

// A product of one of the two sensors, which name their bands differently.
void write_hls(const path& folder, const World& world, const std::string& id,
               const std::vector<std::string>& keys, const std::string& day) {
    std::filesystem::create_directories(folder / id);
    std::string assets;
    const int common[] = {0, 1, 2, 7, 8, 9};  // of the ten bands of Sentinel-2
    for (std::size_t b = 0; b < keys.size(); ++b) {
        write_band<std::int16_t>(
            folder / id / (keys[b] + ".tif"), world, 30, -9999, [&](int r, int c) {
                return static_cast<std::int16_t>(surface(world, r * 3, c * 3, common[b]) - 200);
            });
        assets += fmt::format("\"{0}\":{{\"href\":\"{1}/{0}.tif\"}},", keys[b], id);
    }
    // The sensors see one half each.
    const int half = (world.first + world.end) / 6;
    const bool east = id.find("S30") != id.npos;
    write_band<std::uint8_t>(folder / id / "Fmask.tif", world, 30, 255, [&](int, int c) {
        return static_cast<std::uint8_t>((c > half) == east ? 64 : 2);
    });
    assets += fmt::format("\"Fmask\":{{\"href\":\"{}/Fmask.tif\"}}", id);
    std::ofstream(folder / (id + ".json")) << fmt::format(
        R"({{"type":"Feature","id":"{}","collection":"HLS{}_2.0","bbox":[-4.2,40.5,-2.9,41.5],"geometry":{{"type":"Polygon","coordinates":[[[-4.2,40.5],[-2.9,40.5],[-2.9,41.5],[-4.2,41.5],[-4.2,40.5]]]}},"properties":{{"datetime":"{}T11:00:00Z","eo:cloud_cover":5}},"assets":{{{}}}}})",
        id, east ? "S30" : "L30", day, assets);
}

// Fields of 24 x 20 pixels in a lattice, of which some are triangles, with a class of their own.
void write_fields(const path& file, const World& world) {
    const auto tile = *geo::parse_mgrs_tile("30TVK");
    const auto corner = tile.upper_left_false_northing();
    const geo::Utm utm({tile.zone, false});
    const char* const codes[] = {"3303050000", "3303060000", "3303010200", "3303030100",
                                 "3301010101", "3301020600", "3301280000", "3301110000",
                                 "3301010600", "9999999999"};
    std::ofstream out(file);
    out << R"({"type":"FeatureCollection","name":"fields","features":[)";
    int number = 0;
    for (int r = world.first + 140; r < world.end - 160; r += 30)
        for (int c = world.first + 140; c < world.end - 160; c += 36, ++number) {
            const bool triangle = noise(r, c, 3) % 5 == 0;
            std::string ring;
            const double x[] = {0, 24, 24, 0}, y[] = {0, 0, 20, 20};
            for (int i = 0; i <= 4; ++i) {
                if (triangle && i == 2) continue;
                const auto place = utm.inverse(
                    {corner.x_m + 10 * (c + x[i % 4]), corner.y_m - 10 * (r + y[i % 4])});
                ring += fmt::format("{}[{:.9f},{:.9f}]", ring.empty() ? "" : ",", place.lon_deg,
                                    place.lat_deg);
            }
            out << fmt::format(
                R"({}{{"type":"Feature","properties":{{"parcel":"f{}","EC_hcat_c":"{}","EC_hcat_n":""}},"geometry":{{"type":"Polygon","coordinates":[[{}]]}}}})",
                number == 0 ? "" : ",\n", number, codes[noise(r, c, 5) % 10], ring);
        }
    out << "]}\n";
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 2 && argc != 3) {
        std::cerr << "usage: chip_scenes DIR [PIXELS]\n";
        return 2;
    }
    World world;
    if (argc == 3) world = {4096, 4096 + std::stoi(argv[2]), true};
    GDALAllRegister();
    const path folder = argv[1];
    std::filesystem::create_directories(folder);
    write_fields(folder / "fields.geojson", world);
    const path items = folder / "items";
    // Spring and summer, the older one in the layout that says nothing reliable of its offset.
    write_scene(items, world,
                {"S2A_30TVK_20230420_0_L2A", "2023-04-20", "sentinel-2-l2a", "05.09", "false", 4,
                 1000, false});
    write_scene(items, world,
                {"S2B_T30TVK_20230712T110000_L2A", "2023-07-12", "sentinel-2-c1-l2a", "05.09", "",
                 1, 1000, true});
    write_scene(items, world,
                {"S2A_T30TVK_20230801T110000_L2A", "2023-08-01", "sentinel-2-c1-l2a", "05.09", "",
                 3, 1000, false});
    if (world.grainy) return 0;
    write_hls(items, world, "HLS.S30.T30TVK.2023201T110621.v2.0",
              {"B02", "B03", "B04", "B8A", "B11", "B12"}, "2023-07-20");
    write_hls(items, world, "HLS.L30.T30TVK.2023206T105212.v2.0",
              {"B02", "B03", "B04", "B05", "B06", "B07"}, "2023-07-25");
    return 0;
} catch (const std::exception& error) {
    std::cerr << "chip_scenes: " << error.what() << '\n';
    return 1;
}
