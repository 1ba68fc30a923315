// SPDX-License-Identifier: Apache-2.0
// NetCDF files and rasters give their stored numbers, fills, times and grids.
#include "zarr/source.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>

#include "core/error.hpp"
#include "io/crs.hpp"
#include "io/raster.hpp"
#include "temporary_folder.hpp"
#include "zarr/array.hpp"
#include "zarr/local_store.hpp"

namespace hls::zarr {
namespace {

namespace stdfs = std::filesystem;

stdfs::path test_data(const std::string& name) {
    const char* data = std::getenv("HLS_TEST_DATA");
    return stdfs::path(data == nullptr ? HLS_SOURCE_DIR "/../shared/data" : data) / name;
}

template <typename T>
std::vector<T> values(Source& source, const std::string& name) {
    const auto bytes = source.read_all(source.variable(name));
    std::vector<T> numbers(bytes.size() / sizeof(T));
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
}

class NetcdfSource : public testing::TestWithParam<const char*> {
 protected:
    static void SetUpTestSuite() {
        folder_ = std::make_unique<TemporaryFolder>();
        made_ = std::system(fmt::format("/usr/bin/python3 {}/tests/unit/zarr/make_netcdf.py {}",
                                        HLS_SOURCE_DIR, (*folder_ / "").string())
                                .c_str()) == 0;
    }
    static void TearDownTestSuite() { folder_.reset(); }
    void SetUp() override {
        if (!made_) GTEST_SKIP() << "no python3-netcdf4";
        source_ = open_source((*folder_ / fmt::format("{}.nc", GetParam())).string());
    }

    static inline std::unique_ptr<TemporaryFolder> folder_;
    static inline bool made_ = false;
    std::unique_ptr<Source> source_;
};

TEST_P(NetcdfSource, GivesStoredNumbers) {
    EXPECT_EQ(source_->attributes().at("title"), JsonValue("Profile"));
    const auto& sst = source_->variable("sst");
    EXPECT_EQ(sst.type, kInt16);
    EXPECT_EQ(sst.shape, (Shape{2, 2, 4}));
    EXPECT_EQ(sst.dimensions, (std::vector<std::string>{"time", "y", "x"}));
    EXPECT_EQ(sst.fill, element_from_double(kInt16, -32768));
    EXPECT_EQ(sst.scale, 0.01);
    EXPECT_EQ(sst.offset, 273.15);
    EXPECT_EQ(sst.units, "kelvin");
    EXPECT_EQ(sst.attributes.at("valid_range"), JsonValue(JsonArray{-300, 4500}));
    auto expected =
        std::vector<std::int16_t>{-32768, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};
    EXPECT_EQ(values<std::int16_t>(*source_, "sst"), expected);
    const auto numbers = source_->read_numbers(sst, {{0, 0, 0}, {1, 1, 2}});
    EXPECT_TRUE(std::isnan(numbers[0]));
    EXPECT_DOUBLE_EQ(numbers[1], -7 * 0.01 + 273.15);
    EXPECT_EQ(values<std::int32_t>(*source_, "scalar"), std::vector<std::int32_t>{7});
}

// Every type and rank, as netCDF4-python wrote it.
TEST_P(NetcdfSource, EveryTypeIsAsStored) {
    const std::map<std::string, DataType> types{
        {".i1", kInt8},   {".i2", kInt16},  {".i4", kInt32},  {".i8", kInt64},   {".u1", kUint8},
        {".u2", kUint16}, {".u4", kUint32}, {".u8", kUint64}, {".f4", kFloat32}, {".f8", kFloat64}};
    const auto folder = *folder_ / fmt::format("{}_types", GetParam());
    const auto source = open_source(folder.string() + ".nc");
    int compared = 0;
    for (const auto& entry : stdfs::directory_iterator(folder)) {
        const auto name = entry.path().stem().string();
        const auto& variable = source->variable(name);
        EXPECT_EQ(variable.type, types.at(entry.path().extension().string())) << name;
        EXPECT_EQ(variable.fill.has_value(), (name.back() - '0') % 2 == 0) << name;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string expected((std::istreambuf_iterator<char>(file)), {});
        const auto stored = source->read_all(variable);
        EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(expected)), stored)) << name;
        ++compared;
    }
    EXPECT_EQ(compared, std::string(GetParam()) == "NETCDF4" ? 40 : 20);
}

TEST_P(NetcdfSource, UnsignedBytesAndTexts) {
    for (const char* name : {"byte", "capital"}) {
        const auto& byte = source_->variable(name);
        EXPECT_EQ(byte.type, kUint8);
        EXPECT_EQ(byte.fill, Bytes{std::byte{255}});
        EXPECT_EQ(values<std::uint8_t>(*source_, name), (std::vector<std::uint8_t>{255, 2, 200}));
    }
    const auto& platform = source_->variable("platform");
    EXPECT_EQ(platform.type.kind, TypeKind::variable_text);
    EXPECT_EQ(source_->read_text(platform, {{1}, {2}}),
              (std::vector<std::string>{"cdefghij", "x y"}));
}

TEST_P(NetcdfSource, TimesAndGrids) {
    const auto times = source_->read_times(source_->variable("time"));
    ASSERT_EQ(times.size(), 2u);
    EXPECT_EQ(times[0], parse_utc("2020-01-01T12:00:00Z"));
    EXPECT_EQ(times[1], parse_utc("2020-01-02T00:00:01Z"));
    EXPECT_THROW(source_->read_times(source_->variable("noleap")), Error);
    EXPECT_THROW(source_->read_times(source_->variable("sst")), Error);
    const auto grid = source_->grid(source_->variable("sst"));
    ASSERT_TRUE(grid);
    EXPECT_EQ(grid->transform, (std::array<double, 6>{10, 1, 0, 50.5, 0, -0.5}));
    EXPECT_EQ(grid->rows, 2u);
    EXPECT_TRUE(io::same_crs(grid->crs, "EPSG:4326"));
    EXPECT_FALSE(source_->grid(source_->variable("scalar")));
}

TEST_P(NetcdfSource, WhatIsNotThereIsRefused) {
    EXPECT_THROW(source_->variable("nothing"), Error);
    EXPECT_THROW(source_->variable(""), Error);
    Bytes out(4);
    EXPECT_THROW(source_->read(source_->variable("sst"), {{0, 0, 3}, {1, 1, 2}}, out), Error);
}

TEST_P(NetcdfSource, LargeIntegersAndGroups) {
    if (std::string(GetParam()) != "NETCDF4") {
        EXPECT_EQ(source_->find("large"), nullptr);
        return;
    }
    EXPECT_EQ(values<std::int64_t>(*source_, "large"),
              (std::vector<std::int64_t>{(std::int64_t{1} << 60) + 1, 2, -5}));
    EXPECT_EQ(source_->variable("large").fill, element_from_double(kInt64, -5));
    EXPECT_EQ(values<std::uint16_t>(*source_, "group/deep"),
              (std::vector<std::uint16_t>{1, 2, 65535}));
}

INSTANTIATE_TEST_SUITE_P(BothKinds, NetcdfSource, testing::Values("NETCDF3_CLASSIC", "NETCDF4"));

// The store was made from the file by others: what we read from both must be equal.
TEST(Source, AgreesWithTheStoreThatXarrayMade) {
    const auto path = test_data("zarr/local/hls_like_source.nc");
    if (!stdfs::exists(path)) GTEST_SKIP() << "no " << path;
    const auto source = open_source(path.string());
    const LocalStore store(test_data("zarr/local/xarray2023_hls_like.zarr"));
    for (const char* name : {"red", "lst", "fmask", "x", "y"}) {
        const auto array = Array::open(store, name);
        EXPECT_EQ(source->variable(name).type, array.metadata().type) << name;
        EXPECT_EQ(source->read_all(source->variable(name)), array.read(store, array.whole()))
            << name;
    }
}

TEST(Source, ReadsAGhrsstAnalysis) {
    const auto path =
        test_data("netcdf/20241011120000-ABOM-L4_GHRSST-SSTfnd-GAMSSA_28km-GLOB-v02.0-fv01.0.nc");
    if (!stdfs::exists(path)) GTEST_SKIP() << "no " << path;
    const auto source = open_source(path.string());
    const auto& sst = source->variable("analysed_sst");
    EXPECT_EQ(sst.type, kInt16);
    EXPECT_EQ(sst.shape.size(), 3u);
    const auto times = source->read_times(source->variable("time"));
    ASSERT_EQ(times.size(), 1u);
    EXPECT_EQ(format_utc(times[0].value()), "2024-10-11T12:00:00Z");
    const auto grid = source->grid(sst);
    ASSERT_TRUE(grid);
    EXPECT_NEAR(grid->transform[1], 0.25, 1e-6);
    EXPECT_TRUE(io::same_crs(grid->crs, "EPSG:4326"));
}

TEST(Source, ReadsRasterLayers) {
    const TemporaryFolder folder;
    const auto path = (folder / "B04.tif").string();
    io::Layer layer;
    layer.type = io::PixelType::i16;
    layer.nodata = -9999;
    layer.scale = 0.0001;
    Plane<std::int16_t> plane(70, 50);
    for (int i = 0; i < 70 * 50; ++i)
        plane.cells()[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(i - 300);
    const auto& rows = plane;
    io::RasterWriter writer(path, {70, 50, 500000, 4200000, 30, 32610}, layer);
    writer.write_rows<std::int16_t>(0, rows.view());
    writer.close();

    const auto source = open_source(path);
    const auto& band = source->variable("");
    EXPECT_EQ(band.type, kInt16);
    EXPECT_EQ(band.shape, (Shape{70, 50}));
    EXPECT_EQ(band.fill, element_from_double(kInt16, -9999));
    EXPECT_EQ(band.scale, 0.0001);
    EXPECT_TRUE(std::ranges::equal(values<std::int16_t>(*source, ""), plane.cells()));
    std::vector<std::int16_t> part(6);
    source->read(band, {{69, 47}, {1, 3}}, std::as_writable_bytes(std::span(part)).first(6));
    EXPECT_EQ(part[2], plane(69, 49));
    const auto grid = source->grid(band);
    ASSERT_TRUE(grid);
    EXPECT_EQ(grid->transform, (std::array<double, 6>{500000, 30, 0, 4200000, 0, -30}));
    EXPECT_TRUE(io::same_crs(grid->crs, "EPSG:32610"));
}

TEST(Source, RefusesWhatItCannotRead) {
    const TemporaryFolder folder;
    std::ofstream(folder / "x.nc") << "CDF\x01 and nothing more";
    std::ofstream(folder / "x.tif") << "no raster";
    for (const char* name : {"x.nc", "x.tif"}) {
        try {
            open_source((folder / name).string());
            ADD_FAILURE() << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::bad_input) << error.message;
        }
    }
    try {
        open_source((folder / "none.nc").string());
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::missing_input) << error.message;
    }
}

}  // namespace
}  // namespace hls::zarr
