// SPDX-License-Identifier: Apache-2.0
// Angles at 30 m: rules on small grids, and the digits of NASA's program on full tiles.
#include "scene/sentinel2_angles.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "core/error.hpp"
#include "io/raster.hpp"
#include "scene/sentinel2_l1.hpp"

namespace hls::scene {
namespace {

namespace stdfs = std::filesystem;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kNone = 40000;

AngleField field_of(int rows, int cols, const std::vector<std::vector<double>>& nodes) {
    Plane<double> plane(static_cast<int>(nodes.size()), static_cast<int>(nodes[0].size()));
    for (int r = 0; r < plane.rows(); ++r)
        std::ranges::copy(nodes[static_cast<std::size_t>(r)], plane.row(r).begin());
    return {std::as_const(plane).view(), 5000, 5000, rows, cols};
}

std::vector<std::uint16_t> row_of(const AngleField& field, int row, int cols) {
    std::vector<std::uint16_t> out(static_cast<std::size_t>(cols));
    field.row(row, 0, out);
    return out;
}

TEST(AngleField, InterpolatesBetweenNodesAndCuts) {
    // Nodes lie at pixels 0, 166 and 333, the last of which is beyond and is moved to 299.
    const auto field = field_of(1, 300, {{10.019, 11.0, 12.0}});
    const auto row = row_of(field, 0, 300);
    EXPECT_EQ(row[0], 1001);  // 10.019 is cut to 1001
    EXPECT_EQ(row[166], 1100);
    EXPECT_EQ(row[299], 1200);
    EXPECT_EQ(row[83], 1050);   // 1001 + 99 / 166 * 83 = 1050.5
    EXPECT_EQ(row[200], 1125);  // 1100 + 100 / 133 * 34 = 1125.56
}

TEST(AngleField, NodesFarBeyondACropStayWhereTheyAre) {
    const auto crop = field_of(1, 100, {{10, 11.66, 30, 40}});
    EXPECT_EQ(row_of(crop, 0, 100)[50], 1050);
}

TEST(AngleField, HolesAreBridgedAndEndsAreHeld) {
    const auto field = field_of(2, 501, {{kNaN, 10, kNaN, 13.34}, {kNaN, kNaN, kNaN, kNaN}});
    const auto row = row_of(field, 0, 501);
    EXPECT_EQ(row[0], 1000);
    EXPECT_EQ(row[166], 1000);
    EXPECT_EQ(row[333], 1167);  // 1000 + 334 / 334 * 167
    EXPECT_EQ(row[500], 1334);
    EXPECT_EQ(row_of(field, 1, 501), row);  // the node row below has nothing
}

TEST(AngleField, AnEmptyNodeRowIsFilledFirstAndServesThePixelsBelow) {
    const auto field = field_of(501, 1, {{10.00}, {kNaN}, {kNaN}, {10.10}});
    const auto at = [&](int row) { return row_of(field, row, 1)[0]; };
    // Directly, row 332 were 1000 + 10 / 500 * 332 = 1006.64; by way of row 166, which became
    // 1003 instead of 1003.32, it is 1003 + 7 / 334 * 166 = 1006.48, and row 333 becomes 1006.
    EXPECT_EQ(at(166), 1003);
    EXPECT_EQ(at(333), 1006);
    // 1006 + 4 / 167 * 41 = 1006.98; without the detour it were 1007.48.
    EXPECT_EQ(at(374), 1006);
    EXPECT_EQ(at(500), 1010);
}

TEST(AngleField, WithoutAnyValue) {
    const auto field = field_of(3, 4, {{kNaN, kNaN}, {kNaN, kNaN}});
    EXPECT_TRUE(field.empty());
    EXPECT_EQ(row_of(field, 2, 4), std::vector<std::uint16_t>(4, kNone));
}

TEST(AngleField, AzimuthsDoNotWrap) {
    const auto field = field_of(1, 167, {{359, 1}});
    EXPECT_EQ(row_of(field, 0, 167)[83], 18000);
}

stdfs::path data() {
    const char* folder = std::getenv("HLS_TEST_DATA");
    return folder != nullptr ? folder : "../shared/data";
}

std::string text_of(const stdfs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

using FourAngles = std::array<Plane<std::uint16_t>, 4>;

FourAngles all_rows(const Sentinel2Angles& angles, const Plane<std::uint8_t>& detectors) {
    FourAngles planes;
    for (auto& plane : planes) plane = Plane<std::uint16_t>(angles.rows(), angles.cols());
    for (int r = 0; r < angles.rows(); ++r)
        angles.row(r, detectors.row(r),
                   {planes[0].row(r), planes[1].row(r), planes[2].row(r), planes[3].row(r)});
    return planes;
}

class GoldenAngles : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!stdfs::exists(golden_)) GTEST_SKIP() << "no golden data in " << golden_;
    }
    // Pixels of a four-band file that differ from (row * step + first, col * step + first).
    static long differences(const stdfs::path& file, const FourAngles& planes, int first,
                            int step) {
        long count = 0;
        for (int band = 0; band < 4; ++band) {
            const auto wanted = io::RasterReader(file.string(), band + 1).read<std::uint16_t>();
            EXPECT_GT(wanted.size(), 10000U);
            for (int r = 0; r < wanted.rows(); ++r)
                for (int c = 0; c < wanted.cols(); ++c)
                    count += wanted(r, c) != planes[static_cast<std::size_t>(band)](
                                                 first + r * step, first + c * step);
        }
        return count;
    }

    const stdfs::path golden_ = data() / "golden" / "s30";
};

TEST_F(GoldenAngles, FullTile) {
    const auto folder = golden_ / "angles_full";
    const auto tile = granule::parse_sentinel2_tile(text_of(folder / "MTD_TL.xml"), "MTD_TL.xml");
    const Sentinel2Angles angles(tile);
    ASSERT_EQ(angles.rows(), 3660);

    const auto fine =
        io::RasterReader((folder / "MSK_DETFOO_B06_20m.tif").string()).read<std::uint8_t>();
    Plane<std::uint8_t> detectors(3660, 3660);
    for (int r = 0; r < 3660; ++r)
        for (int c = 0; c < 3660; ++c)
            detectors(r, c) = fine((2 * r + 1) * 3 / 4, (2 * c + 1) * 3 / 4);
    const auto by_raster = all_rows(angles, detectors);
    EXPECT_EQ(differences(folder / "expected_angles_raster_every10.tif", by_raster, 0, 10), 0);
    EXPECT_EQ(differences(folder / "expected_angles_raster_corner128.tif", by_raster, 3532, 1), 0);

    const auto& corner = tile.geoposition.at(10);
    const auto footprints = granule::parse_detector_footprints(
        text_of(folder / "MSK_DETFOO_B06.gml"), "MSK_DETFOO_B06.gml");
    Plane<std::uint8_t> polygons(3660, 3660);
    rasterize_footprints(footprints, corner.ulx_m, corner.uly_m, 30, polygons.view());
    const auto wanted =
        io::RasterReader((folder / "expected_detector_gml_30m.tif").string()).read<std::uint8_t>();
    EXPECT_EQ(polygons.cells(), wanted.cells());
    EXPECT_EQ(
        differences(folder / "expected_angles_gml_every10.tif", all_rows(angles, polygons), 0, 10),
        0);
}

TEST_F(GoldenAngles, TwinsWithHolesAndACrossingOfNorth) {
    for (const auto& [letter, time] : {std::pair{"A", "120103"}, {"B", "121547"}}) {
        const auto l1 = open_sentinel2_l1(
            (golden_ /
             (std::string("S2A_MSIL1C_20210617T100559_N0300_R022_T35VLJ_20210617T") + time))
                .string(),
            {{}, true});
        const auto detectors = read_detectors(l1, kSentinel2AngleBand, 30);
        const auto expected = golden_ / "expected" / (letter + std::string("_detector_30m.tif"));
        EXPECT_EQ(detectors.cells(),
                  io::RasterReader(expected.string()).read<std::uint8_t>().cells());
        EXPECT_EQ(differences(golden_ / "expected" / (letter + std::string("_angles_30m.tif")),
                              all_rows(Sentinel2Angles(l1.tile), detectors), 0, 1),
                  0)
            << letter;
    }
}

// Nodes of real metadata appear in the pixels they lie on, cut to 0.01 degree.
TEST(RealAngles, NodesOfRealTiles) {
    const auto path = data() / "sentinel2";
    if (!stdfs::exists(path)) GTEST_SKIP() << "no Sentinel-2 data in " << path;
    for (const char* file : {"S2A_MSIL1C_20171207T002051_N0206_R116_T55JEJ_20171207T032513.zip",
                             "S2A_MSIL1C_20210908T042701_N0301_R133_T46RER_20210908T070248.SAFE"}) {
        const auto l1 = open_sentinel2_l1((path / file).string(), {{}, false});
        const Sentinel2Angles angles(l1.tile);
        const auto& grid = *l1.tile.sun_grid;
        ASSERT_EQ(grid.rows, 23);
        std::vector<std::uint8_t> none(static_cast<std::size_t>(angles.cols()));
        FourAngles rows;
        for (auto& row : rows) row = Plane<std::uint16_t>(1, angles.cols());
        for (int r = 0; r < grid.rows; ++r) {
            angles.row(std::min(r * 5000 / 30, 3659), none,
                       {rows[0].row(0), rows[1].row(0), rows[2].row(0), rows[3].row(0)});
            for (int c = 0; c < grid.cols; ++c) {
                const int col = std::min(c * 5000 / 30, 3659);
                EXPECT_EQ(rows[0](0, col), std::trunc(grid.zenith(r, c) * 100));
                EXPECT_EQ(rows[1](0, col), std::trunc(grid.azimuth(r, c) * 100));
                EXPECT_EQ(rows[2](0, col), kNone);
            }
        }
    }
}

TEST(Sentinel2Angles, MetadataWithoutGridsAreRefused) {
    granule::Sentinel2Tile tile;
    tile.source = "MTD_TL.xml";
    tile.geoposition[10] = {600, 600, 0, 0};
    EXPECT_THROW(Sentinel2Angles{tile}, Error);
    granule::Sentinel2AngleGrid grid{2, 2, 5000, 5000, {1, 2, 3, 4}, {1, 2, 3, 4}};
    tile.sun_grid = grid;
    tile.view_grids = {{4, 3, grid}};  // of another band only
    EXPECT_THROW(Sentinel2Angles{tile}, Error);
    tile.view_grids = {{5, 3, grid}};
    EXPECT_EQ(Sentinel2Angles(tile).rows(), 200);
}

}  // namespace
}  // namespace hls::scene
