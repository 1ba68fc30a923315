// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <functional>

#include "simulate/sentinel_xml.hpp"

namespace hls::simulate {
namespace {

struct Node {
    double x, y;
};

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
        request.granule_id(), name, request.satellite, millis_text(request.discriminator()), status,
        checks);
}

std::string check_xml(const SentinelRequest& request, const char* id, const char* message,
                      const char* status, const std::string& extra) {
    return fmt::format(
        "<check>\n<inspection creation=\"{0}\" duration=\"1\" execution=\"{0}\" id=\"{1}\" "
        "item=\"{2}\" name=\"{1}\" priority=\"5\" processingStatus=\"done\" status=\"{3}\"/>\n"
        "<message contentType=\"text/plain\">{4}</message>\n{5}</check>\n",
        millis_text(request.discriminator()), id, request.tile_oper_id(), status, message, extra);
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

}  // namespace hls::simulate
