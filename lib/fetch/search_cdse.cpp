// SPDX-License-Identifier: Apache-2.0
// Sentinel-2 L1C in the OData catalogue of the Copernicus Data Space.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "fetch/box.hpp"
#include "fetch/catalogues.hpp"
#include "fetch/json.hpp"
#include "net/endpoints.hpp"

namespace hls::fetch {
namespace {

using Json = nlohmann::json;

constexpr int kPage = 1000;

std::string any_of(const std::vector<std::string>& clauses) {
    std::string text;
    for (const auto& clause : clauses) text += (text.empty() ? "" : " or ") + clause;
    return text.empty() ? text : " and (" + text + ')';
}

std::vector<std::string> each(const std::vector<std::string>& words, const char* form) {
    std::vector<std::string> clauses;
    for (const auto& word : words) clauses.push_back(fmt::format(fmt::runtime(form), word));
    return clauses;
}

std::string intersects(const Box& box) {
    const auto& [west, south, east, north] = box;
    return fmt::format(
        "OData.CSC.Intersects(area=geography'SRID=4326;POLYGON(({0} {1},{2} {1},{2} {3},{0} {3},"
        "{0} {1}))')",
        west, south, east, north);
}

std::string filter_of(const SearchQuery& query, UtcTime from, UtcTime to) {
    const char* field = query.by_sensing ? "ContentDate/Start" : "PublicationDate";
    std::string text = fmt::format(
        "Collection/Name eq 'SENTINEL-2' and "
        "Attributes/OData.CSC.StringAttribute/any(att:att/Name eq 'productType' and "
        "att/OData.CSC.StringAttribute/Value eq 'S2MSI1C') and {0} ge {1} and {0} lt {2}",
        field, format_utc(from, 3), format_utc(to, 3));
    text += any_of(each(query.tiles, "contains(Name,'_T{}_')"));
    text += any_of(each(query.sensors, "startswith(Name,'{}_')"));
    if (query.bbox) {
        std::vector<std::string> clauses;
        for (const auto& box : plain_boxes(*query.bbox)) clauses.push_back(intersects(box));
        text += any_of(clauses);
    }
    if (query.max_cloud < 100)
        text += fmt::format(
            " and Attributes/OData.CSC.DoubleAttribute/any(att:att/Name eq "
            "'cloudCover' and att/OData.CSC.DoubleAttribute/Value le {:.2f})",
            query.max_cloud);
    if (query.max_age_days > 0 && !query.by_sensing)
        text += " and ContentDate/Start ge " +
                format_utc(from - std::chrono::hours{24 * query.max_age_days}, 3);
    return text;
}

net::Url first_page(const SearchQuery& query, UtcTime from, UtcTime to) {
    net::Url url = below(net::endpoint("cdse-catalogue"), "/odata/v1/Products");
    url.query = net::encode_query(
        {{"$filter", filter_of(query, from, to)},
         {"$orderby", query.by_sensing ? "ContentDate/Start asc" : "PublicationDate asc"},
         {"$top", std::to_string(kPage)},
         {"$expand", "Attributes"}});
    return url;
}

}  // namespace

bool read_cdse_window(net::HttpClient& client, const SearchQuery& query, UtcTime from, UtcTime to,
                      std::vector<GranuleRecord>& products) {
    net::Request request;
    request.url = first_page(query, from, to);
    while (true) {
        const Json page = page_of<Json>(client, request, "value");
        for (const auto& product : page["value"]) products.push_back(record_of_odata(product));
        if (products.size() > kMostOfAWindow) return false;
        const std::string next = text_at(page, "@odata.nextLink");
        if (next.empty() || page["value"].empty()) return true;
        const net::Url following = next_page(request.url, next);
        if (following == request.url) return true;
        request.url = following;
    }
}

}  // namespace hls::fetch
