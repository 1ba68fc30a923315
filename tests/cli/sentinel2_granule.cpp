// SPDX-License-Identifier: Apache-2.0
// usage: sentinel2_granule DIR ROWS COLS [BASELINE]
// Writes a small Sentinel-2 Level-1C product of tile 33XVG as DIR/<product id>.SAFE, ROWS x COLS
// pixels of 10 m (multiples of 6): land with a lake and a swath edge, two detectors, digital
// numbers with the offset of the baseline (default 05.11), masks and a quality report. Bands and
// masks are GeoTIFF: whoever needs JPEG 2000 converts them. Prints the folder's name.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "granule/sentinel2.hpp"
#include "io/raster.hpp"

namespace {

using namespace hls;

constexpr double kUlx = 399960, kUly = 8700000;
constexpr int kNodes = 23;

struct Request {
    std::filesystem::path folder;
    int rows = 0, cols = 0;
    granule::Sentinel2Baseline baseline{5, 11};

    int offset() const { return baseline >= granule::kOffsetBaseline ? 1000 : 0; }
    std::string product() const {
        return fmt::format("S2B_MSIL1C_20240615T105619_N{:02}{:02}_R094_T33XVG_20240615T130000",
                           baseline.major, baseline.minor);
    }
    std::filesystem::path safe() const { return folder / (product() + ".SAFE"); }
    std::filesystem::path tile() const {
        return safe() / "GRANULE" / "L1C_T33XVG_A037999_20240615T105618";
    }
    std::string oper(std::string_view kind, std::string_view middle) const {
        return fmt::format("S2B_OPER_MSI_L1C_{}_2BPS_20240615T130000_{}_N{}", kind, middle,
                           granule::format_sentinel2_baseline(baseline));
    }
};

void write_text(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
}

// TOA reflectance * 1e4 of land with some texture, of a lake in its middle; 0 beyond the swath.
int reflectance(const Request& request, std::size_t band, double x, double y) {
    constexpr std::array<int, granule::kSentinel2Bands> kLand{
        1250, 1020, 980, 760, 1150, 2100, 2550, 2600, 2800, 900, 15, 1900, 1050};
    constexpr std::array<int, granule::kSentinel2Bands> kLake{1150, 880, 680, 430, 330, 270, 240,
                                                              210,  180, 60,  12,  60,  40};
    if (x + y / 4 > request.cols * 10 * 0.95 + request.rows) return 0;
    const bool lake = std::hypot(x - request.cols * 4, y - request.rows * 5) < request.rows * 1.5;
    const double texture = 1 + 0.08 * std::sin(x / 90) * std::cos(y / 70);
    return static_cast<int>(texture * (lake ? kLake : kLand)[band]);
}

io::Grid grid_of(const Request& request, int pixel_m) {
    return {request.rows * 10 / pixel_m,
            request.cols * 10 / pixel_m,
            kUlx,
            kUly,
            static_cast<double>(pixel_m),
            32633};
}

template <typename T>
void write_raster(const std::filesystem::path& path, const io::Grid& grid, const Plane<T>& plane,
                  io::PixelType type) {
    io::Layer layer;
    layer.type = type;
    io::RasterWriter writer(path.string(), grid, layer);
    writer.write_rows(0, plane.view());
    writer.close();
}

void write_bands(const Request& request) {
    for (std::size_t band = 0; band < granule::kSentinel2Bands; ++band) {
        const auto& info = granule::sentinel2_bands()[band];
        const auto grid = grid_of(request, info.resolution_m);
        Plane<std::uint16_t> dn(grid.rows, grid.cols);
        for (int r = 0; r < grid.rows; ++r)
            for (int c = 0; c < grid.cols; ++c) {
                const int value = reflectance(request, band, (c + .5) * info.resolution_m,
                                              (r + .5) * info.resolution_m);
                dn(r, c) = static_cast<std::uint16_t>(value == 0 ? 0 : value + request.offset());
            }
        write_raster(
            request.tile() / "IMG_DATA" / fmt::format("T33XVG_20240615T105619_{}.tif", info.name),
            grid, dn, io::PixelType::u16);
    }
}

// Two detectors with a slanted seam.
void write_detectors(const Request& request) {
    const auto qi = request.tile() / "QI_DATA";
    const double seam = kUlx + request.cols * 5.;
    if (request.baseline < granule::kOffsetBaseline) {
        const double south = kUly - request.rows * 10, east = kUlx + request.cols * 10;
        const auto feature = [](int id, int n, std::string_view ring) {
            return fmt::format(
                "<eop:MaskFeature gml:id=\"detector_footprint-B06-{:02}-{}\"><eop:extentOf>"
                "<gml:Polygon><gml:exterior><gml:LinearRing><gml:posList srsDimension=\"3\">{}"
                "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></eop:extentOf>"
                "</eop:MaskFeature>",
                id, n, ring);
        };
        const auto west_ring = fmt::format("{0} {1} 0 {2} {1} 0 {3} {4} 0 {0} {4} 0 {0} {1} 0",
                                           kUlx, kUly, seam, seam - 100, south);
        const auto east_ring = fmt::format("{0} {1} 0 {2} {1} 0 {2} {4} 0 {3} {4} 0 {0} {1} 0",
                                           seam, kUly, east, seam - 100, south);
        write_text(qi / "MSK_DETFOO_B06.gml",
                   fmt::format("<eop:Mask xmlns:eop=\"e\" xmlns:gml=\"g\"><eop:maskMembers>{}{}"
                               "</eop:maskMembers></eop:Mask>",
                               feature(5, 0, west_ring), feature(6, 1, east_ring)));
        return;
    }
    const auto grid = grid_of(request, 20);
    Plane<std::uint8_t> ids(grid.rows, grid.cols);
    for (int r = 0; r < grid.rows; ++r)
        for (int c = 0; c < grid.cols; ++c)
            ids(r, c) = kUlx + c * 20 < seam - 100. * r / grid.rows ? 5 : 6;
    write_raster(qi / "MSK_DETFOO_B06.tif", grid, ids, io::PixelType::u8);
}

std::string angle_grid(double start, double step) {
    std::string text =
        "<COL_STEP unit=\"m\">5000</COL_STEP><ROW_STEP unit=\"m\">5000</ROW_STEP><Values_List>";
    for (int r = 0; r < kNodes; ++r) {
        text += "<VALUES>";
        for (int c = 0; c < kNodes; ++c) text += fmt::format("{:.4f} ", start + step * (r + c));
        text += "</VALUES>";
    }
    return text + "</Values_List>";
}

std::string view_grid(int detector, double zenith, double azimuth) {
    return fmt::format(
        "<Viewing_Incidence_Angles_Grids bandId=\"5\" detectorId=\"{}\"><Zenith>{}</Zenith>"
        "<Azimuth>{}</Azimuth></Viewing_Incidence_Angles_Grids>",
        detector, angle_grid(zenith, .05), angle_grid(azimuth, .1));
}

std::string geocoding(const Request& request) {
    std::string text =
        "<HORIZONTAL_CS_NAME>WGS84 / UTM zone 33N</HORIZONTAL_CS_NAME>"
        "<HORIZONTAL_CS_CODE>EPSG:32633</HORIZONTAL_CS_CODE>";
    for (const int m : granule::kSentinel2Resolutions) {
        const auto grid = grid_of(request, m);
        text += fmt::format(
            "<Size resolution=\"{0}\"><NROWS>{1}</NROWS><NCOLS>{2}</NCOLS></Size>"
            "<Geoposition resolution=\"{0}\"><ULX>{3:.0f}</ULX><ULY>{4:.0f}</ULY></Geoposition>",
            m, grid.rows, grid.cols, kUlx, kUly);
    }
    return text;
}

void write_metadata(const Request& request) {
    std::string offsets;
    if (request.offset() != 0)
        for (int band = 0; band < granule::kSentinel2Bands; ++band)
            offsets +=
                fmt::format("<RADIO_ADD_OFFSET band_id=\"{}\">-1000</RADIO_ADD_OFFSET>\n", band);
    write_text(
        request.safe() / "MTD_MSIL1C.xml",
        fmt::format(
            "<n1:Level-1C_User_Product xmlns:n1=\"x\"><n1:General_Info><Product_Info>\n"
            "<PRODUCT_URI>{}.SAFE</PRODUCT_URI>\n<PROCESSING_LEVEL>Level-1C</PROCESSING_LEVEL>\n"
            "<PROCESSING_BASELINE>{}</PROCESSING_BASELINE>\n<Datatake>\n"
            "<SPACECRAFT_NAME>Sentinel-2B</SPACECRAFT_NAME>\n</Datatake></Product_Info>\n"
            "<Product_Image_Characteristics><QUANTIFICATION_VALUE>10000</QUANTIFICATION_VALUE>\n"
            "<Radiometric_Offset_List>\n{}</Radiometric_Offset_List></"
            "Product_Image_Characteristics>"
            "</n1:General_Info>\n<n1:Quality_Indicators_Info>\n"
            "<Cloud_Coverage_Assessment>1.5</Cloud_Coverage_Assessment>\n"
            "</n1:Quality_Indicators_Info></n1:Level-1C_User_Product>\n",
            request.product(), granule::format_sentinel2_baseline(request.baseline), offsets));
    write_text(
        request.tile() / "MTD_TL.xml",
        fmt::format(
            "<n1:Level-1C_Tile_ID xmlns:n1=\"x\"><n1:General_Info>\n<TILE_ID>{}</TILE_ID>\n"
            "<DATASTRIP_ID>{}</DATASTRIP_ID>\n<SENSING_TIME>2024-06-15T10:56:18.024Z</"
            "SENSING_TIME>\n"
            "<Archiving_Info><ARCHIVING_TIME>2024-06-15T13:05:00.5Z</ARCHIVING_TIME></"
            "Archiving_Info>"
            "</n1:General_Info>\n<n1:Geometric_Info><Tile_Geocoding>{}</Tile_Geocoding>\n"
            "<Tile_Angles><Sun_Angles_Grid><Zenith>{}</Zenith><Azimuth>{}</Azimuth>"
            "</Sun_Angles_Grid>\n<Mean_Sun_Angle>\n<ZENITH_ANGLE>55.5</ZENITH_ANGLE>\n"
            "<AZIMUTH_ANGLE>175.2</AZIMUTH_ANGLE>\n</Mean_Sun_Angle>\n{}{}"
            "<Mean_Viewing_Incidence_Angle_List><Mean_Viewing_Incidence_Angle bandId=\"0\">"
            "<ZENITH_ANGLE>6.1</ZENITH_ANGLE><AZIMUTH_ANGLE>104.5</AZIMUTH_ANGLE>"
            "</Mean_Viewing_Incidence_Angle></Mean_Viewing_Incidence_Angle_List></Tile_Angles>"
            "</n1:Geometric_Info></n1:Level-1C_Tile_ID>\n",
            request.oper("TL", "A037999_T33XVG"), request.oper("DS", "S20240615T105618"),
            geocoding(request), angle_grid(55.4, .01), angle_grid(175, .02), view_grid(5, 6.5, 104),
            view_grid(6, 4.5, 284)));
    write_text(request.tile() / "QI_DATA" / "GENERAL_QUALITY.xml",
               "<Earth_Explorer_File xmlns=\"o\"><Data_Block><report><checkList><check>"
               "<inspection id=\"Data_Loss\"/><message>No data loss in this tile.</message></check>"
               "</checkList></report></Data_Block></Earth_Explorer_File>\n");
}

int run(int argc, char** argv) {
    if (argc < 4) {
        std::fputs("usage: sentinel2_granule DIR ROWS COLS [BASELINE]\n", stderr);
        return 2;
    }
    Request request{argv[1], static_cast<int>(to_int(argv[2]).value_or(0)),
                    static_cast<int>(to_int(argv[3]).value_or(0))};
    if (argc > 4)
        request.baseline = granule::parse_sentinel2_baseline(argv[4]).value_or(request.baseline);
    std::filesystem::create_directories(request.tile() / "IMG_DATA");
    std::filesystem::create_directories(request.tile() / "QI_DATA");
    write_bands(request);
    write_detectors(request);
    write_metadata(request);
    std::puts(request.safe().c_str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const hls::Error& error) {
        std::fprintf(stderr, "sentinel2_granule: %s\n", error.what());
        return static_cast<int>(error.code);
    }
}
