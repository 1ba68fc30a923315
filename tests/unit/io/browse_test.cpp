// SPDX-License-Identifier: Apache-2.0
// Browse pictures: PNG files that read back, and stretches.
#include "io/browse.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>

#include "core/error.hpp"
#include "io/raster.hpp"

namespace hls::io {
namespace {

namespace stdfs = std::filesystem;

TEST(Browse, PngReadsBack) {
    const auto folder = stdfs::temp_directory_path() / ("hls_png_" + std::to_string(::getpid()));
    for (const int channels : {1, 3, 4}) {
        Picture picture(5, 7, channels);
        for (int row = 0; row < 5; ++row)
            for (int col = 0; col < 7; ++col)
                for (int c = 0; c < channels; ++c)
                    picture.at(row, col)[c] = static_cast<std::uint8_t>(row * 40 + col * 5 + c);
        write_png(folder / "a.png", picture, fs::IfExists::replace);
        for (int c = 0; c < channels; ++c) {
            const RasterReader reader((folder / "a.png").string(), c + 1);
            ASSERT_EQ(reader.bands(), channels);
            const auto plane = reader.read<std::uint8_t>();
            EXPECT_EQ(plane(4, 6), 4 * 40 + 6 * 5 + c);
            EXPECT_EQ(plane(0, 1), 5 + c);
        }
    }
    EXPECT_EQ(std::distance(stdfs::directory_iterator(folder), {}), 1) << "no sidecar files";
    EXPECT_THROW(write_png(folder / "a.png", Picture(2, 2, 3), fs::IfExists::refuse), Error);
    stdfs::remove_all(folder);
}

TEST(Browse, StretchIsLinearAndClamped) {
    const Stretch stretch{0.1, 0.3};
    EXPECT_EQ(stretch(0.0), 0);
    EXPECT_EQ(stretch(0.1), 0);
    EXPECT_EQ(stretch(0.2), 128);
    EXPECT_EQ(stretch(0.3), 255);
    EXPECT_EQ(stretch(7), 255);
    EXPECT_EQ(stretch(std::numeric_limits<double>::quiet_NaN()), 0);
}

TEST(Browse, QuantilesLeaveNanOut) {
    std::vector<float> values;
    for (int i = 0; i <= 100; ++i) values.push_back(static_cast<float>(100 - i));
    values.push_back(std::numeric_limits<float>::quiet_NaN());
    const auto stretch = quantile_stretch(values, 0.02, 0.98);
    EXPECT_EQ(stretch.low, 2);
    EXPECT_EQ(stretch.high, 98);
    EXPECT_EQ(quantile_stretch({}, 0.02, 0.98).high, 1);
    const std::vector<float> flat(10, 5.0F);
    EXPECT_GT(quantile_stretch(flat, 0.02, 0.98).high, 5);
}

}  // namespace
}  // namespace hls::io
