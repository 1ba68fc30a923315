// SPDX-License-Identifier: Apache-2.0
#include "granule/sentinel2_masks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "granule/sentinel2.hpp"
#include "granule/sentinel2_xml.hpp"

namespace hls::granule {
namespace {

constexpr std::int64_t kDetectors = 12;
constexpr std::string_view kFeaturePrefix = "detector_footprint-";

template <typename Visit>
void visit_elements(const xml::Element& element, std::string_view name, Visit visit) {
    for (const auto& child : element.children) {
        if (local_name(child.name) == name) visit(child);
        visit_elements(child, name, visit);
    }
}

int detector_of(const Sentinel2Xml& xml, const xml::Element& feature) {
    const auto id = feature.attribute("gml:id").value_or("");
    const auto fields = split(id, '-');
    const auto detector =
        id.starts_with(kFeaturePrefix) && fields.size() == 4 ? to_int(fields[2]) : std::nullopt;
    if (!detector || *detector < 1 || *detector > kDetectors)
        xml.fail(fmt::format("gml:id '{}' names no detector of 1..{}", id, kDetectors));
    return static_cast<int>(*detector);
}

std::vector<MapPoint> ring_of(const Sentinel2Xml& xml, const xml::Element& positions) {
    const std::size_t dimension = positions.attribute("srsDimension").value_or("3") == "2" ? 2 : 3;
    const auto words = split_words(positions.text);
    std::vector<MapPoint> ring;
    for (std::size_t i = 0; i + dimension <= words.size(); i += dimension) {
        const auto x = to_double(words[i]);
        const auto y = to_double(words[i + 1]);
        if (!x || !y) xml.fail(fmt::format("posList: '{} {}' is no point", words[i], words[i + 1]));
        ring.push_back({*x, *y});
    }
    if (ring.size() < 4 || words.size() % dimension != 0)
        xml.fail(fmt::format("posList of {} numbers is no ring", words.size()));
    return ring;
}

}  // namespace

std::vector<DetectorFootprint> parse_detector_footprints(std::string_view text,
                                                         std::string_view source) {
    const Sentinel2Xml xml(text, source, "Mask");
    std::vector<DetectorFootprint> footprints;
    visit_elements(xml.root(), "MaskFeature", [&](const xml::Element& feature) {
        const int detector = detector_of(xml, feature);
        visit_elements(feature, "exterior", [&](const xml::Element& exterior) {
            visit_elements(exterior, "posList", [&](const xml::Element& positions) {
                footprints.push_back({detector, ring_of(xml, positions)});
            });
        });
    });
    return footprints;
}

std::vector<int> parse_bands_with_data_loss(std::string_view text, std::string_view source) {
    const Sentinel2Xml xml(text, source, "Earth_Explorer_File");
    std::vector<int> bands;
    visit_elements(xml.root(), "check", [&](const xml::Element& check) {
        const auto message = xml.text_or_empty(check, "message");
        if (!message.starts_with("There is data loss in this tile")) return;
        visit_elements(check, "value", [&](const xml::Element& value) {
            if (value.attribute("name") != "Affected_Bands") return;
            for (const auto word : split_words(value.text)) {
                const auto band = sentinel2_band_index(word);
                if (!band) xml.fail(fmt::format("Affected_Bands names no band: '{}'", word));
                bands.push_back(*band);
            }
        });
    });
    std::sort(bands.begin(), bands.end());
    bands.erase(std::unique(bands.begin(), bands.end()), bands.end());
    return bands;
}

}  // namespace hls::granule
