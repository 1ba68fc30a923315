// SPDX-License-Identifier: Apache-2.0
// Rasters: what is written is read back, and every way a file can be bad ends in the right error.
#include "io/raster.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "core/error.hpp"

namespace hls::io {
namespace {

namespace stdfs = std::filesystem;

class RasterTest : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ = stdfs::temp_directory_path() /
                  ("hls_raster_" + std::to_string(::getpid()) + "_" +
                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
        stdfs::create_directories(folder_);
    }
    void TearDown() override { stdfs::remove_all(folder_); }
    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    stdfs::path folder_;
};

Plane<std::uint16_t> noise(int rows, int cols) {
    Plane<std::uint16_t> plane(rows, cols);
    std::mt19937 random(7);
    for (auto& cell : plane.cells()) cell = static_cast<std::uint16_t>(8000 + random() % 512);
    return plane;
}

Layer reflectance_layer() {
    Layer layer;
    layer.type = PixelType::u16;
    layer.nodata = 0;
    layer.scale = 2.75e-5;
    layer.offset = -0.2;
    layer.description = "red";
    layer.unit = "1";
    layer.metadata = {{"SENSOR", "OLI_TIRS"}};
    return layer;
}

Grid grid_of(int rows, int cols) {
    return {rows, cols, 199980, -1099980, 30, 32619};
}

void write(const std::string& path, const Plane<std::uint16_t>& plane, int rows_at_once,
           const RasterOptions& options = {}) {
    RasterWriter writer(path, grid_of(plane.rows(), plane.cols()), reflectance_layer(), options);
    for (int row = 0; row < plane.rows(); row += rows_at_once) {
        const int count = std::min(rows_at_once, plane.rows() - row);
        writer.write_rows(row, plane.view().rows(row, count));
    }
    writer.close();
}

std::string bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

Error error_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const Error& error) {
        return error;
    }
    return Error{Exit::ok, "nothing was thrown"};
}

TEST_F(RasterTest, ReturnsPixelsGridAndLayer) {
    const auto plane = noise(603, 627);
    write(path("a.tif"), plane, 100);
    const RasterReader reader(path("a.tif"));
    EXPECT_EQ(reader.grid(), grid_of(603, 627));
    EXPECT_EQ(reader.type(), PixelType::u16);
    EXPECT_EQ(reader.block_rows(), 256);
    EXPECT_EQ(reader.layer().nodata, 0);
    EXPECT_DOUBLE_EQ(reader.layer().scale, 2.75e-5);
    EXPECT_DOUBLE_EQ(reader.layer().offset, -0.2);
    EXPECT_EQ(reader.layer().description, "red");
    EXPECT_EQ(reader.layer().unit, "1");
    const auto& metadata = reader.layer().metadata;
    EXPECT_NE(std::find(metadata.begin(), metadata.end(),
                        std::pair<std::string, std::string>{"SENSOR", "OLI_TIRS"}),
              metadata.end());
    EXPECT_EQ(reader.read<std::uint16_t>().cells(), plane.cells());
}

TEST_F(RasterTest, RowBandsOfAnyHeightGiveTheSamePixels) {
    const auto plane = noise(603, 627);
    write(path("a.tif"), plane, 256);
    for (const int height : {1, 7, 100, 256, 300, 512, 603}) {
        const RasterReader reader(path("a.tif"));
        Plane<std::uint16_t> back(603, 627);
        for (int row = 0; row < 603; row += height)
            reader.read_rows(row, back.view().rows(row, std::min(height, 603 - row)));
        EXPECT_EQ(back.cells(), plane.cells()) << height;
    }
}

TEST_F(RasterTest, LimitedColumnsGiveTheSamePixels) {
    const auto plane = noise(150, 333);
    write(path("a.tif"), plane, 150, {.block = 64});
    for (const auto& [first, end] :
         {std::pair{0, 333}, {0, 64}, {64, 128}, {63, 65}, {10, 20}, {300, 333}, {1, 332}}) {
        RasterReader reader(path("a.tif"));
        reader.limit_columns(first, end);
        for (int row = 0; row < plane.rows();) {
            const int count = std::min(row % 5 == 0 ? 70 : 33, plane.rows() - row);
            Plane<std::uint16_t> part(count, end - first);
            reader.read_rows(row, part.view());
            for (int r = 0; r < count; ++r)
                for (int c = first; c < end; ++c)
                    ASSERT_EQ(part(r, c - first), plane(row + r, c)) << first << ' ' << end;
            row += count;
        }
    }
    RasterReader reader(path("a.tif"));
    EXPECT_THROW(reader.limit_columns(0, 334), Error);
    EXPECT_THROW(reader.limit_columns(5, 5), Error);
}

TEST_F(RasterTest, WrittenBytesDoNotDependOnRowBandsOrTime) {
    const auto plane = noise(300, 300);
    write(path("a.tif"), plane, 300);
    write(path("b.tif"), plane, 77);
    EXPECT_EQ(bytes_of(path("a.tif")), bytes_of(path("b.tif")));
}

TEST_F(RasterTest, LeavesNoSidecarFiles) {
    write(path("a.tif"), noise(64, 64), 64);
    EXPECT_EQ(RasterReader(path("a.tif")).read<float>().rows(), 64);
    EXPECT_EQ(std::distance(stdfs::directory_iterator(folder_), {}), 1);
}

TEST_F(RasterTest, ConvertsWithClampingAndRounding) {
    Layer layer;
    layer.type = PixelType::f32;
    Plane<float> plane(1, 5);
    plane.cells() = {-3.0F, 1.5F, 2.4F, 300.0F, 70000.0F};
    {
        RasterWriter writer(path("f.tif"), grid_of(1, 5), layer);
        writer.write_rows(0, std::as_const(plane).view());
        writer.close();
    }
    const RasterReader reader(path("f.tif"));
    EXPECT_EQ(reader.read<std::uint8_t>().cells(), (LargeVector<std::uint8_t>{0, 2, 2, 255, 255}));
    EXPECT_EQ(reader.read<std::int16_t>().cells(),
              (LargeVector<std::int16_t>{-3, 2, 2, 300, 32767}));
    EXPECT_EQ(reader.read<float>().cells(), plane.cells());
}

TEST_F(RasterTest, WritesClassNamesAndColors) {
    Layer layer;
    layer.type = PixelType::u8;
    layer.classes = {{0, "land", {200, 180, 140}}, {1, "water", {0, 0, 255}}};
    Plane<std::uint8_t> plane(8, 8, 1);
    RasterWriter writer(path("c.tif"), grid_of(8, 8), layer);
    writer.write_rows(0, std::as_const(plane).view());
    writer.close();
    EXPECT_EQ(RasterReader(path("c.tif")).read<std::uint8_t>().cells(), plane.cells());
}

TEST_F(RasterTest, MissingFileIs66) {
    const auto error = error_of([&] { RasterReader reader(path("none.tif")); });
    EXPECT_EQ(error.code, Exit::missing_input);
    EXPECT_NE(error.message.find("none.tif"), std::string::npos);
}

TEST_F(RasterTest, NotARasterIs65) {
    std::ofstream(path("text.tif")) << "this is no raster\n";
    const auto error = error_of([&] { RasterReader reader(path("text.tif")); });
    EXPECT_EQ(error.code, Exit::bad_input);
    EXPECT_NE(error.message.find("text.tif"), std::string::npos);
    EXPECT_EQ(error.message.find('\n'), std::string::npos);
    std::ofstream(path("empty.tif"));
    EXPECT_EQ(error_of([&] { RasterReader reader(path("empty.tif")); }).code, Exit::bad_input);
}

TEST_F(RasterTest, CutFileIs65WhereverItIsCut) {
    write(path("a.tif"), noise(603, 627), 256);
    const auto whole = bytes_of(path("a.tif"));
    for (const double part : {0.0001, 0.001, 0.01, 0.3, 0.7, 0.99, 0.9999}) {
        const auto size = static_cast<std::size_t>(part * static_cast<double>(whole.size()));
        std::ofstream(path("cut.tif"), std::ios::binary | std::ios::trunc) << whole.substr(0, size);
        const auto error = error_of([&] { RasterReader(path("cut.tif")).read<std::uint16_t>(); });
        EXPECT_EQ(error.code, Exit::bad_input) << part << ": " << error.message;
    }
}

TEST_F(RasterTest, FlippedBytesAre65) {
    write(path("a.tif"), noise(603, 627), 256);
    auto bytes = bytes_of(path("a.tif"));
    for (std::size_t at = bytes.size() / 2; at < bytes.size() / 2 + 2000; ++at)
        bytes[at] = static_cast<char>(~bytes[at]);
    std::ofstream(path("bad.tif"), std::ios::binary) << bytes;
    EXPECT_EQ(error_of([&] { RasterReader(path("bad.tif")).read<std::uint16_t>(); }).code,
              Exit::bad_input);
}

TEST_F(RasterTest, UnwritableFolderIs73) {
    EXPECT_EQ(error_of([&] {
                  RasterWriter writer(path("no/such/folder/a.tif"), grid_of(8, 8),
                                      reflectance_layer());
              }).code,
              Exit::cannot_create);
}

// A full disk shows as a failed write(2) of any size, late or early; a file size limit does the
// same.
TEST_F(RasterTest, WriteThatFailsAnywhereIs74) {
    const auto plane = noise(300, 300);
    write(path("a.tif"), plane, 300);
    const auto size = stdfs::file_size(path("a.tif"));
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t limit = size - 1; limit > 0; limit = limit * 2 / 3) {
        rlimit tight = before;
        tight.rlim_cur = limit;
        ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
        const auto error = error_of([&] { write(path("b.tif"), plane, 100); });
        ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
        EXPECT_EQ(error.code, Exit::io_error) << limit << " of " << size << ": " << error.message;
        stdfs::remove(path("b.tif"));
    }
    std::signal(SIGXFSZ, SIG_DFL);
}

TEST_F(RasterTest, ReplacesABrokenFile) {
    const auto plane = noise(64, 64);
    write(path("a.tif"), plane, 64);
    stdfs::resize_file(path("a.tif"), 100);
    write(path("a.tif"), plane, 64);
    EXPECT_EQ(RasterReader(path("a.tif")).read<std::uint16_t>().cells(), plane.cells());
}

TEST_F(RasterTest, SeveralBandsComeInAnyTurn) {
    const auto path = (folder_ / "bands.tif").string();
    Layer red;
    red.type = PixelType::i16;
    red.description = "B04";
    red.nodata = -9999;
    Layer nir = red;
    nir.description = "B08";
    const Grid grid{40, 30, 600000, 5000000, 10, 32632};
    Plane<std::int16_t> first(40, 30, 7);
    Plane<std::int16_t> second(40, 30, -3);
    second(39, 29) = 5;
    RasterWriter writer(path, grid, {red, nir}, {16, 1});
    writer.write_rows<std::int16_t>(0, std::as_const(second).view().rows(0, 25), 2);
    writer.write_rows<std::int16_t>(0, std::as_const(first).view(), 1);
    EXPECT_THROW(writer.close(), Error);
    writer.write_rows<std::int16_t>(25, std::as_const(second).view().rows(25, 15), 2);
    EXPECT_THROW(writer.write_rows<std::int16_t>(0, std::as_const(first).view(), 3), Error);
    writer.close();
    const RasterReader reader(path, 2);
    EXPECT_EQ(reader.bands(), 2);
    EXPECT_EQ(reader.layer().description, "B08");
    EXPECT_EQ(reader.read<std::int16_t>().cells(), second.cells());
    EXPECT_EQ(RasterReader(path, 1).read<std::int16_t>().cells(), first.cells());
}

TEST_F(RasterTest, SparseFilesHoldTheSamePixels) {
    Layer layer;
    layer.type = PixelType::i16;
    layer.nodata = -9999;
    const Grid grid{2048, 2048, 600000, 5000000, 10, 32632};
    Plane<std::int16_t> pixels(2048, 2048, -9999);
    pixels(1000, 1500) = 42;
    for (const bool sparse : {false, true}) {
        const auto path = (folder_ / (sparse ? "sparse.tif" : "full.tif")).string();
        RasterWriter writer(path, grid, layer, {.sparse = sparse});
        writer.write_rows<std::int16_t>(0, std::as_const(pixels).view());
        writer.close();
        EXPECT_EQ(RasterReader(path).read<std::int16_t>().cells(), pixels.cells());
    }
    EXPECT_LT(stdfs::file_size(folder_ / "sparse.tif") * 4, stdfs::file_size(folder_ / "full.tif"));
}

TEST_F(RasterTest, ClosingBeforeTheLastRowIsAnError) {
    RasterWriter writer(path("a.tif"), grid_of(8, 8), reflectance_layer());
    const auto plane = noise(8, 8);
    writer.write_rows(0, plane.view().rows(0, 4));
    EXPECT_EQ(error_of([&] { writer.close(); }).code, Exit::internal);
}

class RealRasterTest : public ::testing::Test {
 protected:
    void SetUp() override {
        const char* folder = std::getenv("HLS_TEST_DATA");
        if (folder == nullptr || !stdfs::exists(folder)) GTEST_SKIP() << "HLS_TEST_DATA not there";
        data_ = folder;
    }
    std::string data_;
};

TEST_F(RealRasterTest, LandsatBandHasTheGridOfItsMtl) {
    const std::string id = "LC08_L1TP_020039_20150804_20200908_02_T1";
    const RasterReader reader(data_ + "/landsat/" + id + "/" + id + "_B2.TIF");
    EXPECT_EQ(reader.grid(), (Grid{603, 627, 452475, 3408645, 30, 32616}));
    const auto plane = reader.read<std::uint16_t>();
    EXPECT_GT(plane(300, 300), 5000);
}

TEST_F(RealRasterTest, BandWithoutGeoreferencingHasNoGrid) {
    const RasterReader reader(data_ +
                              "/landsat/crop_227074_20190809/"
                              "LC08_L1TP_227074_20190809_20200827_02_T1_B2.TIF");
    EXPECT_FALSE(reader.grid().has_value());
    EXPECT_EQ(reader.rows(), 901);
    EXPECT_EQ(reader.cols(), 667);
}

TEST_F(RealRasterTest, PublishedFileWithoutEpsgCodeIsKnownAsUtm) {
    const RasterReader reader(data_ + "/hls/HLS.L30.T15UXP.2024283T165135.v2.0.Fmask.tif");
    ASSERT_TRUE(reader.grid().has_value());
    EXPECT_EQ(reader.grid()->epsg, 32615);
    EXPECT_EQ(reader.grid()->pixel_m, 30);
}

TEST_F(RealRasterTest, PublishedFileWithCutTilesIs65) {
    for (const auto& entry : stdfs::directory_iterator(data_ + "/hls")) {
        if (!entry.path().filename().string().ends_with("B01.tif")) continue;
        const auto error =
            error_of([&] { RasterReader(entry.path().string()).read<std::int16_t>(); });
        EXPECT_EQ(error.code, Exit::bad_input) << entry.path();
    }
}

}  // namespace
}  // namespace hls::io
