// SPDX-License-Identifier: Apache-2.0
#include "simulate/sentinel_xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace hls::simulate {
namespace {

constexpr int kNodes = 23;
constexpr double kNodeStepM = 5000;
constexpr const char* kPsd = "https://psd-14.sentinel2.eo.esa.int/PSD/";

struct Spectral {
    const char* physical;  // as the product spells it
    int low_nm, high_nm;
    double centre_nm, irradiance, gain;
};
constexpr Spectral kSpectral[kMsiBands] = {
    {"B1", 411, 456, 442.7, 1884.69, 4.1065},   {"B2", 456, 532, 492.7, 1959.66, 3.7501},
    {"B3", 536, 582, 559.8, 1823.24, 4.1755},   {"B4", 646, 685, 664.6, 1512.06, 4.5061},
    {"B5", 694, 714, 704.1, 1424.64, 5.1866},   {"B6", 730, 749, 740.5, 1287.61, 4.8505},
    {"B7", 768, 798, 782.8, 1162.08, 4.5119},   {"B8", 759, 908, 832.8, 1041.63, 6.1299},
    {"B8A", 847, 882, 864.7, 955.32, 5.1109},   {"B9", 931, 959, 945.1, 812.92, 8.4867},
    {"B10", 1338, 1415, 1373.5, 367.15, 54.78}, {"B11", 1538, 1683, 1613.7, 245.59, 35.116},
    {"B12", 2065, 2304, 2202.4, 85.25, 106.17}};

std::string millis(UtcTime time) {
    return format_utc(time, 3);
}

std::string baseline_of(const SentinelRequest& request) {
    return granule::format_sentinel2_baseline(request.baseline);
}

std::string spacecraft(const SentinelRequest& request) {
    return granule::sentinel2_satellite(request.satellite).name;
}

std::string datatake(const SentinelRequest& request) {
    return fmt::format("G{}_{}_{:06}_N{}", request.satellite, compact_time(request.sensed),
                       request.absolute_orbit, baseline_of(request));
}

std::string xml_head(const char* root, const char* xsd) {
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
        "<n1:{} xmlns:n1=\"{}{}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n",
        root, kPsd, xsd);
}

std::string datatake_xml(const SentinelRequest& request, const char* element) {
    return fmt::format(
        "<{0} datatakeIdentifier=\"{1}\">\n"
        "  <SPACECRAFT_NAME>{2}</SPACECRAFT_NAME>\n"
        "  <DATATAKE_TYPE>INS-NOBS</DATATAKE_TYPE>\n"
        "  <DATATAKE_SENSING_START>{3}</DATATAKE_SENSING_START>\n"
        "  <SENSING_ORBIT_NUMBER>{4}</SENSING_ORBIT_NUMBER>\n"
        "  <SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>\n"
        "</{0}>\n",
        element, datatake(request), spacecraft(request), millis(request.sensed),
        request.relative_orbit);
}

std::string product_info_xml(const SentinelRequest& request) {
    std::string text = fmt::format(
        "<Product_Info>\n"
        "<PRODUCT_START_TIME>{0}</PRODUCT_START_TIME>\n"
        "<PRODUCT_STOP_TIME>{0}</PRODUCT_STOP_TIME>\n"
        "<PRODUCT_URI>{1}.SAFE</PRODUCT_URI>\n"
        "<PROCESSING_LEVEL>Level-1C</PROCESSING_LEVEL>\n"
        "<PRODUCT_TYPE>S2MSI1C</PRODUCT_TYPE>\n"
        "<PROCESSING_BASELINE>{2}</PROCESSING_BASELINE>\n"
        "<GENERATION_TIME>{3}</GENERATION_TIME>\n"
        "<PREVIEW_IMAGE_URL>Not applicable</PREVIEW_IMAGE_URL>\n"
        "<PREVIEW_GEO_INFO>Not applicable</PREVIEW_GEO_INFO>\n",
        millis(request.sensed), request.product_id(), baseline_of(request),
        format_utc(request.discriminator(), 6));
    text += datatake_xml(request, "Datatake");
    text +=
        "<Query_Options completeSingleTile=\"true\">\n"
        "<PRODUCT_FORMAT>SAFE_COMPACT</PRODUCT_FORMAT>\n</Query_Options>\n"
        "<Product_Organisation>\n<Granule_List>\n";
    text += fmt::format(
        "<Granule datastripIdentifier=\"{}\" granuleIdentifier=\"{}\" imageFormat=\"JPEG2000\">\n",
        request.datastrip_oper_id(), request.tile_oper_id());
    const auto image = [&](const std::string& name) {
        text += fmt::format("<IMAGE_FILE>GRANULE/{}/IMG_DATA/{}_{}</IMAGE_FILE>\n",
                            request.granule_id(), request.image_prefix(), name);
    };
    for (int band = 0; band < kMsiBands; ++band) image(band_name(band));
    if (request.true_colour) image("TCI");
    return text + "</Granule>\n</Granule_List>\n</Product_Organisation>\n</Product_Info>\n";
}

std::string image_characteristics_xml(const SentinelRequest& request) {
    std::string text =
        "<Product_Image_Characteristics>\n"
        "<Special_Values>\n<SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>\n"
        "<SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX>\n</Special_Values>\n"
        "<Special_Values>\n<SPECIAL_VALUE_TEXT>SATURATED</SPECIAL_VALUE_TEXT>\n"
        "<SPECIAL_VALUE_INDEX>65535</SPECIAL_VALUE_INDEX>\n</Special_Values>\n"
        "<Image_Display_Order>\n<RED_CHANNEL>3</RED_CHANNEL>\n<GREEN_CHANNEL>2</GREEN_CHANNEL>\n"
        "<BLUE_CHANNEL>1</BLUE_CHANNEL>\n</Image_Display_Order>\n"
        "<QUANTIFICATION_VALUE unit=\"none\">10000</QUANTIFICATION_VALUE>\n";
    if (request.raster_masks()) {
        text += "<Radiometric_Offset_List>\n";
        for (int band = 0; band < kMsiBands; ++band)
            text += fmt::format("<RADIO_ADD_OFFSET band_id=\"{}\">{:.0f}</RADIO_ADD_OFFSET>\n",
                                band, request.dn_offset());
        text += "</Radiometric_Offset_List>\n";
    }
    const double day = civil_date(request.sensed).day_of_year;
    const double distance = 1 - 0.01672 * std::cos(0.9856 * (day - 4) * 3.14159265358979 / 180);
    text += fmt::format("<Reflectance_Conversion>\n<U>{:.15f}</U>\n<Solar_Irradiance_List>\n",
                        1 / (distance * distance));
    for (int band = 0; band < kMsiBands; ++band)
        text += fmt::format(
            "<SOLAR_IRRADIANCE bandId=\"{}\" unit=\"W/m\u00b2/\u00b5m\">{}</SOLAR_IRRADIANCE>\n",
            band, kSpectral[band].irradiance);
    text += "</Solar_Irradiance_List>\n</Reflectance_Conversion>\n<Spectral_Information_List>\n";
    for (int band = 0; band < kMsiBands; ++band) {
        const Spectral& s = kSpectral[band];
        text += fmt::format(
            "<Spectral_Information bandId=\"{}\" physicalBand=\"{}\">\n"
            "<RESOLUTION>{}</RESOLUTION>\n<Wavelength>\n<MIN unit=\"nm\">{}</MIN>\n"
            "<MAX unit=\"nm\">{}</MAX>\n<CENTRAL unit=\"nm\">{}</CENTRAL>\n</Wavelength>\n"
            "</Spectral_Information>\n",
            band, s.physical,
            granule::sentinel2_bands()[static_cast<std::size_t>(band)].resolution_m, s.low_nm,
            s.high_nm, s.centre_nm);
    }
    text += "</Spectral_Information_List>\n";
    for (int band = 0; band < kMsiBands; ++band)
        text += fmt::format("<PHYSICAL_GAINS bandId=\"{}\">{}</PHYSICAL_GAINS>\n", band,
                            kSpectral[band].gain);
    return text + "<REFERENCE_BAND>3</REFERENCE_BAND>\n</Product_Image_Characteristics>\n";
}

std::string footprint_text(const SentinelRequest& request, const SentinelGeometry& geometry) {
    const MapBox box = request.extent();
    const double corners[][2] = {{box.west, box.north},
                                 {box.east, box.north},
                                 {box.east, box.south},
                                 {box.west, box.south},
                                 {box.west, box.north}};
    std::string text;
    for (const auto& corner : corners) {
        const geo::LonLat place = geometry.place(corner[0], corner[1]);
        text += fmt::format("{:.12f} {:.12f} ", place.lat_deg, place.lon_deg);
    }
    return text;
}

const char* kChecks[] = {"FORMAT_CORRECTNESS", "GENERAL_QUALITY", "GEOMETRIC_QUALITY",
                         "RADIOMETRIC_QUALITY", "SENSOR_QUALITY"};

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

std::string report_xml(const SentinelRequest& request, const std::string& name,
                       const std::string& checks, const char* status) {
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        "<Earth_Explorer_File xmlns=\"http://gs2.esa.int/DATA_STRUCTURE/olqcReport\">\n"
        "<Earth_Explorer_Header>\n<Fixed_Header>\n"
        "<File_Name>GRANULE/{0}/QI_DATA/{1}.xml</File_Name>\n"
        "<File_Description>simulated by hls-simulate</File_Description>\n<Notes/>\n"
        "<Mission>{2}</Mission>\n<File_Class>OPER</File_Class>\n<File_Type>REP_OLQCPA</File_Type>\n"
        "</Fixed_Header>\n</Earth_Explorer_Header>\n<Data_Block type=\"xml\">\n"
        "<report date=\"{3}\" gippVersion=\"1.0\" globalStatus=\"{4}\">\n<checkList>\n"
        "<name>{1}</name>\n<version>1.0</version>\n{5}</checkList>\n</report>\n</Data_Block>\n"
        "</Earth_Explorer_File>\n",
        request.granule_id(), name, request.satellite, millis(request.discriminator()), status,
        checks);
}

std::string check_xml(const SentinelRequest& request, const char* id, const char* message,
                      const char* status, const std::string& extra) {
    return fmt::format(
        "<check>\n<inspection creation=\"{0}\" duration=\"1\" execution=\"{0}\" id=\"{1}\" "
        "item=\"{2}\" name=\"{1}\" priority=\"5\" processingStatus=\"done\" status=\"{3}\"/>\n"
        "<message contentType=\"text/plain\">{4}</message>\n{5}</check>\n",
        millis(request.discriminator()), id, request.tile_oper_id(), status, message, extra);
}

std::string gml_frame(const SentinelRequest& request, const std::string& kind, int band,
                      const std::string& members) {
    const std::string id =
        fmt::format("{}_OPER_MSK_{}_2APS_{}_A{:06}_T{}_{}_MSIL1C", request.satellite, kind,
                    compact_time(request.discriminator()), request.absolute_orbit,
                    request.mgrs().id(), band < 0 ? "B00" : band_name(band));
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<eop:Mask xmlns:eop=\"http://www.opengis.net/eop/2.0\" "
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
        "xmlns:gml=\"http://www.opengis.net/gml/3.2\" gml:id=\"{0}\">\n"
        "  <gml:name>MSK_{1} pixels mask from data-strip {0}</gml:name>\n{2}</eop:Mask>\n",
        id, kind, members);
}

// Keeps the part of a polygon where `side` is not negative.
std::vector<Node> clipped(const std::vector<Node>& ring,
                          const std::function<double(const Node&)>& side) {
    std::vector<Node> kept;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Node& a = ring[i];
        const Node& b = ring[(i + 1) % ring.size()];
        const double at_a = side(a), at_b = side(b);
        if (at_a >= 0) kept.push_back(a);
        if ((at_a >= 0) != (at_b >= 0)) {
            const double t = at_a / (at_a - at_b);
            kept.push_back({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
        }
    }
    return kept;
}

}  // namespace

std::string band_name(int band) {
    return std::string(granule::sentinel2_bands()[static_cast<std::size_t>(band)].name);
}

std::string product_xml(const SentinelRequest& request, const SentinelGeometry& geometry,
                        const SentinelCover& cover) {
    std::string text = xml_head("Level-1C_User_Product", "User_Product_Level-1C.xsd");
    text += "<n1:General_Info>\n" + product_info_xml(request) + image_characteristics_xml(request) +
            "</n1:General_Info>\n";
    text += fmt::format(
        "<n1:Geometric_Info>\n<Product_Footprint>\n<Product_Footprint>\n<Global_Footprint>\n"
        "<EXT_POS_LIST>{}</EXT_POS_LIST>\n</Global_Footprint>\n</Product_Footprint>\n"
        "<RASTER_CS_TYPE>POINT</RASTER_CS_TYPE>\n<PIXEL_ORIGIN>1</PIXEL_ORIGIN>\n"
        "</Product_Footprint>\n<Coordinate_Reference_System>\n"
        "<GEO_TABLES version=\"1\">EPSG</GEO_TABLES>\n"
        "<HORIZONTAL_CS_TYPE>GEOGRAPHIC</HORIZONTAL_CS_TYPE>\n"
        "</Coordinate_Reference_System>\n</n1:Geometric_Info>\n",
        footprint_text(request, geometry));
    text += fmt::format(
        "<n1:Quality_Indicators_Info>\n"
        "<Cloud_Coverage_Assessment>{:.4f}</Cloud_Coverage_Assessment>\n",
        cover.cloud_percent);
    if (request.raster_masks())
        text += fmt::format("<Snow_Coverage_Assessment>{:.4f}</Snow_Coverage_Assessment>\n",
                            cover.snow_percent);
    text +=
        "<Technical_Quality_Assessment>\n"
        "<DEGRADED_ANC_DATA_PERCENTAGE>0.0</DEGRADED_ANC_DATA_PERCENTAGE>\n"
        "<DEGRADED_MSI_DATA_PERCENTAGE>0</DEGRADED_MSI_DATA_PERCENTAGE>\n"
        "</Technical_Quality_Assessment>\n<Quality_Control_Checks>\n<Quality_Inspections>\n";
    for (const char* check : kChecks) {
        const bool lost = request.lost_band >= 0 && std::string_view(check) == "GENERAL_QUALITY";
        text += fmt::format("<quality_check checkType=\"{}\">{}</quality_check>\n", check,
                            lost ? "FAILED" : "PASSED");
    }
    return text +
           "</Quality_Inspections>\n<Failed_Inspections/>\n</Quality_Control_Checks>\n"
           "</n1:Quality_Indicators_Info>\n</n1:Level-1C_User_Product>\n";
}

std::string tile_xml(const SentinelRequest& request, const SentinelGeometry& geometry,
                     const SentinelCover& cover) {
    std::string text = xml_head("Level-1C_Tile_ID", "S2_PDI_Level-1C_Tile_Metadata.xsd");
    text += fmt::format(
        "<n1:General_Info>\n<TILE_ID metadataLevel=\"Brief\">{}</TILE_ID>\n"
        "<DATASTRIP_ID metadataLevel=\"Standard\">{}</DATASTRIP_ID>\n"
        "<DOWNLINK_PRIORITY metadataLevel=\"Standard\">NOMINAL</DOWNLINK_PRIORITY>\n"
        "<SENSING_TIME metadataLevel=\"Standard\">{}</SENSING_TIME>\n"
        "<Archiving_Info metadataLevel=\"Expertise\">\n<ARCHIVING_CENTRE>2APS</ARCHIVING_CENTRE>\n"
        "<ARCHIVING_TIME>{}</ARCHIVING_TIME>\n</Archiving_Info>\n</n1:General_Info>\n",
        request.tile_oper_id(), request.datastrip_oper_id(), millis(request.tile_sensed()),
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

std::string datastrip_xml(const SentinelRequest& request) {
    std::string text = xml_head("Level-1C_DataStrip_ID", "S2_PDI_Level-1C_Datastrip_Metadata.xsd");
    text += "<n1:General_Info>\n" + datatake_xml(request, "Datatake_Info");
    text += fmt::format(
        "<Datastrip_Time_Info metadataLevel=\"Brief\">\n"
        "<DATASTRIP_SENSING_START>{}</DATASTRIP_SENSING_START>\n"
        "<DATASTRIP_SENSING_STOP>{}</DATASTRIP_SENSING_STOP>\n</Datastrip_Time_Info>\n"
        "<Processing_Info metadataLevel=\"Expertise\">\n"
        "<PROCESSING_BASELINE>{}</PROCESSING_BASELINE>\n"
        "<PROCESSING_CENTER>2APS</PROCESSING_CENTER>\n<UTC_DATE_TIME>{}</UTC_DATE_TIME>\n"
        "</Processing_Info>\n</n1:General_Info>\n",
        millis(request.strip_start()), millis(request.strip_start() + std::chrono::seconds(24)),
        baseline_of(request), format_utc(request.discriminator()));
    return text + fmt::format(
                      "<n1:Image_Data_Info>\n<Tiles_Information metadataLevel=\"Standard\">\n"
                      "<Tile_List>\n<Tile tileId=\"{}\"/>\n</Tile_List>\n</Tiles_Information>\n"
                      "</n1:Image_Data_Info>\n</n1:Level-1C_DataStrip_ID>\n",
                      request.tile_oper_id());
}

std::string general_quality_xml(const SentinelRequest& request) {
    std::string checks =
        check_xml(request, "checkMetadata", "Metadata file is present.", "PASSED", "");
    const bool lost = request.lost_band >= 0;
    const std::string extra =
        lost ? fmt::format(
                   "<extraValues>\n<value name=\"Affected_Bands\">{}</value>\n</extraValues>\n",
                   band_name(request.lost_band))
             : "";
    checks += check_xml(request, "Data_Loss",
                        lost ? "There is data loss in this tile" : "No data loss in this tile.",
                        lost ? "FAILED" : "PASSED", extra);
    return report_xml(request, "GENERAL_QUALITY", checks, lost ? "FAILED" : "PASSED");
}

std::string quality_xml(const SentinelRequest& request, const std::string& name) {
    return report_xml(request, name, check_xml(request, name.c_str(), "All is well.", "PASSED", ""),
                      "PASSED");
}

std::string manifest_xml(const SentinelRequest& request,
                         const std::vector<std::pair<std::string, std::string>>& files) {
    std::string text = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        "<xfdu:XFDU xmlns:xfdu=\"urn:ccsds:schema:xfdu:1\" "
        "xmlns:safe=\"http://www.esa.int/safe/sentinel/1.1\" "
        "version=\"esa/safe/sentinel/1.1/sentinel-2/msi/archive_l1c_user_product\">\n"
        "<informationPackageMap>\n<xfdu:contentUnit textInfo=\"Sentinel-2 MSI Level-1C User "
        "Product\" unitType=\"Product_Level-1C\"/>\n</informationPackageMap>\n<metadataSection>\n"
        "<metadataObject ID=\"acquisitionPeriod\" category=\"DMD\" classification=\"DESCRIPTION\">"
        "<metadataWrap><xmlData><safe:acquisitionPeriod><safe:startTime>{}</safe:startTime>"
        "</safe:acquisitionPeriod></xmlData></metadataWrap></metadataObject>\n</metadataSection>\n"
        "<dataObjectSection>\n",
        millis(request.sensed));
    int number = 0;
    for (const auto& [name, md5] : files) {
        const char* mime = name.ends_with(".jp2")   ? "application/octet-stream"
                           : name.ends_with(".gml") ? "text/xml"
                                                    : "application/xml";
        text += fmt::format(
            "<dataObject ID=\"file_{}\"><byteStream mimeType=\"{}\">"
            "<fileLocation locatorType=\"URL\" href=\"./{}\"/>"
            "<checksum checksumName=\"MD5\">{}</checksum></byteStream></dataObject>\n",
            ++number, mime, name, md5);
    }
    return text + "</dataObjectSection>\n</xfdu:XFDU>\n";
}

std::string empty_mask_gml(const SentinelRequest& request, const std::string& kind, int band) {
    return gml_frame(request, kind, band, "  <eop:maskMembers/>\n");
}

std::string detector_gml(const SentinelRequest& request, const SentinelGeometry& geometry,
                         int band) {
    const MapBox box = request.extent();
    const io::Grid grid = request.grid(10);
    const double northing = grid.uly_m - box.north;  // false, in the south
    std::string members = fmt::format(
        "  <gml:boundedBy>\n    <gml:Envelope srsName=\"urn:ogc:def:crs:EPSG:8.7:{}\">\n"
        "      <gml:lowerCorner>{:.0f} {:.0f} 0</gml:lowerCorner>\n"
        "      <gml:upperCorner>{:.0f} {:.0f} 0</gml:upperCorner>\n"
        "    </gml:Envelope>\n  </gml:boundedBy>\n  <eop:maskMembers>\n",
        grid.epsg, box.west, box.south + northing, box.east, box.north + northing);
    int number = 0;
    for (int detector = 1; detector <= SentinelGeometry::kDetectors; ++detector) {
        const auto borders = geometry.borders_m(detector, band);
        std::vector<Node> ring{{box.west, box.north},
                               {box.east, box.north},
                               {box.east, box.south},
                               {box.west, box.south}};
        const auto across = [&](const Node& n) { return geometry.across_m(n.x, n.y); };
        // Linear in the place, so only the sign of along_m - limit matters for the strip.
        const auto along = [&](const Node& n) { return geometry.along_m(n.x, n.y); };
        const double half = request.strip_overlap_m / 2;
        ring = clipped(ring, [&](const Node& n) {
            return across(n) - borders[0] + SentinelGeometry::kSharedM;
        });
        ring = clipped(ring, [&](const Node& n) {
            return borders[1] + SentinelGeometry::kSharedM - across(n);
        });
        if (request.datastrip == Datastrip::northern)
            ring = clipped(ring, [&](const Node& n) { return half - along(n); });
        if (request.datastrip == Datastrip::southern)
            ring = clipped(ring, [&](const Node& n) { return along(n) + half; });
        if (ring.size() < 3) continue;
        ring.push_back(ring.front());
        std::string points;
        for (const Node& n : ring)
            points +=
                fmt::format("{}{:.9f} {:.9f} 0", points.empty() ? "" : " ", n.x, n.y + northing);
        members += fmt::format(
            "    <eop:MaskFeature gml:id=\"detector_footprint-{0}-{1:02}-{2}\">\n"
            "      <eop:maskType codeSpace=\"urn:gs2:S2PDGS:maskType\">DETECTOR_FOOTPRINT"
            "</eop:maskType>\n      <eop:extentOf>\n"
            "        <gml:Polygon gml:id=\"DETECTOR_FOOTPRINT.{2}_Polygon\">\n"
            "          <gml:exterior>\n            <gml:LinearRing>\n"
            "              <gml:posList srsDimension=\"3\">{3}</gml:posList>\n"
            "            </gml:LinearRing>\n          </gml:exterior>\n        </gml:Polygon>\n"
            "      </eop:extentOf>\n    </eop:MaskFeature>\n",
            band_name(band), detector, number++, points);
    }
    return gml_frame(request, "DETFOO", band, members + "  </eop:maskMembers>\n");
}

std::string aws_tile_json(const SentinelRequest& request, const SentinelCover& cover) {
    const std::string tile = request.mgrs().id();
    const CivilDate date = civil_date(request.sensed);
    return fmt::format(
        "{{\n  \"path\" : \"tiles/{0}/{1}/{2}/{3}/{4}/{5}/0\",\n  \"timestamp\" : \"{6}\",\n"
        "  \"utmZone\" : {0},\n  \"latitudeBand\" : \"{1}\",\n  \"gridSquare\" : \"{2}\",\n"
        "  \"datastrip\" : {{\n    \"id\" : \"{7}\"\n  }},\n"
        "  \"cloudyPixelPercentage\" : {8:.2f},\n  \"productName\" : \"{9}\",\n"
        "  \"productPath\" : \"products/{3}/{4}/{5}/{9}\"\n}}\n",
        request.mgrs().zone, tile.substr(2, 1), tile.substr(3), date.year, date.month, date.day,
        millis(request.tile_sensed()), request.datastrip_oper_id(), cover.cloud_percent,
        request.product_id());
}

std::string aws_product_json(const SentinelRequest& request) {
    const CivilDate date = civil_date(request.sensed);
    return fmt::format(
        "{{\n  \"name\" : \"{0}\",\n  \"path\" : \"products/{1}/{2}/{3}/{0}\",\n"
        "  \"timestamp\" : \"{4}\",\n  \"datatakeIdentifier\" : \"{5}\"\n}}\n",
        request.product_id(), date.year, date.month, date.day, millis(request.sensed),
        datatake(request));
}

}  // namespace hls::simulate
