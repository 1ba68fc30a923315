// SPDX-License-Identifier: Apache-2.0
#include "io/crs.hpp"

#include <cpl_conv.h>
#include <fmt/format.h>
#include <ogr_srs_api.h>

#include <memory>

#include "core/error.hpp"
#include "io/gdal_session.hpp"

namespace hls::io {
namespace {

struct Release {
    void operator()(void* crs) const { OSRRelease(crs); }
};
using Crs = std::unique_ptr<void, Release>;

Crs parse(const std::string& definition) {
    init_gdal();
    const GdalErrors errors;
    Crs crs(OSRNewSpatialReference(nullptr));
    if (definition.empty() || OSRSetFromUserInput(crs.get(), definition.c_str()) != OGRERR_NONE)
        throw Error{Exit::bad_input,
                    fmt::format("'{}' is no coordinate reference system",
                                definition.substr(0, definition.find('\n')).substr(0, 60))};
    OSRSetAxisMappingStrategy(crs.get(), OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

std::string wkt_of(OGRSpatialReferenceH crs) {
    const char* options[] = {"FORMAT=WKT2_2019", "MULTILINE=NO", nullptr};
    char* text = nullptr;
    OSRExportToWktEx(crs, &text, options);
    std::string wkt = text != nullptr ? text : "";
    CPLFree(text);
    return wkt;
}

void add_cf_attributes(OGRSpatialReferenceH crs, CrsDescription& description) {
    auto& attributes = description.cf_attributes;
    const char* projection = OSRGetAttrValue(crs, "PROJECTION", 0);
    if (description.geographic) {
        attributes.emplace_back("grid_mapping_name", "latitude_longitude");
    } else if (projection != nullptr && std::string_view(projection) == "Transverse_Mercator") {
        const auto parameter = [&](const char* name) {
            return OSRGetNormProjParm(crs, name, 0, nullptr);
        };
        attributes.emplace_back("grid_mapping_name", "transverse_mercator");
        attributes.emplace_back("longitude_of_central_meridian", parameter("central_meridian"));
        attributes.emplace_back("latitude_of_projection_origin", parameter("latitude_of_origin"));
        attributes.emplace_back("scale_factor_at_central_meridian", parameter("scale_factor"));
        attributes.emplace_back("false_easting", parameter("false_easting"));
        attributes.emplace_back("false_northing", parameter("false_northing"));
    }
    attributes.emplace_back("semi_major_axis", OSRGetSemiMajor(crs, nullptr));
    attributes.emplace_back("inverse_flattening", OSRGetInvFlattening(crs, nullptr));
}

}  // namespace

CrsDescription describe_crs(const std::string& definition) {
    const Crs crs = parse(definition);
    const GdalErrors errors;
    CrsDescription description;
    description.wkt = wkt_of(crs.get());
    description.geographic = OSRIsGeographic(crs.get()) != 0;
    OSRAutoIdentifyEPSG(crs.get());
    const char* authority = OSRGetAuthorityName(crs.get(), nullptr);
    const char* code = OSRGetAuthorityCode(crs.get(), nullptr);
    if (authority != nullptr && code != nullptr)
        description.code = fmt::format("{}:{}", authority, code);
    add_cf_attributes(crs.get(), description);
    return description;
}

bool same_crs(const std::string& first, const std::string& second) {
    const char* options[] = {"IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", "CRITERION=EQUIVALENT",
                             nullptr};
    return OSRIsSameEx(parse(first).get(), parse(second).get(), options) != 0;
}

}  // namespace hls::io
