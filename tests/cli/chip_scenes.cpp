// SPDX-License-Identifier: Apache-2.0
// Makes fields and imagery for hls-chip: chip_scenes DIR writes DIR/fields.geojson and STAC items
// with full tiles of 30TVK, of which a strip holds data.
#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "geo/mgrs.hpp"
#include "geo/utm.hpp"
#include "io/raster.hpp"

namespace {

using namespace hls;
using std::filesystem::path;

constexpr int kTilePx = 10980;
// Pixels of 10 m of the tile that hold data.
constexpr int kFirst = 4096, kEnd = 5632;

std::uint32_t noise(int a, int b, std::uint32_t salt) {
    std::uint32_t h = static_cast<std::uint32_t>(a) * 2654435761U ^
                      static_cast<std::uint32_t>(b) * 2246822519U ^ salt * 3266489917U;
    h ^= h >> 15;
    return (h * 2654435761U) >> 12;
}

template <typename T>
void write_band(const path& file, int pixel_m, const std::function<T(int, int)>& value) {
    const auto tile = *geo::parse_mgrs_tile("30TVK");
    const auto corner = tile.upper_left_false_northing();
    const int size = kTilePx * 10 / pixel_m;
    io::Layer layer;
    layer.type = sizeof(T) == 1 ? io::PixelType::u8 : io::PixelType::u16;
    layer.nodata = 0;
    io::RasterOptions options;
    options.block = 1024;
    options.sparse = true;
    io::RasterWriter writer(
        file.string(),
        {size, size, corner.x_m, corner.y_m, static_cast<double>(pixel_m), tile.epsg()}, layer,
        options);
    const int from = kFirst * 10 / pixel_m, end = kEnd * 10 / pixel_m;
    Plane<T> row(1, size);
    for (int r = 0; r < size; ++r) {
        for (int c = from; c < end; ++c) row(0, c) = r >= from && r < end ? value(r, c) : T{0};
        writer.write_rows(r, View2D<const T>(row.view()));
    }
    writer.close();
}

struct Scene {
    std::string id, day, collection, baseline;
    std::string flag;  // of the removed offset; empty: not stated
    double cloud = 0;
    int offset = 0;            // in the pixels
    bool cloudy_west = false;  // SCL has clouds in the western half
};

// Value at the place of a 10 m pixel, so that bands of 20 m show the same field.
int surface(int row, int col, int band) {
    return 300 + 150 * band + static_cast<int>(noise(row / 16, col / 16, 7) % 900);
}

void write_scene(const path& folder, const Scene& scene) {
    const char* const bands[] = {"blue",     "green",    "red",   "nir",    "rededge1",
                                 "rededge2", "rededge3", "nir08", "swir16", "swir22"};
    std::filesystem::create_directories(folder / scene.id);
    std::string assets;
    for (int b = 0; b < 10; ++b) {
        const int pixel_m = b < 4 ? 10 : 20;
        write_band<std::uint16_t>(
            folder / scene.id / (std::string(bands[b]) + ".tif"), pixel_m, [&](int r, int c) {
                const int f = pixel_m / 10;
                return static_cast<std::uint16_t>(surface(r * f, c * f, b) + scene.offset);
            });
        assets += fmt::format("\"{}\":{{\"href\":\"{}/{}.tif\"}},", bands[b], scene.id, bands[b]);
    }
    write_band<std::uint8_t>(folder / scene.id / "scl.tif", 20, [&](int, int c) {
        return static_cast<std::uint8_t>(scene.cloudy_west && c < (kFirst + kEnd) / 4 ? 9 : 4);
    });
    assets += fmt::format("\"scl\":{{\"href\":\"{}/scl.tif\"}}", scene.id);
    const std::string flag =
        scene.flag.empty() ? "" : fmt::format(",\"earthsearch:boa_offset_applied\":{}", scene.flag);
    std::ofstream(folder / (scene.id + ".json")) << fmt::format(
        R"({{"type":"Feature","id":"{}","collection":"{}","bbox":[-4.2,40.5,-2.9,41.5],"geometry":{{"type":"Polygon","coordinates":[[[-4.2,40.5],[-2.9,40.5],[-2.9,41.5],[-4.2,41.5],[-4.2,40.5]]]}},"properties":{{"datetime":"{}T11:00:00Z","eo:cloud_cover":{},"s2:processing_baseline":"{}","grid:code":"MGRS-30TVK"{}}},"assets":{{{}}}}})",
        scene.id, scene.collection, scene.day, scene.cloud, scene.baseline, flag, assets);
}

// Fields of 24 x 20 pixels in a lattice, of which some are triangles, with a class of their own.
void write_fields(const path& file) {
    const auto tile = *geo::parse_mgrs_tile("30TVK");
    const auto corner = tile.upper_left_false_northing();
    const geo::Utm utm({tile.zone, false});
    const char* const codes[] = {"3303050000", "3303060000", "3303010200", "3303030100",
                                 "3301010101", "3301020600", "3301280000", "3301110000",
                                 "3301010600", "9999999999"};
    std::ofstream out(file);
    out << R"({"type":"FeatureCollection","name":"fields","features":[)";
    int number = 0;
    for (int r = kFirst + 140; r < kEnd - 160; r += 30)
        for (int c = kFirst + 140; c < kEnd - 160; c += 36, ++number) {
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
    if (argc != 2) {
        std::cerr << "usage: chip_scenes DIR\n";
        return 2;
    }
    const path folder = argv[1];
    std::filesystem::create_directories(folder);
    write_fields(folder / "fields.geojson");
    const path items = folder / "items";
    // Spring and summer, the older one in the layout that says nothing reliable of its offset.
    write_scene(items, {"S2A_30TVK_20230420_0_L2A", "2023-04-20", "sentinel-2-l2a", "05.09",
                        "false", 4, 1000, false});
    write_scene(items, {"S2B_T30TVK_20230712T110000_L2A", "2023-07-12", "sentinel-2-c1-l2a",
                        "05.09", "", 1, 1000, true});
    write_scene(items, {"S2A_T30TVK_20230801T110000_L2A", "2023-08-01", "sentinel-2-c1-l2a",
                        "05.09", "", 3, 1000, false});
    return 0;
} catch (const std::exception& error) {
    std::cerr << "chip_scenes: " << error.what() << '\n';
    return 1;
}
