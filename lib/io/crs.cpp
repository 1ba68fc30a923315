// SPDX-License-Identifier: Apache-2.0
#include "io/crs.hpp"

#include <cpl_conv.h>
#include <fmt/format.h>
#include <ogr_srs_api.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "core/error.hpp"
#include "io/gdal_session.hpp"

namespace hls::io {
namespace {

struct SrsDeleter {
    using pointer = OGRSpatialReferenceH;
    void operator()(OGRSpatialReferenceH srs) const { OSRDestroySpatialReference(srs); }
};
using Srs = std::unique_ptr<void, SrsDeleter>;

// WKT, PROJJSON, a PROJ string or "AUTHORITY:code"; never a file name or URL, for the text may come
// from a file of somebody else.
bool is_definition(const std::string& text) {
    if (text.find('[') != std::string::npos || text.starts_with("{") || text.starts_with("+"))
        return true;
    const auto colon = text.find(':');
    const auto code = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    return colon != std::string::npos && colon > 0 && colon + 1 < text.size() &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), code) &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(colon) + 1, text.end(), code);
}

Srs parse(std::string_view text) {
    const GdalErrors errors;
    Srs srs(OSRNewSpatialReference(nullptr));
    const std::string copy(text);
    if (!is_definition(copy) || OSRSetFromUserInput(srs.get(), copy.c_str()) != OGRERR_NONE)
        throw Error{Exit::bad_input,
                    fmt::format("no coordinate reference system: \"{}\"", copy.substr(0, 80)),
                    "write EPSG:<code> or WKT"};
    OSRSetAxisMappingStrategy(srs.get(), OAMS_TRADITIONAL_GIS_ORDER);
    return srs;
}

std::string wkt_of(OGRSpatialReferenceH srs) {
    char* text = nullptr;
    const char* const options[] = {"FORMAT=WKT2_2019", "MULTILINE=NO", nullptr};
    OSRExportToWktEx(srs, &text, options);
    std::string wkt(text == nullptr ? "" : text);
    CPLFree(text);
    return wkt;
}

int epsg_of(OGRSpatialReferenceH srs) {
    const char* authority = OSRGetAuthorityName(srs, nullptr);
    const char* code = OSRGetAuthorityCode(srs, nullptr);
    if (authority == nullptr || code == nullptr || std::strcmp(authority, "EPSG") != 0) return 0;
    return std::atoi(code);
}

// CF 1.10 appendix F: projection parameters under their two names, GDAL's first.
using Parameters = std::initializer_list<std::pair<const char*, const char*>>;
struct Projection {
    const char* gdal;
    const char* cf;
    Parameters parameters;
    bool two_parallels = false;  // standard_parallel is a pair
};

constexpr Parameters kOffsets{{"false_easting", "false_easting"},
                              {"false_northing", "false_northing"}};

const std::array<Projection, 7>& projections() {
    static const std::array<Projection, 7> all{{
        {"Transverse_Mercator",
         "transverse_mercator",
         {{"latitude_of_origin", "latitude_of_projection_origin"},
          {"central_meridian", "longitude_of_central_meridian"},
          {"scale_factor", "scale_factor_at_central_meridian"}}},
        {"Albers_Conic_Equal_Area",
         "albers_conical_equal_area",
         {{"latitude_of_center", "latitude_of_projection_origin"},
          {"longitude_of_center", "longitude_of_central_meridian"}},
         true},
        {"Lambert_Conformal_Conic_2SP",
         "lambert_conformal_conic",
         {{"latitude_of_origin", "latitude_of_projection_origin"},
          {"central_meridian", "longitude_of_central_meridian"}},
         true},
        {"Lambert_Azimuthal_Equal_Area",
         "lambert_azimuthal_equal_area",
         {{"latitude_of_center", "latitude_of_projection_origin"},
          {"longitude_of_center", "longitude_of_projection_origin"}}},
        {"Polar_Stereographic",
         "polar_stereographic",
         {{"latitude_of_origin", "standard_parallel"},
          {"central_meridian", "straight_vertical_longitude_from_pole"}}},
        {"Sinusoidal", "sinusoidal", {{"longitude_of_center", "longitude_of_projection_origin"}}},
        {"Mercator_1SP",
         "mercator",
         {{"central_meridian", "longitude_of_projection_origin"},
          {"scale_factor", "scale_factor_at_projection_origin"}}},
    }};
    return all;
}

using CfAttributes = decltype(CrsDescription::cf);

void add_projection(OGRSpatialReferenceH srs, CfAttributes& cf) {
    const char* name = OSRGetAttrValue(srs, "PROJECTION", 0);
    if (name == nullptr) return;
    const auto found =
        std::find_if(projections().begin(), projections().end(),
                     [&](const Projection& one) { return std::strcmp(one.gdal, name) == 0; });
    if (found == projections().end()) return;
    const auto value = [&](const char* parameter) {
        return OSRGetNormProjParm(srs, parameter, 0.0, nullptr);
    };
    cf.emplace_back("grid_mapping_name", found->cf);
    for (const auto& [gdal, attribute] : found->parameters) cf.emplace_back(attribute, value(gdal));
    if (found->two_parallels)
        cf.emplace_back("standard_parallel",
                        std::vector{value("standard_parallel_1"), value("standard_parallel_2")});
    if (std::strcmp(found->cf, "polar_stereographic") == 0)
        cf.emplace_back("latitude_of_projection_origin",
                        value("latitude_of_origin") < 0 ? -90.0 : 90.0);
    for (const auto& [gdal, attribute] : kOffsets) cf.emplace_back(attribute, value(gdal));
}

void add_datum(OGRSpatialReferenceH srs, CfAttributes& cf) {
    const auto add_name = [&](const char* attribute, const char* node) {
        if (const char* text = OSRGetAttrValue(srs, node, 0)) cf.emplace_back(attribute, text);
    };
    cf.emplace_back("semi_major_axis", OSRGetSemiMajor(srs, nullptr));
    cf.emplace_back("inverse_flattening", OSRGetInvFlattening(srs, nullptr));
    add_name("reference_ellipsoid_name", "SPHEROID");
    cf.emplace_back("longitude_of_prime_meridian", OSRGetPrimeMeridian(srs, nullptr));
    add_name("prime_meridian_name", "PRIMEM");
    add_name("geographic_crs_name", "GEOGCS");
    add_name("horizontal_datum_name", "DATUM");
    add_name("projected_crs_name", "PROJCS");
}

}  // namespace

CrsDescription describe_crs(std::string_view text) {
    const GdalErrors errors;
    const auto srs = parse(text);
    CrsDescription description;
    description.wkt = wkt_of(srs.get());
    description.epsg = epsg_of(srs.get());
    description.geographic = OSRIsGeographic(srs.get()) != 0;
    const double metres = OSRGetLinearUnits(srs.get(), nullptr);
    description.unit = description.geographic         ? "degrees"
                       : std::abs(metres - 1) < 1e-12 ? "m"
                                                      : fmt::format("{} m", metres);
    if (description.geographic)
        description.cf.emplace_back("grid_mapping_name", "latitude_longitude");
    else
        add_projection(srs.get(), description.cf);
    add_datum(srs.get(), description.cf);
    return description;
}

bool same_crs(std::string_view a, std::string_view b) {
    const auto first = parse(a);
    const auto second = parse(b);
    const char* const options[] = {"IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES",
                                   "CRITERION=EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS", nullptr};
    return OSRIsSameEx(first.get(), second.get(), options) != 0;
}

}  // namespace hls::io
