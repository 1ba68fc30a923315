// SPDX-License-Identifier: Apache-2.0
// The granule record for NASA's catalogue, in the element and attribute order of published files.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "core/escape.hpp"
#include "core/parse.hpp"
#include "product/number_text.hpp"
#include "product/product_metadata.hpp"
#include "product/tags.hpp"

namespace hls::product {
namespace {

constexpr std::string_view kArchive = "data.lpdaac.earthdatacloud.nasa.gov";

// Indented elements; empty ones close themselves.
class XmlWriter {
 public:
    void leaf(std::string_view name, std::string_view value) {
        out_ += fmt::format("{:{}}<{}>{}</{}>\n", "", indent_, name, xml_escape(value), name);
    }
    void empty(std::string_view name) { out_ += fmt::format("{:{}}<{}/>\n", "", indent_, name); }
    void element(std::string_view name, const std::function<void()>& content) {
        out_ += fmt::format("{:{}}<{}>\n", "", indent_, name);
        indent_ += 2;
        content();
        indent_ -= 2;
        out_ += fmt::format("{:{}}</{}>\n", "", indent_, name);
    }
    std::string text() const { return out_; }

 private:
    std::string out_;
    int indent_ = 0;
};

struct Attribute {
    std::string name;
    std::vector<std::string> values;
};
using Attributes = std::vector<Attribute>;

std::vector<std::string> list_values(std::string_view text) {
    std::vector<std::string> values;
    for (const auto piece : split(text, ';')) values.emplace_back(trim(piece));
    return values;
}

void add_text(Attributes& all, std::string name, std::string_view text) {
    all.push_back({std::move(name),
                   text.empty() ? std::vector<std::string>{"Not Available"} : list_values(text)});
}

void add_fixed(Attributes& all, std::string name, std::string text) {
    all.push_back({std::move(name), {std::move(text)}});
}

void add_number(Attributes& all, std::string name, double value) {
    add_fixed(all, std::move(name), cmr_number(value));
}

void add_whole(Attributes& all, std::string name, int value) {
    add_fixed(all, std::move(name), fmt::format("{}", value));
}

void add_corner(Attributes& all, const ProductInfo& info) {
    add_number(all, "ULX", info.grid.ulx_m);
    add_number(all, "ULY", info.grid.uly_m);
}

void add_resolution(Attributes& all, const ProductInfo& info) {
    add_whole(all, "CLOUD_COVERAGE", info.cloud_coverage);
    add_fixed(all, "MGRS_TILE_ID", info.id.tile);
    add_whole(all, "SPATIAL_COVERAGE", info.spatial_coverage);
    add_number(all, "SPATIAL_RESOLUTION", info.grid.pixel_m);
}

void add_encoding_and_angles(Attributes& all, const ProductInfo& info, bool thermal) {
    add_whole(all, "ADD_OFFSET", 0);
    add_number(all, "REF_SCALE_FACTOR", scale_factor(LayerKind::reflectance));
    if (thermal) add_number(all, "THERM_SCALE_FACTOR", scale_factor(LayerKind::thermal));
    add_number(all, "ANG_SCALE_FACTOR", scale_factor(LayerKind::angle));
    add_whole(all, "FILLVALUE", kReflectanceFill);
    add_whole(all, "QA_FILLVALUE", kMaskFill);
    add_whole(all, "NCOLS", info.grid.cols);
    add_whole(all, "NROWS", info.grid.rows);
    add_number(all, "MEAN_SUN_AZIMUTH_ANGLE", info.mean_sun_azimuth_deg);
    add_number(all, "MEAN_SUN_ZENITH_ANGLE", info.mean_sun_zenith_deg);
    add_number(all, "MEAN_VIEW_AZIMUTH_ANGLE", info.mean_view_azimuth_deg);
    add_number(all, "MEAN_VIEW_ZENITH_ANGLE", info.mean_view_zenith_deg);
    add_number(all, "NBAR_SOLAR_ZENITH", nbar_solar_zenith_deg(info));
}

void add_codes(Attributes& all, const ProductInfo& info, const std::string& accode) {
    add_fixed(all, "ACCODE", accode);
    if (!info.cloud_masking_code.empty())
        add_fixed(all, "CLOUD_MASKING_CODE", info.cloud_masking_code);
}

Attributes landsat_attributes(const ProductInfo& info, const std::vector<LandsatSource>& scenes) {
    Attributes all;
    add_text(all, "LANDSAT_PRODUCT_ID", joined(scenes, &LandsatSource::product_id));
    add_resolution(all, info);
    add_fixed(all, "SPATIAL_RESAMPLING_ALG", "Cubic Convolution");
    add_fixed(all, "HLS_PROCESSING_TIME", format_utc(info.processing_time));
    add_text(all, "SENSING_TIME", joined(scenes, &LandsatSource::sensing_time));
    add_text(all, "HORIZONTAL_CS_NAME", horizontal_cs_name(info));
    add_corner(all, info);
    add_encoding_and_angles(all, info, true);
    add_codes(all, info, scenes.front().accode);
    add_text(all, "TIRS_SSM_MODEL", joined(scenes, &LandsatSource::tirs_ssm_model));
    add_text(all, "TIRS_SSM_POSITION_STATUS",
             joined(scenes, &LandsatSource::tirs_ssm_position_status));
    add_text(all, "USGS_SOFTWARE", scenes.front().usgs_software);
    return all;
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    return text;
}

Attributes sentinel2_attributes(const ProductInfo& info, const Sentinel2Source& source) {
    Attributes all;
    add_text(all, "PRODUCT_URI", source.product_uri);
    add_resolution(all, info);
    add_fixed(all, "HLS_PROCESSING_TIME", format_utc(info.processing_time));
    add_text(all, "SENSING_TIME", source.sensing_time);
    add_fixed(all, "HORIZONTAL_CS_CODE", horizontal_cs_code(info));
    add_fixed(all, "HORIZONTAL_CS_NAME", horizontal_cs_name(info));
    add_corner(all, info);
    add_fixed(all, "SPATIAL_RESAMPLING_ALG", "Area Weighted Average");
    add_encoding_and_angles(all, info, false);
    for (const auto& [band, slope, offset] : source.bandpass)
        all.push_back({fmt::format("MSI_BAND_{}_BANDPASS_ADJUSTMENT_SLOPE_AND_OFFSET", upper(band)),
                       {cmr_number(slope), cmr_number(offset)}});
    // Registration is no longer done; its attributes have stayed.
    add_number(all, "AROP_AVE_XSHIFT(METERS)", 0);
    add_number(all, "AROP_AVE_YSHIFT(METERS)", 0);
    add_whole(all, "AROP_NCP", 0);
    add_number(all, "AROP_RMSE(METERS)", 0);
    add_fixed(all, "AROP_S2_REFIMG", "NONE");
    add_codes(all, info, source.accode);
    add_text(all, "PROCESSING_BASELINE", source.processing_baseline);
    return all;
}

Attributes attributes(const ProductInfo& info, const granule::HlsId& id) {
    const auto* scenes = std::get_if<std::vector<LandsatSource>>(&info.source);
    Attributes all = scenes != nullptr
                         ? landsat_attributes(info, *scenes)
                         : sentinel2_attributes(info, std::get<Sentinel2Source>(info.source));
    add_fixed(all, "IDENTIFIER_PRODUCT_DOI", product_doi(id));
    add_fixed(all, "IDENTIFIER_PRODUCT_DOI_AUTHORITY", "https://doi.org");
    if (id.vi) add_fixed(all, "Input_HLS_GranuleUR", granule::format_hls_id(info.id));
    return all;
}

std::string_view dataset_id(const granule::HlsId& id) {
    const bool landsat = id.sensor == granule::HlsSensor::l30;
    if (id.vi)
        return landsat ? "HLS Operational Land Imager Vegetation Indices Daily Global 30 m V2.0"
                       : "HLS Sentinel-2 Multi-spectral Instrument Vegetation Indices Daily Global "
                         "30 m V2.0";
    return landsat ? "HLS Landsat Operational Land Imager Surface Reflectance and TOA Brightness "
                     "Daily Global 30m v2.0"
                   : "HLS Sentinel-2 Multi-spectral Instrument Surface Reflectance Daily Global "
                     "30m v2.0";
}

void write_data_granule(XmlWriter& xml, const ProductInfo& info, const granule::HlsId& id,
                        std::uint64_t data_bytes) {
    if (!id.vi) xml.leaf("DataGranuleSizeInBytes", fmt::format("{}", data_bytes));
    xml.leaf("ProducerGranuleId", granule::producer_granule_id(id));
    xml.leaf("DayNightFlag", "DAY");
    xml.leaf("ProductionDateTime",
             format_utc(std::chrono::floor<std::chrono::seconds>(info.processing_time), 6));
    xml.leaf("LocalVersionId", "2.0");
}

void write_geometry(XmlWriter& xml, const std::vector<Ring>& outline) {
    for (const Ring& ring : outline)
        xml.element("GPolygon", [&] {
            xml.element("Boundary", [&] {
                for (const auto& point : ring)
                    xml.element("Point", [&] {
                        xml.leaf("PointLongitude", cmr_number(point.lon_deg));
                        xml.leaf("PointLatitude", cmr_number(point.lat_deg));
                    });
            });
        });
}

// Indices point to the quality layer of the granule they come from.
void write_access_urls(XmlWriter& xml, const ProductInfo& info, const granule::HlsId& id) {
    if (!id.vi) return xml.empty("OnlineAccessURLs");
    const std::string file = granule::hls_layer_file(info.id, "Fmask");
    const std::string place =
        fmt::format("lp-prod-protected/{}.020/{}/{}", collection_name(info.id),
                    granule::format_hls_id(info.id), file);
    xml.element("OnlineAccessURLs", [&] {
        xml.element("OnlineAccessURL", [&] {
            xml.leaf("URL", fmt::format("https://{}/{}", kArchive, place));
            xml.leaf("URLDescription", fmt::format("Download Fmask quality layer {}", file));
        });
        xml.element("OnlineAccessURL", [&] {
            xml.leaf("URL", fmt::format("s3://{}", place));
            xml.leaf("URLDescription", fmt::format("This link provides direct download access via "
                                                   "S3 to the Fmask quality layer {}",
                                                   file));
        });
    });
}

}  // namespace

std::string cmr_xml(const ProductInfo& info, const granule::HlsId& id,
                    const std::vector<Ring>& outline, std::uint64_t data_bytes) {
    const TimeRange range = sensing_range(info);
    XmlWriter xml;
    xml.element("Granule", [&] {
        xml.leaf("GranuleUR", granule::format_hls_id(id));
        xml.leaf("InsertTime", format_utc(info.processing_time, 6));
        xml.leaf("LastUpdate", format_utc(info.processing_time, 6));
        xml.element("Collection", [&] { xml.leaf("DataSetId", dataset_id(id)); });
        xml.element("DataGranule", [&] { write_data_granule(xml, info, id, data_bytes); });
        xml.element("Temporal", [&] {
            xml.element("RangeDateTime", [&] {
                xml.leaf("BeginningDateTime", format_utc(range.begin, 6));
                xml.leaf("EndingDateTime", format_utc(range.end, 6));
            });
        });
        xml.element("Spatial", [&] {
            xml.element("HorizontalSpatialDomain",
                        [&] { xml.element("Geometry", [&] { write_geometry(xml, outline); }); });
        });
        xml.element("Platforms", [&] {
            xml.element("Platform", [&] {
                xml.leaf("ShortName", platform_name(info));
                xml.element("Instruments", [&] {
                    xml.element("Instrument", [&] {
                        xml.leaf("ShortName",
                                 id.sensor == granule::HlsSensor::l30 ? "OLI" : "Sentinel-2 MSI");
                    });
                });
            });
        });
        xml.element("AdditionalAttributes", [&] {
            for (const auto& attribute : attributes(info, id))
                xml.element("AdditionalAttribute", [&] {
                    xml.leaf("Name", attribute.name);
                    xml.element("Values", [&] {
                        for (const auto& value : attribute.values) xml.leaf("Value", value);
                    });
                });
        });
        write_access_urls(xml, info, id);
        xml.empty("OnlineResources");
        xml.leaf("DataFormat", id.vi ? "COG" : "Cloud Optimized GeoTIFF (COG)");
        xml.empty("AssociatedBrowseImageUrls");
    });
    return xml.text();
}

}  // namespace hls::product
