// SPDX-License-Identifier: Apache-2.0
// Browse images, vegetation indices and GIBS tiles: numbers of the specification.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "io/raster.hpp"
#include "product/browse.hpp"
#include "product/gibs.hpp"
#include "product/layers.hpp"
#include "product/log_stretch.hpp"
#include "product/vegetation_indices.hpp"
#include "product_case.hpp"

namespace hls::product {
namespace {

namespace stdfs = std::filesystem;

TEST(LogStretch, BrowseBytes) {
    const LogStretch byte(LogStretch::Dark::browse);
    EXPECT_EQ(byte(-9999), 1);
    EXPECT_EQ(byte(0), 1);
    EXPECT_EQ(byte(4), 1);
    EXPECT_EQ(byte(8), 2);      // ln 8 = 2.08
    EXPECT_EQ(byte(99), 4);     // ln 99 = 4.595
    EXPECT_EQ(byte(866), 127);  // the geometric mean of both ends lies just above: 127.5
    EXPECT_EQ(byte(7499), 254);
    EXPECT_EQ(byte(7500), 255);
    EXPECT_EQ(byte(32767), 255);
}

TEST(LogStretch, GibsBytes) {
    const LogStretch byte(LogStretch::Dark::gibs);
    EXPECT_EQ(byte(-9999), 0);
    EXPECT_EQ(byte(0), 0);
    EXPECT_EQ(byte(-5), 1);
    EXPECT_EQ(byte(1), 1);
    EXPECT_EQ(byte(100), 1);
    EXPECT_EQ(byte(866), 127);
    EXPECT_EQ(byte(7500), 255);
}

// Values of Pillow 9.4: Image.resize((1000, 1000), BICUBIC) of bytes made from
// (row * row + 3 * col * row) % 7400 + 100 by the stretch, for 3660 x 3660 pixels.
TEST(Browse, EqualsPillow) {
    Browse browse(kTileSize, kTileSize);
    Plane<std::int16_t> strip(60, kTileSize);
    for (int row = 0; row < kTileSize; row += strip.rows()) {
        for (int i = 0; i < strip.rows(); ++i)
            for (int col = 0; col < kTileSize; ++col) {
                const std::int64_t r = row + i;
                strip(i, col) = static_cast<std::int16_t>((r * r + 3 * col * r) % 7400 + 100);
            }
        browse.add_rows(row, {strip.view(), strip.view(), strip.view()});
    }
    const auto image = browse.image();
    const std::vector<std::array<int, 3>> pillow{{0, 0, 5},       {0, 999, 178},  {999, 0, 199},
                                                 {999, 999, 210}, {1, 1, 39},     {500, 500, 214},
                                                 {123, 456, 188}, {777, 31, 202}, {250, 750, 193}};
    for (const auto& [row, col, value] : pillow)
        EXPECT_EQ(image[0](row, col), value) << row << ", " << col;
    std::int64_t sum = 0;
    for (const auto value : image[2].cells()) sum += value;
    EXPECT_EQ(sum, 198628920);
}

class Indices : public ::testing::Test {
 protected:
    int value(std::string_view name, std::array<int, 6> bands, int mask = 0) const {
        std::array<Plane<std::int16_t>, 6> planes;
        IndexInput input;
        for (std::size_t i = 0; i < 6; ++i) {
            planes[i] = Plane<std::int16_t>(1, 1, static_cast<std::int16_t>(bands[i]));
            input.bands[i] = std::as_const(planes[i]).view();
        }
        const Plane<std::uint8_t> mask_plane(1, 1, static_cast<std::uint8_t>(mask));
        input.mask = mask_plane.view();
        Plane<std::int16_t> out(1, 1);
        for (const auto& spec : vegetation_indices())
            if (spec.name == name) compute_index(spec, input, out.view());
        return out(0, 0);
    }
};

// b .04, g .08, r .05, n .40, s1 .20, s2 .10
TEST_F(Indices, FollowTheirFormulas) {
    const std::array<int, 6> leaf{400, 800, 500, 4000, 2000, 1000};
    EXPECT_EQ(value("NDVI", leaf), 7778);   // .35 / .45
    EXPECT_EQ(value("EVI", leaf), 6250);    // .875 / 1.4
    EXPECT_EQ(value("SAVI", leaf), 5526);   // .525 / .95
    EXPECT_EQ(value("MSAVI", leaf), 5683);  // (1.8 - sqrt(.44)) / 2
    EXPECT_EQ(value("NBR", leaf), 6000);
    EXPECT_EQ(value("NBR2", leaf), 3333);
    EXPECT_EQ(value("NDMI", leaf), 3333);
    EXPECT_EQ(value("NDWI", leaf), -6667);
    EXPECT_EQ(value("TVI", leaf), 2220);  // (120 * .32 + 200 * .03) / 2 = 22.2
}

TEST_F(Indices, CloudsAndFillAreLeftOut) {
    const std::array<int, 6> leaf{400, 800, 500, 4000, 2000, 1000};
    for (const int bit : {2, 4, 8}) EXPECT_EQ(value("NDVI", leaf, bit), kIndexFill);
    EXPECT_EQ(value("NDVI", leaf, 255), kIndexFill);
    EXPECT_EQ(value("NDVI", leaf, 0xF1), 7778);  // aerosol, water, snow, cirrus do not matter
    for (std::size_t band = 0; band < 6; ++band)
        for (const int bad : {-9999, -1, 0}) {
            auto bands = leaf;
            bands[band] = bad;
            EXPECT_EQ(value("TVI", bands), kIndexFill);
        }
}

TEST_F(Indices, AreCutToTheirType) {
    EXPECT_EQ(value("EVI", {10000, 1, 9000, 11100, 1, 1}), 32767);   // .525 / .01
    EXPECT_EQ(value("EVI", {10000, 1, 9000, 10900, 1, 1}), -32768);  // .475 / -.01
}

TEST(GibsGrid, NamesAndPlaces) {
    EXPECT_EQ((GibsCell{1, 1}.id()), "001001");
    EXPECT_EQ((GibsCell{1, 1}.grid().west_deg), -180);
    EXPECT_EQ((GibsCell{1, 1}.grid().north_deg), -90 + 1.125);
    EXPECT_EQ((GibsCell{320, 160}.grid().north_deg), 90);
    EXPECT_DOUBLE_EQ((GibsCell{1, 1}.grid().pixel_deg), 2.74658203125e-4);
}

TEST(GibsGrid, CellsOfATile) {
    // 19LBJ: 71.736 W to 70.74 W, 9.93 S to 10.94 S.
    const auto cells = gibs_cells({3660, 3660, 199980, -1099980, 30, 32619});
    const std::vector<GibsCell> expected{{97, 71}, {98, 71}, {97, 72}, {98, 72}};
    EXPECT_EQ(cells, expected);
    const auto dateline = gibs_cells({3660, 3660, 300000, 7400040, 30, 32601});
    EXPECT_TRUE(std::ranges::find(dateline, 320, &GibsCell::column) != dateline.end());
    EXPECT_TRUE(std::ranges::find(dateline, 1, &GibsCell::column) != dateline.end());
}

// Every pixel (of every eleventh row) of a cell shows the tile pixel under its centre.
TEST(GibsTile, IsANearestWarp) {
    const io::Grid tile{400, 400, 199980, -1099980, 30, 32619};
    Gibs gibs(tile);
    Plane<std::int16_t> red(tile.rows, tile.cols);
    for (int row = 0; row < tile.rows; ++row)
        for (int col = 0; col < tile.cols; ++col)
            red(row, col) = static_cast<std::int16_t>(101 + (row * 37 + col * 11) % 7000);
    red(200, 200) = -9999;
    gibs.add_rows(0, {red.view(), red.view(), red.view()});
    const GibsCell cell = gibs_cells(tile).front();
    const auto path = stdfs::temp_directory_path() / ("hls_gibs_" + std::to_string(::getpid()));
    ASSERT_TRUE(gibs.write_cell(cell, path.string(), sensing_range(landsat_case())));
    const auto picture = io::RasterReader(path.string(), 1).read<std::uint8_t>();
    const auto alpha = io::RasterReader(path.string(), 4).read<std::uint8_t>();
    const io::RasterReader reader(path.string());
    const auto& tags = reader.layer().metadata;
    EXPECT_TRUE(std::ranges::find(tags, std::pair<std::string, std::string>(
                                            "START_DATE", "2020-08-26T14:45:56.705922Z")) !=
                tags.end());
    EXPECT_EQ(reader.bands(), 4);
    EXPECT_EQ(reader.layer().nodata, 0);
    stdfs::remove(path);

    const geo::Utm utm({19, false});
    const LogStretch stretch(LogStretch::Dark::gibs);
    const auto grid = cell.grid();
    int inside = 0;
    for (int row = 3; row < grid.rows; row += 11)
        for (int col = 0; col < grid.cols; ++col) {
            const auto at = utm.forward({grid.west_deg + (col + 0.5) * grid.pixel_deg,
                                         grid.north_deg - (row + 0.5) * grid.pixel_deg});
            const double c = (at.x_m - tile.ulx_m) / 30;
            const double r = (tile.uly_m - at.y_m) / 30;
            const bool in = c >= 0 && r >= 0 && c < tile.cols && r < tile.rows;
            const double edge = std::min(std::abs(c - std::round(c)), std::abs(r - std::round(r)));
            if (edge < 1e-3) continue;  // a tie within a few centimetres
            const int expected = in ? stretch(red(static_cast<int>(r), static_cast<int>(c))) : 0;
            ASSERT_EQ(picture(row, col), expected) << row << ", " << col;
            ASSERT_EQ(alpha(row, col), expected == 0 ? 0 : 255);
            inside += in;
        }
    EXPECT_GT(inside, 10000);
}

TEST(GibsTile, AnEmptyCellIsNotWanted) {
    Gibs gibs({100, 100, 199980, -1099980, 30, 32619});
    const auto path = stdfs::temp_directory_path() / ("hls_gibs_e" + std::to_string(::getpid()));
    EXPECT_FALSE(gibs.write_cell({97, 72}, path.string(), sensing_range(landsat_case())));
    stdfs::remove(path);
}

TEST(GibsXml, HasTheFieldsOfImageMetadata) {
    const std::string xml = gibs_xml(landsat_case(), {97, 72});
    EXPECT_NE(xml.find("<ProviderProductId>HLS.L30.T19LBJ.2020239T144556.v2.0<"),
              std::string::npos);
    EXPECT_NE(xml.find("<DataDay>2020239</DataDay>"), std::string::npos);
    EXPECT_NE(xml.find("<PartialId>097072</PartialId>"), std::string::npos);
}

}  // namespace
}  // namespace hls::product
