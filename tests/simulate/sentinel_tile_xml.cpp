// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <limits>

#include "simulate/sentinel_xml.hpp"

namespace hls::simulate {
namespace {

constexpr int kNodes = 23;
constexpr double kNodeStepM = 5000;
// 23 x 23 nodes from the tile's corner. Angles as "%g", which gives six digits as the products do.
std::string grid_xml(const char* name, const std::function<double(int row, int col)>& value) {
    std::string text = fmt::format(
        "<{}>\n<COL_STEP unit=\"m\">5000</COL_STEP>\n<ROW_STEP unit=\"m\">5000</ROW_STEP>\n"
        "<Values_List>\n",
        name);
    for (int row = 0; row < kNodes; ++row) {
        text += "<VALUES>";
        for (int col = 0; col < kNodes; ++col) {
            const double number = value(row, col);
            text += col == 0 ? "" : " ";
            text += std::isnan(number) ? "NaN" : fmt::format("{:g}", number);
        }
        text += "</VALUES>\n";
    }
    return text + fmt::format("</Values_List>\n</{}>\n", name);
}

struct Node {
    double x, y;
};

Node node_at(const MapBox& box, int row, int col) noexcept {
    return {box.west + col * kNodeStepM, box.north - row * kNodeStepM};
}

// Angles of one detector and band over the full tile; empty if it does not see any node.
std::string view_grids_xml(const SentinelGeometry& geometry, const MapBox& box, int band,
                           int detector) {
    const auto borders = geometry.borders_m(detector, band);
    bool any = false;
    const auto angle = [&](bool azimuth, int row, int col) {
        const Node node = node_at(box, row, col);
        const double across = geometry.across_m(node.x, node.y);
        const bool inside = across >= borders[0] - SentinelGeometry::kSharedM &&
                            across <= borders[1] + SentinelGeometry::kSharedM &&
                            geometry.in_strip(geometry.along_m(node.x, node.y));
        if (!inside) return std::numeric_limits<double>::quiet_NaN();
        any = true;
        const MsiView view = geometry.view(across, band, detector);
        return azimuth ? view.azimuth_deg : view.zenith_deg;
    };
    std::string text = fmt::format(
        "<Viewing_Incidence_Angles_Grids bandId=\"{}\" detectorId=\"{}\">\n", band, detector);
    text += grid_xml("Zenith", [&](int row, int col) { return angle(false, row, col); });
    text += grid_xml("Azimuth", [&](int row, int col) { return angle(true, row, col); });
    return any ? text + "</Viewing_Incidence_Angles_Grids>\n" : "";
}

// Mean over the nodes inside the raster, each by the detector that sees it.
MsiView mean_view(const SentinelRequest& request, const SentinelGeometry& geometry, int band) {
    const MapBox box = request.extent();
    double zenith = 0, azimuth = 0;
    int count = 0;
    constexpr int kSamples = 24;
    for (int j = 0; j < kSamples; ++j)
        for (int i = 0; i < kSamples; ++i) {
            const double x = box.west + (i + 0.5) / kSamples * (box.east - box.west);
            const double y = box.north - (j + 0.5) / kSamples * (box.north - box.south);
            const double across = geometry.across_m(x, y);
            const int detector = geometry.detector(across, band);
            if (detector == 0 || !geometry.in_strip(geometry.along_m(x, y))) continue;
            const MsiView view = geometry.view(across, band, detector);
            zenith += view.zenith_deg;
            azimuth += view.azimuth_deg;
            ++count;
        }
    return count == 0 ? MsiView{0, 0} : MsiView{zenith / count, azimuth / count};
}

std::string geocoding_xml(const SentinelRequest& request) {
    const geo::MgrsTile square = request.mgrs();
    std::string text = fmt::format(
        "<Tile_Geocoding metadataLevel=\"Brief\">\n"
        "<HORIZONTAL_CS_NAME>WGS84 / UTM zone {}{}</HORIZONTAL_CS_NAME>\n"
        "<HORIZONTAL_CS_CODE>EPSG:{}</HORIZONTAL_CS_CODE>\n",
        square.zone, square.south() ? 'S' : 'N', square.epsg());
    for (const int pixel : granule::kSentinel2Resolutions) {
        const io::Grid grid = request.grid(pixel);
        text +=
            fmt::format("<Size resolution=\"{}\">\n<NROWS>{}</NROWS>\n<NCOLS>{}</NCOLS>\n</Size>\n",
                        pixel, grid.rows, grid.cols);
    }
    for (const int pixel : granule::kSentinel2Resolutions) {
        const io::Grid grid = request.grid(pixel);
        text += fmt::format(
            "<Geoposition resolution=\"{0}\">\n<ULX>{1:.0f}</ULX>\n<ULY>{2:.0f}</ULY>\n"
            "<XDIM>{0}</XDIM>\n<YDIM>-{0}</YDIM>\n</Geoposition>\n",
            pixel, grid.ulx_m, grid.uly_m);
    }
    return text + "</Tile_Geocoding>\n";
}

std::string angles_xml(const SentinelRequest& request, const SentinelGeometry& geometry) {
    const MapBox box = request.extent();
    const auto sun = [&](bool azimuth, int row, int col) {
        const Node node = node_at(box, row, col);
        const SunAngles angles = geometry.sun_at(node.x, node.y);
        return azimuth ? std::fmod(angles.azimuth_deg + 720, 360) : angles.zenith_deg;
    };
    std::string text = "<Tile_Angles metadataLevel=\"Standard\">\n<Sun_Angles_Grid>\n";
    text += grid_xml("Zenith", [&](int row, int col) { return sun(false, row, col); });
    text += grid_xml("Azimuth", [&](int row, int col) { return sun(true, row, col); });
    const SunAngles mean = geometry.sun_at((box.west + box.east) / 2, (box.south + box.north) / 2);
    text += fmt::format(
        "</Sun_Angles_Grid>\n<Mean_Sun_Angle>\n<ZENITH_ANGLE unit=\"deg\">{:.13f}</ZENITH_ANGLE>\n"
        "<AZIMUTH_ANGLE unit=\"deg\">{:.13f}</AZIMUTH_ANGLE>\n</Mean_Sun_Angle>\n",
        mean.zenith_deg, std::fmod(mean.azimuth_deg + 720, 360));
    for (int band = 0; band < kMsiBands; ++band)
        for (int detector = 1; detector <= SentinelGeometry::kDetectors; ++detector)
            text += view_grids_xml(geometry, box, band, detector);
    text += "<Mean_Viewing_Incidence_Angle_List>\n";
    for (int band = 0; band < kMsiBands; ++band) {
        const MsiView view = mean_view(request, geometry, band);
        text += fmt::format(
            "<Mean_Viewing_Incidence_Angle bandId=\"{}\">\n"
            "<ZENITH_ANGLE unit=\"deg\">{:.14f}</ZENITH_ANGLE>\n"
            "<AZIMUTH_ANGLE unit=\"deg\">{:.12f}</AZIMUTH_ANGLE>\n"
            "</Mean_Viewing_Incidence_Angle>\n",
            band, view.zenith_deg, view.azimuth_deg);
    }
    return text + "</Mean_Viewing_Incidence_Angle_List>\n</Tile_Angles>\n";
}

std::string mask_list_xml(const SentinelRequest& request) {
    std::string text = "<Pixel_Level_QI geometry=\"FULL_RESOLUTION\">\n";
    const auto add = [&](int band, const char* kind, const char* extension) {
        const std::string id = band < 0 ? "" : fmt::format(" bandId=\"{}\"", band);
        text += fmt::format(
            "<MASK_FILENAME{} type=\"{}\">GRANULE/{}/QI_DATA/{}_{}.{}</MASK_FILENAME>\n", id, kind,
            request.granule_id(), kind, band < 0 ? "B00" : band_name(band), extension);
    };
    if (request.raster_masks()) {
        add(-1, "MSK_CLASSI", "jp2");
        for (const char* kind : {"MSK_DETFOO", "MSK_QUALIT"})
            for (int band = 0; band < kMsiBands; ++band) add(band, kind, "jp2");
    } else {
        for (int band = 0; band < kMsiBands; ++band)
            for (const char* kind :
                 {"MSK_DEFECT", "MSK_DETFOO", "MSK_NODATA", "MSK_SATURA", "MSK_TECQUA"})
                add(band, kind, "gml");
        add(-1, "MSK_CLOUDS", "gml");
    }
    text += "</Pixel_Level_QI>\n";
    if (request.true_colour)
        text += fmt::format("<PVI_FILENAME>GRANULE/{}/QI_DATA/{}_PVI.jp2</PVI_FILENAME>\n",
                            request.granule_id(), request.image_prefix());
    return text;
}

}  // namespace

std::string tile_xml(const SentinelRequest& request, const SentinelGeometry& geometry,
                     const SentinelCover& cover) {
    std::string text = psd_head("Level-1C_Tile_ID", "S2_PDI_Level-1C_Tile_Metadata.xsd");
    text += fmt::format(
        "<n1:General_Info>\n<TILE_ID metadataLevel=\"Brief\">{}</TILE_ID>\n"
        "<DATASTRIP_ID metadataLevel=\"Standard\">{}</DATASTRIP_ID>\n"
        "<DOWNLINK_PRIORITY metadataLevel=\"Standard\">NOMINAL</DOWNLINK_PRIORITY>\n"
        "<SENSING_TIME metadataLevel=\"Standard\">{}</SENSING_TIME>\n"
        "<Archiving_Info metadataLevel=\"Expertise\">\n<ARCHIVING_CENTRE>2APS</ARCHIVING_CENTRE>\n"
        "<ARCHIVING_TIME>{}</ARCHIVING_TIME>\n</Archiving_Info>\n</n1:General_Info>\n",
        request.tile_oper_id(), request.datastrip_oper_id(), millis_text(request.tile_sensed()),
        format_utc(request.discriminator() + std::chrono::milliseconds(754539), 6));
    text += "<n1:Geometric_Info>\n" + geocoding_xml(request) + angles_xml(request, geometry) +
            "</n1:Geometric_Info>\n";
    text += fmt::format(
        "<n1:Quality_Indicators_Info metadataLevel=\"Standard\">\n<Image_Content_QI>\n"
        "<CLOUDY_PIXEL_PERCENTAGE>{:.4f}</CLOUDY_PIXEL_PERCENTAGE>\n"
        "<DEGRADED_MSI_DATA_PERCENTAGE>0</DEGRADED_MSI_DATA_PERCENTAGE>\n",
        cover.cloud_percent);
    if (request.raster_masks())
        text += fmt::format("<SNOW_PIXEL_PERCENTAGE>{:.4f}</SNOW_PIXEL_PERCENTAGE>\n",
                            cover.snow_percent);
    return text + "</Image_Content_QI>\n" + mask_list_xml(request) +
           "</n1:Quality_Indicators_Info>\n</n1:Level-1C_Tile_ID>\n";
}

}  // namespace hls::simulate
