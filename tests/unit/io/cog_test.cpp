// SPDX-License-Identifier: Apache-2.0
// Cloud-optimised GeoTIFFs: our files against the published ones and against the rules.
#include "io/cog.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "core/error.hpp"
#include "fs/digest.hpp"
#include "tiff_file.hpp"

namespace hls::io {
namespace {

namespace stdfs = std::filesystem;

class CogTest : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ = stdfs::temp_directory_path() /
                  ("hls_cog_" + std::to_string(::getpid()) + "_" +
                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
        stdfs::create_directories(folder_);
    }
    void TearDown() override { stdfs::remove_all(folder_); }
    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    // Level 0 is the image itself.
    Plane<std::uint8_t> overview(const std::string& file, int level) const {
        std::ofstream out(path("overview.tif"), std::ios::binary);
        out << test::overview_as_image(test::read_bytes(file), static_cast<std::size_t>(level));
        out.close();
        return RasterReader(path("overview.tif")).read<std::uint8_t>();
    }

    stdfs::path folder_;
};

stdfs::path published(const char* name) {
    const char* data = std::getenv("HLS_TEST_DATA");
    return stdfs::path(data == nullptr ? "../shared/data" : data) / "hls" / name;
}

Grid grid_of(int rows, int cols) {
    return {rows, cols, 600000, -5400000, 30, 32615};
}

template <typename T>
Plane<T> noise(int rows, int cols) {
    Plane<T> plane(rows, cols);
    std::mt19937 random(11);
    for (auto& cell : plane.cells()) cell = static_cast<T>(random());
    return plane;
}

template <typename T>
CogEncoder encoded(const Plane<T>& plane, PixelType type, int rows_at_once) {
    CogEncoder encoder(grid_of(plane.rows(), plane.cols()), type);
    for (int row = 0; row < plane.rows(); row += rows_at_once)
        encoder.append_rows(plane.view().rows(row, std::min(rows_at_once, plane.rows() - row)));
    return encoder;
}

Layer reflectance_layer() {
    Layer layer;
    layer.type = PixelType::i16;
    layer.nodata = -9999;
    layer.scale = 0.0001;
    layer.description = "NIR";
    layer.metadata = {{"long_name", "NIR"}, {"ACCODE", "a < b & \"c\""}};
    return layer;
}

TEST_F(CogTest, PixelsAndMeaningComeBack) {
    const auto plane = noise<std::int16_t>(700, 513);
    encoded(plane, PixelType::i16, 256).write(path("a.tif"), reflectance_layer());
    test::expect_cloud_optimised(path("a.tif"));
    const RasterReader reader(path("a.tif"));
    EXPECT_EQ(reader.grid(), grid_of(700, 513));
    EXPECT_EQ(reader.block_rows(), 256);
    EXPECT_EQ(reader.layer().nodata, -9999);
    EXPECT_EQ(reader.layer().scale, 0.0001);
    EXPECT_EQ(reader.layer().description, "NIR");
    EXPECT_EQ(reader.read<std::int16_t>().cells(), plane.cells());
}

TEST_F(CogTest, BytesDoNotDependOnTheStrips) {
    const auto plane = noise<std::uint16_t>(611, 300);
    Layer layer;
    layer.type = PixelType::u16;
    layer.nodata = 40000;
    std::string first;
    for (const int rows : {256, 1, 100, 611}) {
        const auto file = encoded(plane, PixelType::u16, rows).write(path("b.tif"), layer);
        const std::string bytes = test::read_bytes(path("b.tif"));
        EXPECT_EQ(file.bytes, bytes.size());
        EXPECT_EQ(file.sha512, fs::digest_of(fs::DigestKind::sha512, bytes));
        if (first.empty()) first = bytes;
        EXPECT_TRUE(bytes == first) << rows << " rows at once";
    }
}

TEST_F(CogTest, OverviewsAreCascadedNearestNeighbours) {
    const auto plane =
        noise<std::uint8_t>(1101, 1031);  // 551 x 516, then 276 x 258, then 138 x 129
    Layer layer;
    layer.type = PixelType::u8;
    encoded(plane, PixelType::u8, 256).write(path("c.tif"), layer);
    test::expect_cloud_optimised(path("c.tif"));
    Plane<std::uint8_t> above = plane;
    for (int level = 1; level <= 3; ++level) {
        const auto got = overview(path("c.tif"), level);
        Plane<std::uint8_t> expected((1101 + (1 << level) - 1) >> level,
                                     (1031 + (1 << level) - 1) >> level);
        for (int row = 0; row < expected.rows(); ++row)
            for (int col = 0; col < expected.cols(); ++col)
                expected(row, col) =
                    above(static_cast<int>(0.5 + row * (double(above.rows()) / expected.rows())),
                          static_cast<int>(0.5 + col * (double(above.cols()) / expected.cols())));
        ASSERT_EQ(got.rows(), expected.rows());
        ASSERT_EQ(got.cols(), expected.cols());
        EXPECT_TRUE(got.cells() == expected.cells()) << level;
        above = expected;
    }
}

// Every byte that is not a tile, and every pixel of every level, equals NASA's own file.
TEST_F(CogTest, EqualsAPublishedLayer) {
    const auto source = published("HLS.L30.T15UXP.2024283T165135.v2.0.Fmask.tif");
    if (!stdfs::exists(source)) GTEST_SKIP() << "no " << source;
    const RasterReader reader(source.string());
    const auto plane = reader.read<std::uint8_t>();
    Layer layer = reader.layer();
    std::erase_if(layer.metadata, [](const auto& tag) {
        return tag.first == "OVR_RESAMPLING_ALG" || tag.first == "AREA_OR_POINT";
    });
    CogEncoder encoder(*reader.grid(), PixelType::u8);
    encoder.append_rows(plane.view());
    encoder.write(path("d.tif"), layer);
    test::expect_cloud_optimised(path("d.tif"));
    test::expect_cloud_optimised(source);

    const auto theirs = test::read_tiff(test::read_bytes(source));
    const auto ours = test::read_tiff(test::read_bytes(path("d.tif")));
    ASSERT_EQ(ours.size(), 5u);
    ASSERT_EQ(theirs.size(), ours.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        SCOPED_TRACE(i);
        EXPECT_EQ(ours[i].place, theirs[i].place);
        ASSERT_EQ(ours[i].fields.size(), theirs[i].fields.size());
        for (const auto& [tag, field] : theirs[i].fields) {
            const auto& own = ours[i].fields.at(tag);
            EXPECT_EQ(own.type, field.type) << tag;
            EXPECT_EQ(own.count, field.count) << tag;
            EXPECT_EQ(own.place, field.place) << tag;
            if (tag != 324 && tag != 325) {
                EXPECT_EQ(own.value, field.value) << tag;
            }
        }
        const int level = static_cast<int>(i);
        EXPECT_TRUE(overview(path("d.tif"), level).cells() ==
                    overview(source.string(), level).cells());
    }
}

TEST_F(CogTest, RefusesWhatDoesNotFit) {
    const auto code_of = [](auto body) {
        try {
            body();
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    };
    const auto plane = noise<std::int16_t>(300, 300);
    auto encoder = encoded(plane, PixelType::i16, 256);
    EXPECT_EQ(code_of([&] { encoder.append_rows(plane.view().rows(0, 1)); }), Exit::internal);
    EXPECT_EQ(code_of([&] { encoder.write(path("no/such/x.tif"), reflectance_layer()); }),
              Exit::cannot_create);
    EXPECT_EQ(code_of([&] { encoder.write("/dev/full", reflectance_layer()); }), Exit::io_error);
    const auto other_type = noise<std::uint16_t>(300, 300);
    const auto other_width = noise<std::int16_t>(10, 299);
    CogEncoder unfinished(grid_of(300, 300), PixelType::i16);
    EXPECT_EQ(code_of([&] { unfinished.append_rows(other_type.view()); }), Exit::internal);
    EXPECT_EQ(code_of([&] { unfinished.append_rows(other_width.view()); }), Exit::internal);
    EXPECT_EQ(code_of([&] { unfinished.write(path("x.tif"), reflectance_layer()); }),
              Exit::internal);
    EXPECT_EQ(code_of([&] { CogEncoder(grid_of(300, 300), PixelType::f32); }), Exit::internal);
    EXPECT_EQ(code_of([&] {
                  CogEncoder({300, 300, 0, 0, 30, 4326}, PixelType::u8);
              }),
              Exit::internal);
}

}  // namespace
}  // namespace hls::io
