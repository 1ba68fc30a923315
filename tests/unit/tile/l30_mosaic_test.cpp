// SPDX-License-Identifier: Apache-2.0
// The mosaic of synthetic scenes against a plain per-pixel reading of tiling.md 2.2-2.5 and 4.
#include "tile/l30_mosaic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "geo/utm.hpp"
#include "synthetic_scene.hpp"

namespace hls::tile {
namespace {

constexpr std::array kBandLayers{"SR_B1", "SR_B2", "SR_B3",  "SR_B4",  "SR_B5",
                                 "SR_B6", "SR_B7", "TOA_B9", "BT_B10", "BT_B11"};
constexpr std::array kAngleLayers{"SZA", "SAA", "VZA", "VAA"};

int round_up(double x) {
    return static_cast<int>(std::floor(x + 0.5));
}

int stored(std::size_t band, int u) {
    if (u == 0) return -9999;
    return band < 8 ? round_up((u * 2.75e-5 - 0.2) * 1e4)
                    : round_up(((u * 0.00341802 + 149) - 273.16) * 100);
}

// Values that are whole numbers but for rounding are cut at random, so the order of operations is
// that of the module.
double weight(double d) {
    const double d2 = d * d;
    const double d3 = d2 * d;
    return d < 1 ? d3 - 2 * d2 + 1 : d <= 2 ? -(d3 - 5 * d2 + 8 * d - 4) : 0;
}

// Fmask of one scene, dilated and packed, from its definition.
Plane<int> packed_mask(const SyntheticScene& scene) {
    const auto& classes = scene.layers.at("FMASK");
    Plane<int> out(classes.rows(), classes.cols());
    for (int r = 0; r < classes.rows(); ++r)
        for (int c = 0; c < classes.cols(); ++c) {
            constexpr std::array kBits{0, 32, 8, 16, 2, 1};
            const int value = classes(r, c);
            bool near = false;
            for (int y = std::max(0, r - 5); y <= std::min(classes.rows() - 1, r + 5); ++y)
                for (int x = std::max(0, c - 5); x <= std::min(classes.cols() - 1, c + 5); ++x)
                    near |= classes(y, x) == 2 || classes(y, x) == 4;
            const int bit = near && value != 2 && value != 4
                                ? 4
                                : kBits[static_cast<std::size_t>(value == 255 ? 0 : value)];
            out(r, c) = value == 255 ? 255 : bit | (scene.layers.at("SR_QA_AEROSOL")(r, c) & 0xC0);
        }
    return out;
}

// The whole tile by the book; positions through the exact change of projection per pixel.
L30Strip reference(const io::Grid& tile, const std::vector<SyntheticScene>& scenes) {
    L30Strip out(tile.rows, tile.cols);
    Plane<char> filled(tile.rows, tile.cols);
    for (const auto& scene : scenes) {
        const Plane<int> mask = packed_mask(scene);
        const geo::Utm from(*geo::utm_zone_of_epsg(tile.epsg));
        const geo::Utm to(*geo::utm_zone_of_epsg(scene.grid.epsg));
        for (int r = 0; r < tile.rows; ++r)
            for (int c = 0; c < tile.cols; ++c) {
                geo::EastNorth at{tile.ulx_m + 30 * c + 15, tile.uly_m - 30 * r - 15};
                if (tile.epsg != scene.grid.epsg) at = to.forward(from.inverse(at));
                const double sr = (scene.grid.uly_m - at.y_m) / 30;
                const double sc = (at.x_m - scene.grid.ulx_m) / 30;
                const int nr = static_cast<int>(std::floor(sr));
                const int nc = static_cast<int>(std::floor(sc));
                if (nr >= 0 && nc >= 0 && nr < scene.grid.rows && nc < scene.grid.cols) {
                    std::array<int, 4> angle{};
                    for (std::size_t a = 0; a < 4; ++a)
                        angle[a] = scene.layers.at(kAngleLayers[a])(nr, nc);
                    if (angle != std::array<int, 4>{})
                        for (std::size_t a = 0; a < 4; ++a)
                            out.angles[a](r, c) = static_cast<std::uint16_t>(
                                a % 2 == 1 && angle[a] < 0 ? angle[a] + 36000 : angle[a]);
                }
                const int br = round_up(sr) - 2;
                const int bc = round_up(sc) - 2;
                if (filled(r, c) || br < 0 || bc < 0 || br + 3 >= scene.grid.rows ||
                    bc + 3 >= scene.grid.cols)
                    continue;
                std::array<double, 10> values{};
                bool valid = true;
                for (std::size_t b = 0; b < 10; ++b)
                    for (int i = 0; i < 4; ++i) {
                        double along = 0;
                        for (int j = 0; j < 4; ++j) {
                            const int v =
                                stored(b, scene.layers.at(kBandLayers[b])(br + i, bc + j));
                            valid &= v > -9999;
                            along += weight(std::abs(sc - (bc + j + 0.5))) * v;
                        }
                        values[b] += weight(std::abs(sr - (br + i + 0.5))) * along;
                    }
                if (!valid) continue;
                for (std::size_t b = 0; b < 10; ++b)
                    out.bands[b](r, c) = static_cast<std::int16_t>(
                        std::clamp(std::trunc(values[b]), -32768.0, 32767.0));
                int bits = 0;
                int level = 0;
                for (int i = 1; i < 3; ++i)
                    for (int j = 1; j < 3; ++j) {
                        bits |= mask(br + i, bc + j) & 63;
                        level = std::max(level, mask(br + i, bc + j) >> 6);
                    }
                out.fmask(r, c) = static_cast<std::uint8_t>(bits | level << 6);
                filled(r, c) = std::any_of(out.bands.begin(), out.bands.begin() + 7,
                                           [&](const auto& band) { return band(r, c) > -9999; });
            }
    }
    return out;
}

template <typename T>
void copy_rows(const Plane<T>& from, Plane<T>& to, int first_row) {
    std::copy(from.cells().begin(), from.cells().end(), to.row(first_row).begin());
}

L30Strip mosaic(const io::Grid& tile, const std::vector<scene::AcScene>& scenes, int strip_rows,
                int threads, L30Summary* summary = nullptr) {
    L30Mosaic source(tile, scenes, threads);
    L30Strip whole(tile.rows, tile.cols);
    for (int row = 0; row < tile.rows; row += strip_rows) {
        L30Strip strip(std::min(strip_rows, tile.rows - row), tile.cols);
        source.read_strip(row, strip);
        for (std::size_t b = 0; b < strip.bands.size(); ++b)
            copy_rows(strip.bands[b], whole.bands[b], row);
        for (std::size_t a = 0; a < strip.angles.size(); ++a)
            copy_rows(strip.angles[a], whole.angles[a], row);
        copy_rows(strip.fmask, whole.fmask, row);
    }
    if (summary != nullptr) *summary = source.summary();
    return whole;
}

std::vector<scene::AcScene> write_all(const std::vector<SyntheticScene>& scenes,
                                      const TemporaryFolder& folder) {
    std::vector<scene::AcScene> written;
    for (const auto& scene : scenes) written.push_back(scene.write(folder.path()));
    return written;
}

struct Differences {
    long values = 0;       // pixels x bands that differ at all
    long more_than_1 = 0;  // by more than one count
    long fill = 0;         // fill in one only
    long mask = 0;
    long angles = 0;
    long valid = 0;  // pixels of the reference that have reflectance
};

Differences compare(const L30Strip& a, const L30Strip& b) {
    Differences d;
    for (std::size_t i = 0; i < a.fmask.size(); ++i) {
        const bool a_fill = a.bands[0].cells()[i] == -9999;
        const bool b_fill = b.bands[0].cells()[i] == -9999;
        d.valid += !b_fill;
        d.fill += a_fill != b_fill;
        d.mask += a.fmask.cells()[i] != b.fmask.cells()[i];
        for (std::size_t k = 0; k < a.angles.size(); ++k)
            d.angles += a.angles[k].cells()[i] != b.angles[k].cells()[i];
        if (a_fill != b_fill) continue;
        for (std::size_t k = 0; k < a.bands.size(); ++k) {
            const int difference = std::abs(a.bands[k].cells()[i] - b.bands[k].cells()[i]);
            d.values += difference > 0;
            d.more_than_1 += difference > 1;
        }
    }
    return d;
}

void expect_equal(const L30Strip& a, const L30Strip& b, long at_least_valid = 1000) {
    const Differences d = compare(a, b);
    EXPECT_EQ(d.values, 0);
    EXPECT_EQ(d.fill, 0);
    EXPECT_EQ(d.mask, 0);
    EXPECT_EQ(d.angles, 0);
    EXPECT_GE(d.valid, at_least_valid);
}

// Around the upper-left corner of 19LBJ, south of the equator with negative northings.
const io::Grid kTile{140, 150, 199980, -1099980, 30, 32619};

TEST(L30Mosaic, ThreeRowsOfTheSameZone) {
    const TemporaryFolder folder;
    std::vector<SyntheticScene> scenes;
    scenes.emplace_back(66, io::Grid{70, 120, 199980 - 615, -1099980 + 315, 30, 32619}, 1);
    scenes.emplace_back(67, io::Grid{60, 120, 199980 + 45, -1099980 - 1215, 30, 32619}, 2);
    scenes.emplace_back(68, io::Grid{80, 150, 199980 + 1035, -1099980 - 2415, 30, 32619}, 3);
    // A single missing sample, of reflectance, cirrus or temperature, erases 4 x 4 tile pixels.
    scenes[0].layers["SR_B3"](40, 60) = 0;
    scenes[1].layers["BT_B11"](20, 50) = 0;
    scenes[1].layers["TOA_B9"](30, 5) = 0;
    scenes[2].layers["BT_B10"](44, 44) = 7071;  // -9999 after scaling
    scenes[2].layers["BT_B10"](60, 44) = 7074;  // still valid
    for (const auto* layer : kAngleLayers) scenes[2].layers[layer](25, 30) = 0;
    for (const auto* layer : {"SZA", "VZA", "VAA"}) scenes[2].layers[layer](50, 30) = 0;
    const auto written = write_all(scenes, folder);
    L30Summary summary;
    const L30Strip made = mosaic(kTile, written, 64, 2, &summary);
    expect_equal(made, reference(kTile, scenes), 10000);
    for (const auto pixels : summary.contributed) EXPECT_GT(pixels, 500);
    // Any strip height and number of threads makes the same.
    expect_equal(made, mosaic(kTile, written, 37, 1));
    expect_equal(made, mosaic(kTile, written, 140, 5));
}

TEST(L30Mosaic, OrderDecides) {
    const TemporaryFolder folder;
    std::vector<SyntheticScene> scenes;
    scenes.emplace_back(67, io::Grid{100, 100, 199980 - 15, -1099980 + 15, 30, 32619}, 1);
    scenes.emplace_back(68, io::Grid{100, 100, 199980 - 15, -1099980 + 15, 30, 32619}, 2);
    const auto written = write_all(scenes, folder);
    const L30Strip made = mosaic(kTile, written, 256, 2);
    const L30Strip first = mosaic(kTile, {written[0]}, 256, 2);
    const L30Strip last = mosaic(kTile, {written[1]}, 256, 2);
    EXPECT_EQ(made.bands[3].cells(), first.bands[3].cells());
    EXPECT_EQ(made.fmask.cells(), first.fmask.cells());
    EXPECT_EQ(made.angles[0].cells(), last.angles[0].cells());
    EXPECT_NE(first.angles[0].cells(), last.angles[0].cells());
}

// A scene whose pixels do not meet the tile's at their corners takes the general form.
TEST(L30Mosaic, AnyShiftWithinTheZone) {
    const TemporaryFolder folder;
    for (const double shift : {0.0, 7.5, -10.0}) {
        std::vector<SyntheticScene> scenes;
        scenes.emplace_back(
            67, io::Grid{100, 110, 199980 + 300 + shift, -1099980 - 300 - shift, 30, 32619}, 5);
        const TemporaryFolder own;
        const auto written = write_all(scenes, own);
        expect_equal(mosaic(kTile, written, 64, 2), reference(kTile, scenes));
    }
}

// Northings of EPSG:327zz carry 10,000 km.
TEST(L30Mosaic, SouthernZoneDefinitionIsTheSamePlace) {
    const TemporaryFolder folder;
    std::vector<SyntheticScene> scenes;
    scenes.emplace_back(67, io::Grid{100, 110, 199980 + 315, -1099980 - 315, 30, 32619}, 5);
    const L30Strip expected = reference(kTile, scenes);
    scenes[0].grid = {100, 110, 199980 + 315, 1e7 - 1099980 - 315, 30, 32719};
    expect_equal(mosaic(kTile, write_all(scenes, folder), 64, 2), expected);
}

struct ZoneCase {
    const char* name;
    int tile_epsg;
    double tile_ulx_m, tile_uly_m;
    int scene_epsg;
};

// Centre of the tile in pixels of a scene in another zone, for a scene that covers the tile.
SyntheticScene covering_scene(const io::Grid& tile, int epsg, int size, unsigned seed) {
    const geo::Utm from(*geo::utm_zone_of_epsg(tile.epsg));
    const geo::Utm to(*geo::utm_zone_of_epsg(epsg));
    const auto center = to.forward(from.inverse(
        {tile.ulx_m + tile.cols * tile.pixel_m / 2, tile.uly_m - tile.rows * tile.pixel_m / 2}));
    const double half = size * 15.0;
    return {67,
            {size, size, std::round((center.x_m - half) / 30) * 30 + 15,
             std::round((center.y_m + half) / 30) * 30 + 15, 30, epsg},
            seed};
}

TEST(L30Mosaic, OtherZonesAgreeWithTheExactProjection) {
    for (const ZoneCase& zone : {ZoneCase{"equator, east", 32619, 199980, -1099980, 32618},
                                 ZoneCase{"mid north, west", 32633, 300000, 5300040, 32632},
                                 ZoneCase{"far north, two zones", 32633, 399960, 8700000, 32635},
                                 ZoneCase{"far south", 32719 - 100, 699960, -5800020, 32620}}) {
        const TemporaryFolder folder;
        const io::Grid tile{200, 220, zone.tile_ulx_m, zone.tile_uly_m, 30, zone.tile_epsg};
        const std::vector scenes{covering_scene(tile, zone.scene_epsg, 230, 9)};
        const L30Strip made = mosaic(tile, write_all(scenes, folder), 48, 2);
        const Differences d = compare(made, reference(tile, scenes));
        EXPECT_GT(d.valid, 20000) << zone.name;
        EXPECT_LE(d.values, d.valid / 1000) << zone.name;
        EXPECT_EQ(d.more_than_1, 0) << zone.name;
        EXPECT_EQ(d.fill, 0) << zone.name;
        EXPECT_EQ(d.mask, 0) << zone.name;
        EXPECT_EQ(d.angles, 0) << zone.name;
    }
}

// The whole overlap of two tiles, for scenes of their zone and of the next one.
TEST(L30Mosaic, NeighbouringTilesAgreeInTheirOverlap) {
    constexpr int kApart = 90;  // pixels; MGRS corners are multiples of 60 m
    for (const int epsg : {32633, 32632}) {
        const TemporaryFolder folder;
        const io::Grid west{180, 200, 300000, 5300040, 30, 32633};
        io::Grid east = west;
        east.ulx_m += kApart * 30;
        east.uly_m -= kApart * 30;
        const auto written = write_all({covering_scene(west, epsg, 260, 4)}, folder);
        const L30Strip a = mosaic(west, written, 64, 2);
        const L30Strip b = mosaic(east, written, 48, 2);
        long valid = 0;
        for (int r = kApart; r < west.rows; ++r)
            for (int c = kApart; c < west.cols; ++c) {
                for (std::size_t k = 0; k < a.bands.size(); ++k)
                    ASSERT_EQ(a.bands[k](r, c), b.bands[k](r - kApart, c - kApart));
                for (std::size_t k = 0; k < a.angles.size(); ++k)
                    ASSERT_EQ(a.angles[k](r, c), b.angles[k](r - kApart, c - kApart));
                ASSERT_EQ(a.fmask(r, c), b.fmask(r - kApart, c - kApart));
                valid += a.bands[0](r, c) != -9999;
            }
        EXPECT_GT(valid, 5000);
    }
}

TEST(L30Mosaic, ReflectanceWithoutAnglesIsBlanked) {
    const TemporaryFolder folder;
    std::vector<SyntheticScene> scenes;
    scenes.emplace_back(67, io::Grid{100, 110, 199980 - 15, -1099980 + 15, 30, 32619}, 5);
    for (const auto* layer : kAngleLayers) scenes[0].layers[layer](51, 61) = 0;
    L30Summary summary;
    L30Strip strip = mosaic(kTile, write_all(scenes, folder), 256, 2, &summary);
    const int row = 50;
    const int col = 60;
    ASSERT_EQ(strip.angles[0](row, col), 40000);
    ASSERT_NE(strip.bands[0](row, col), -9999);
    const auto cirrus = strip.bands[7](row + 1, col);
    normalize_strip(Nbar(kL30Brdf, 30), strip, 2);
    for (const auto& band : strip.bands) EXPECT_EQ(band(row, col), -9999);
    EXPECT_EQ(strip.fmask(row, col), 255);
    EXPECT_NE(strip.bands[0](row + 1, col), -9999);
    EXPECT_EQ(strip.bands[7](row + 1, col), cirrus) << "cirrus is not normalised";
    EXPECT_EQ(summary.coverage.valid, summary.angles.count + 1);
}

TEST(L30Mosaic, ScenesElsewhereAreLegalAndEmpty) {
    const TemporaryFolder folder;
    const auto written =
        write_all({SyntheticScene(67, {50, 50, 400005, -1099980 + 15, 30, 32619}, 5)}, folder);
    EXPECT_FALSE(L30Mosaic(kTile, written, 1).overlaps());
    L30Summary summary;
    const L30Strip strip = mosaic(kTile, written, 64, 1, &summary);
    EXPECT_EQ(summary.coverage.valid, 0);
    EXPECT_EQ(strip.bands[0](0, 0), -9999);
}

void expect_bad_input(const scene::AcScene& scene, const std::string& text) {
    try {
        mosaic(kTile, {scene}, 64, 2);
        ADD_FAILURE() << "not refused: " << text;
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input);
        EXPECT_NE(error.message.find(text), std::string::npos) << error.message;
    }
}

TEST(L30Mosaic, RefusesDamagedScenes) {
    const TemporaryFolder folder;
    SyntheticScene scene(67, {100, 110, 199980 + 315, -1099980 - 315, 30, 32619}, 5);
    scene.layers["FMASK"](3, 4) = 9;
    expect_bad_input(scene.write(folder.path()), "9 at row 3, column 4");

    const TemporaryFolder other;
    scene.layers["FMASK"](3, 4) = 0;
    scene.layers.erase("VZA");
    expect_bad_input(scene.write(other.path()), "missing layer VZA");

    scene.layers["VZA"] = Plane<int>(100, 110);
    const TemporaryFolder third;
    auto moved = scene.write(third.path());
    moved.grid.ulx_m += 30;
    expect_bad_input(moved, "not on the grid");
    moved.grid.ulx_m -= 30;
    moved.grid.rows -= 1;
    expect_bad_input(moved, "100 x 110 pixels, the scene has 99 x 110");
    moved.grid.epsg = 3031;
    expect_bad_input(moved, "EPSG:3031");
}

}  // namespace
}  // namespace hls::tile
