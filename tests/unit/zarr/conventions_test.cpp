// SPDX-License-Identifier: Apache-2.0
// CF stores as xarray, GDAL and netCDF see them; conventions of version 3; inspect and verify.
#include "zarr/conventions.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "core/error.hpp"
#include "io/crs.hpp"
#include "temporary_folder.hpp"
#include "zarr/hierarchy.hpp"
#include "zarr/inspect.hpp"
#include "zarr/local_store.hpp"

namespace hls::zarr {
namespace {

const GeoGrid kGrid{"EPSG:32610", {500000, 30, 0, 4200000, 0, -30}, 100, 90, "y", "x"};

template <typename T>
void write(ObjectStore& store, Hierarchy& hierarchy, const std::string& name,
           ArrayMetadata metadata, const std::vector<T>& values) {
    const Array array(name, metadata);
    write_region(
        store, array, array.whole(),
        {std::as_bytes(std::span(values)).data(), dense_strides(metadata.shape, sizeof(T))}, 1,
        EmptyChunks::write);
    hierarchy.nodes.insert_or_assign(name, std::move(metadata));
}

std::vector<std::int16_t> red_values() {
    std::vector<std::int16_t> red(3 * 100 * 90);
    for (std::size_t i = 0; i < red.size(); ++i)
        red[i] = i % 7 == 0 ? std::int16_t{-9999} : static_cast<std::int16_t>(i % 9000);
    return red;
}

// A small HLS-like cube.
//
// Plain: for netCDF 4.9 as Debian builds it, which opens no array with a chunk longer than itself
// and returns compressed chunks as they are, whoever wrote them.
enum class Layout { usual, plain };
Hierarchy write_cube(ObjectStore& store, int format, Layout layout = Layout::usual) {
    Hierarchy hierarchy{format, {{"", GroupMetadata{format, {{"title", "Café 30 °C"}}}}}, true};
    const auto grid = grid_arrays(kGrid, format);
    write<std::int32_t>(store, hierarchy, "spatial_ref", grid.spatial_ref, {0});
    write(store, hierarchy, "y", grid.y, cell_centres_y(kGrid));
    write(store, hierarchy, "x", grid.x, cell_centres_x(kGrid));

    ArrayMetadata red = grid.y;
    red.type = kInt16;
    red.shape = {3, 100, 90};
    red.chunk_shape = {1, 64, 64};
    red.fill = element_from_double(kInt16, -9999);
    red.codecs = {BytesCodec{}};
    if (layout == Layout::usual) red.codecs.push_back(BloscCodec{"zstd", 1, Shuffle::byte, 2, 0});
    red.dimensions = {"time", "y", "x"};
    red.attributes = {{"grid_mapping", "spatial_ref"}, {"scale_factor", 0.0001}};
    set_fill_attribute(red);
    write(store, hierarchy, "red", red, red_values());

    ArrayMetadata time = grid.y;
    time.type = kInt64;
    time.shape = {3};
    time.chunk_shape = {layout == Layout::plain ? 3u : 1024u};
    time.fill = fill_from_json(kInt64, std::int64_t{-9'223'372'036'854'775'807});
    time.dimensions = {"time"};
    time.attributes = {{"standard_name", "time"},
                       {"units", "seconds since 1970-01-01"},
                       {"calendar", "proleptic_gregorian"}};
    write<std::int64_t>(store, hierarchy, "time", time, {1704307931, 1704412800, 1705171932});
    if (format == 3) hierarchy.group("")->attributes.merge(geozarr_attributes(kGrid));
    for (const auto& document : metadata_documents(hierarchy, {"time"}))
        store.put(document.key, std::as_bytes(std::span(document.text)));
    return hierarchy;
}

TEST(Conventions, OtherReadersSeeAVersion2Cube) {
    if (std::system("/usr/bin/python3 -c 'import xarray, zarr, netCDF4; from osgeo import gdal' "
                    "2>/dev/null") != 0)
        GTEST_SKIP() << "no python3-xarray, python3-netcdf4 or python3-gdal";
    const TemporaryFolder folder;
    LocalStore store(folder / "cube.zarr");
    write_cube(store, 2);
    LocalStore plain_store(folder / "plain.zarr");
    write_cube(plain_store, 2, Layout::plain);
    const auto red = red_values();
    std::ofstream(folder / "red.raw", std::ios::binary)
        .write(reinterpret_cast<const char*>(red.data()),
               static_cast<std::streamsize>(red.size() * 2));
    const auto reads = [&](const char* reader, const char* name) {
        return std::system(fmt::format("/usr/bin/python3 {}/tests/unit/zarr/read_cf.py {} {} {}",
                                       HLS_SOURCE_DIR, reader, (folder / name).string(),
                                       (folder / "red.raw").string())
                               .c_str()) == 0;
    };
    EXPECT_TRUE(reads("xarray", "cube.zarr"));
    EXPECT_TRUE(reads("gdal", "cube.zarr"));
    EXPECT_TRUE(reads("netcdf", "plain.zarr"));
}

TEST(Conventions, GridsAreDescribed) {
    const auto mapping = grid_mapping_attributes(kGrid);
    EXPECT_EQ(mapping.at("GeoTransform"), JsonValue("500000 30 0 4200000 0 -30"));
    EXPECT_EQ(mapping.at("longitude_of_central_meridian"), JsonValue(-123.0));
    EXPECT_EQ(mapping.at("false_easting"), JsonValue(500000.0));
    EXPECT_TRUE(io::same_crs(*mapping.at("crs_wkt").get<std::string>(), "EPSG:32610"));
    EXPECT_FALSE(io::same_crs("EPSG:32611", "EPSG:32610"));
    EXPECT_THROW(io::describe_crs("/etc/passwd"), Error);
    EXPECT_THROW(io::describe_crs("http://127.0.0.1/x"), Error);

    const auto geo = geozarr_attributes(kGrid);
    EXPECT_EQ(geo.at("proj:code"), JsonValue("EPSG:32610"));
    EXPECT_EQ(geo.at("spatial:transform"),
              JsonValue(JsonArray{30.0, 0.0, 500000.0, 0.0, -30.0, 4200000.0}));
    EXPECT_EQ(geo.at("spatial:bbox"),
              JsonValue(JsonArray{500000.0, 4197000.0, 502700.0, 4200000.0}));
    EXPECT_EQ(geo.at("spatial:shape"), JsonValue(JsonArray{100, 90}));

    const GeoGrid globe{"EPSG:4326", {-180, 0.25, 0, 90, 0, -0.25}, 720, 1440, "lat", "lon"};
    EXPECT_EQ(y_attributes(globe).at("units"), JsonValue("degrees_north"));
    EXPECT_EQ(grid_mapping_attributes(globe).at("grid_mapping_name"),
              JsonValue("latitude_longitude"));
    EXPECT_DOUBLE_EQ(cell_centres_x(globe).front(), -179.875);
    GeoGrid rotated = kGrid;
    rotated.transform[2] = 1;
    EXPECT_THROW(cell_centres_y(rotated), Error);
}

TEST(Conventions, FillAttributesAreWhatXarrayMasksWith) {
    ArrayMetadata array;
    array.type = kFloat32;
    array.fill = fill_from_json(kFloat32, "NaN");
    set_fill_attribute(array);
    EXPECT_EQ(array.attributes.at("_FillValue"), JsonValue("AAAAAAAA+H8="));
    array.type = kInt16;
    array.fill = element_from_double(kInt16, -9999);
    set_fill_attribute(array);
    EXPECT_EQ(array.attributes.at("_FillValue"), JsonValue(-9999));
    array.format = 2;
    set_fill_attribute(array);
    EXPECT_FALSE(array.attributes.contains("_FillValue"));
}

TEST(Conventions, CoordinatesAreComparedInCells) {
    EXPECT_EQ(coordinate_distance_px({0, 30, 60}, {0, 30, 60}), 0);
    EXPECT_NEAR(coordinate_distance_px({0, 30, 60}, {0, 30.3, 60}), 0.01, 1e-12);
    EXPECT_GT(coordinate_distance_px({0, 30, 60}, {0, std::nan(""), 60}), 1e300);
    EXPECT_THROW(coordinate_distance_px({0, 30}, {0}), Error);
}

TEST(Verify, AWholeStoreHasNoFaults) {
    for (const int format : {2, 3}) {
        MemoryStore store;
        write_cube(store, format);
        const auto report = verify_store(store, {true, 2, {"time"}});
        for (const auto& fault : report.faults)
            ADD_FAILURE() << fault.kind << ": " << fault.message;
        EXPECT_EQ(report.arrays, 5u);
        EXPECT_EQ(report.objects, 12u + 4u);
    }
}

std::vector<std::string> kinds(const MemoryStore& store, bool deep = true) {
    std::vector<std::string> kinds;
    for (const auto& fault : verify_store(store, {deep, 1, {"time"}}).faults)
        kinds.push_back(fmt::format("{} {}", fault.kind, fault.key));
    return kinds;
}

void put(MemoryStore& store, const std::string& key, std::string_view text) {
    store.put(key, std::as_bytes(std::span(text)));
}

TEST(Verify, EveryKindOfFaultIsFound) {
    using Kinds = std::vector<std::string>;
    const auto spoiled = [](auto spoil) {
        auto store = std::make_unique<MemoryStore>();
        auto hierarchy = write_cube(*store, 3);
        spoil(*store, hierarchy);
        return store;
    };
    EXPECT_EQ(kinds(*spoiled([](auto& s, auto&) { put(s, "red/c/0/0/0", "torn"); })),
              Kinds{"undecodable red/c/0/0/0"});
    EXPECT_EQ(kinds(*spoiled([](auto& s, auto&) { put(s, "red/c/0/0/0", "torn"); }), false),
              Kinds{});
    EXPECT_EQ(kinds(*spoiled([](auto& s, auto&) { put(s, "red/c/3/0/0", "x"); })),
              Kinds{"outside red/c/3/0/0"});
    EXPECT_EQ(kinds(*spoiled([](auto& s, auto&) { put(s, "red/c/00/0/0", "x"); })),
              Kinds{"foreign red/c/00/0/0"});
    EXPECT_EQ(kinds(*spoiled([](auto& s, auto&) { put(s, "core.123", "x"); })),
              Kinds{"foreign core.123"});
    EXPECT_EQ(kinds(*spoiled([](auto& s, auto&) { put(s, "red/zarr.json", "{}"); })),
              Kinds{"metadata "});
    // The shape of one array ahead of its consolidated copy, its dimension and the others.
    EXPECT_EQ(kinds(*spoiled([](auto& s, auto& hierarchy) {
                  auto red = *hierarchy.array("red");
                  red.shape[0] = 4;
                  put(s, "red/zarr.json", format_json(v3_array_document(red)));
              })),
              (Kinds{"dimension time", "consolidated zarr.json"}));
    EXPECT_EQ(
        kinds(*spoiled([](auto& s, auto& hierarchy) {
            const Array time("time", *hierarchy.array("time"));
            const std::int64_t values[] = {5, 5, 6};
            write_region(s, time, time.whole(), {std::as_bytes(std::span(values)).data(), {8}});
        })),
        Kinds{"time_order time"});
}

TEST(Verify, RowsThatMoreThanTimeTellsApartMayShareOne) {
    const auto faults_of = [](std::array<std::int64_t, 3> values, bool repeats) {
        MemoryStore store;
        const auto hierarchy = write_cube(store, 3);
        const Array time("time", *hierarchy.array("time"));
        write_region(store, time, time.whole(), {std::as_bytes(std::span(values)).data(), {8}});
        VerifyOptions options;
        options.increasing = {"time"};
        options.repeats = repeats;
        return verify_store(store, options).faults.size();
    };
    EXPECT_EQ(faults_of({5, 5, 6}, true), 0u);
    EXPECT_EQ(faults_of({5, 5, 6}, false), 1u);
    EXPECT_EQ(faults_of({5, 6, 5}, true), 1u);
}

TEST(Inspect, SaysWhatAStoreHolds) {
    MemoryStore store;
    write_cube(store, 3);
    InspectOptions options;
    options.chunks = options.digests = true;
    const auto nodes = inspect_store(store, options);
    ASSERT_EQ(nodes.size(), 6u);
    const auto& red = *nodes[1].get<JsonObject>();
    EXPECT_EQ(red.at("path"), JsonValue("/red"));
    EXPECT_EQ(red.at("shape"), JsonValue(JsonArray{3, 100, 90}));
    EXPECT_EQ(*member(red.at("objects"), "present"), JsonValue(12));
    EXPECT_EQ(red.at("sha256").get<std::string>()->size(), 64u);
    const auto text = inspect_text(nodes);
    EXPECT_NE(text.find("/red  int16 [3, 100, 90]  chunks [1, 64, 64]  (time, y, x)  fill -9999  "
                        "bytes blosc(zstd)  12 of 12 objects"),
              std::string::npos)
        << text;
    EXPECT_EQ(inspect_region(store, "red", {{0, 0, 0}, {1, 1, 3}}),
              JsonValue(JsonArray{JsonArray{JsonArray{-9999, 1, 2}}}));
    EXPECT_EQ(inspect_region(store, "spatial_ref", {}), JsonValue(0));
    EXPECT_THROW(inspect_region(store, "nothing", {}), Error);
}

}  // namespace
}  // namespace hls::zarr
