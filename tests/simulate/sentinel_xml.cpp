// SPDX-License-Identifier: Apache-2.0
#include "simulate/sentinel_xml.hpp"

#include <fmt/format.h>

#include <cmath>

namespace hls::simulate {
namespace {

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

std::string datatake_xml(const SentinelRequest& request, const char* element) {
    return fmt::format(
        "<{0} datatakeIdentifier=\"{1}\">\n"
        "  <SPACECRAFT_NAME>{2}</SPACECRAFT_NAME>\n"
        "  <DATATAKE_TYPE>INS-NOBS</DATATAKE_TYPE>\n"
        "  <DATATAKE_SENSING_START>{3}</DATATAKE_SENSING_START>\n"
        "  <SENSING_ORBIT_NUMBER>{4}</SENSING_ORBIT_NUMBER>\n"
        "  <SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>\n"
        "</{0}>\n",
        element, datatake(request), spacecraft(request), millis_text(request.sensed),
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
        millis_text(request.sensed), request.product_id(), baseline_of(request),
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

}  // namespace

std::string millis_text(UtcTime time) {
    return format_utc(time, 3);
}

std::string psd_head(const char* root, const char* xsd) {
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
        "<n1:{} xmlns:n1=\"{}{}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n",
        root, kPsd, xsd);
}

std::string band_name(int band) {
    return std::string(granule::sentinel2_bands()[static_cast<std::size_t>(band)].name);
}

std::string product_xml(const SentinelRequest& request, const SentinelGeometry& geometry,
                        const SentinelCover& cover) {
    std::string text = psd_head("Level-1C_User_Product", "User_Product_Level-1C.xsd");
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

std::string datastrip_xml(const SentinelRequest& request) {
    std::string text = psd_head("Level-1C_DataStrip_ID", "S2_PDI_Level-1C_Datastrip_Metadata.xsd");
    text += "<n1:General_Info>\n" + datatake_xml(request, "Datatake_Info");
    text += fmt::format(
        "<Datastrip_Time_Info metadataLevel=\"Brief\">\n"
        "<DATASTRIP_SENSING_START>{}</DATASTRIP_SENSING_START>\n"
        "<DATASTRIP_SENSING_STOP>{}</DATASTRIP_SENSING_STOP>\n</Datastrip_Time_Info>\n"
        "<Processing_Info metadataLevel=\"Expertise\">\n"
        "<PROCESSING_BASELINE>{}</PROCESSING_BASELINE>\n"
        "<PROCESSING_CENTER>2APS</PROCESSING_CENTER>\n<UTC_DATE_TIME>{}</UTC_DATE_TIME>\n"
        "</Processing_Info>\n</n1:General_Info>\n",
        millis_text(request.strip_start()),
        millis_text(request.strip_start() + std::chrono::seconds(24)), baseline_of(request),
        format_utc(request.discriminator()));
    return text + fmt::format(
                      "<n1:Image_Data_Info>\n<Tiles_Information metadataLevel=\"Standard\">\n"
                      "<Tile_List>\n<Tile tileId=\"{}\"/>\n</Tile_List>\n</Tiles_Information>\n"
                      "</n1:Image_Data_Info>\n</n1:Level-1C_DataStrip_ID>\n",
                      request.tile_oper_id());
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
        millis_text(request.sensed));
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
        millis_text(request.tile_sensed()), request.datastrip_oper_id(), cover.cloud_percent,
        request.product_id());
}

std::string aws_product_json(const SentinelRequest& request) {
    const CivilDate date = civil_date(request.sensed);
    return fmt::format(
        "{{\n  \"name\" : \"{0}\",\n  \"path\" : \"products/{1}/{2}/{3}/{0}\",\n"
        "  \"timestamp\" : \"{4}\",\n  \"datatakeIdentifier\" : \"{5}\"\n}}\n",
        request.product_id(), date.year, date.month, date.day, millis_text(request.sensed),
        datatake(request));
}

}  // namespace hls::simulate
