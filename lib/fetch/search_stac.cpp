// SPDX-License-Identifier: Apache-2.0
// STAC catalogues: LandsatLook of USGS and Earth Search of Element 84.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/log.hpp"
#include "fetch/box.hpp"
#include "fetch/catalogues.hpp"
#include "fetch/json.hpp"
#include "fetch/search_filter.hpp"
#include "net/endpoints.hpp"

namespace hls::fetch {
namespace {

using Json = nlohmann::json;

constexpr int kPage = 100;
constexpr int kSmallestPage = 10;
constexpr int kMostPages = 10'000;

// One value or several, as the query extension of STAC wants it.
void require(Json& query, const char* property, const std::vector<std::string>& values) {
    if (values.size() == 1)
        query[property]["eq"] = values[0];
    else if (!values.empty())
        query[property]["in"] = values;
}

std::vector<std::string> numbers_in(const std::vector<NumberRange>& ranges) {
    std::vector<std::string> words;
    for (const auto& [low, high] : ranges)
        for (int number = low; number <= high; ++number)
            words.push_back(fmt::format("{:03}", number));
    return words;
}

std::vector<std::string> platforms(const std::vector<std::string>& sensors) {
    std::vector<std::string> words;
    for (const auto& sensor : sensors)
        words.push_back(sensor.starts_with("L")
                            ? "LANDSAT_" + sensor.substr(1)
                            : fmt::format("sentinel-2{}", static_cast<char>(sensor.back() + 32)));
    return words;
}

void require_landsat(Json& filter, const SearchQuery& query) {
    std::vector<std::string> paths = numbers_in(query.paths), rows = numbers_in(query.rows);
    if (!query.tiles.empty()) {  // pairs cannot be asked for: their paths, and the rows of all
        std::set<std::string> some_paths, some_rows;
        for (const auto& scene : scenes_of(query)) {
            some_paths.insert(fmt::format("{:03}", scene.path));
            some_rows.insert(fmt::format("{:03}", scene.row));
        }
        paths.assign(some_paths.begin(), some_paths.end());
        rows.assign(some_rows.begin(), some_rows.end());
    }
    require(filter, "landsat:wrs_path", paths);
    require(filter, "landsat:wrs_row", rows);
    require(filter, "landsat:correction", query.levels);
    require(filter, "landsat:collection_category", query.tiers);
    require(
        filter, "platform",
        platforms(query.sensors.empty() ? std::vector<std::string>{"L8", "L9"} : query.sensors));
}

Json body_of(Catalogue catalogue, const SearchQuery& query, UtcTime from, UtcTime to) {
    const bool landsat = catalogue == Catalogue::landsatlook;
    Json body{{"collections", {landsat ? "landsat-c2l1" : "sentinel-2-l1c"}}, {"limit", kPage}};
    Json filter = Json::object();
    if (query.by_sensing)  // both ends are included; what lies at the end is dropped later
        body["datetime"] = format_utc(from, 3) + '/' + format_utc(to, 3);
    else
        filter["created"] = {{"gte", format_utc(from, 3)}, {"lt", format_utc(to, 3)}};
    if (landsat) {
        require_landsat(filter, query);
    } else {
        std::vector<std::string> codes;
        for (const auto& tile : query.tiles) codes.push_back("MGRS-" + tile);
        require(filter, "grid:code", codes);
        require(filter, "platform", platforms(query.sensors));
    }
    if (query.max_cloud < 100) filter["eo:cloud_cover"] = {{"lte", query.max_cloud}};
    if (query.bbox) {
        Json polygons = Json::array();
        for (const auto& [west, south, east, north] : plain_boxes(*query.bbox))
            polygons.push_back(
                {{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}});
        if (polygons.size() == 1)
            body["bbox"] = *query.bbox;
        else
            body["intersects"] = {{"type", "MultiPolygon"}, {"coordinates", polygons}};
    }
    if (!filter.empty()) body["query"] = filter;
    return body;
}

net::Request request_of(const net::Url& url, const Json& body) {
    net::Request request;
    request.url = url;
    if (body.is_null()) return request;
    request.method = "POST";
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/geo+json"}};
    request.body = body.dump();
    return request;
}

// Where the next page is: an address for GET, or a body for POST that may only say what differs.
// False at the end.
bool advance(const Json& page, net::Url& url, Json& body) {
    const Json& links = member_at(page, "links");
    if (!links.is_array()) return false;
    for (const auto& link : links) {
        if (text_at(link, "rel") != "next") continue;
        const net::Url next = next_page(url, text_at(link, "href"));
        Json following;
        if (text_at(link, "method") == "POST") {
            following = member_at(link, "merge") == true ? body : Json::object();
            if (following.is_null()) following = Json::object();
            if (const Json& more = member_at(link, "body"); more.is_object())
                following.update(more);
            if (following.empty()) following = body;
        }
        if (next == url && following == body) return false;  // it leads to itself
        url = next;
        body = std::move(following);
        return true;
    }
    return false;
}

std::size_t matched(const Json& page) {
    auto count = number_at(page, "numberMatched");
    if (!count) count = number_at(member_at(page, "context"), "matched");
    return count && *count > 0 ? static_cast<std::size_t>(*count) : 0;
}

bool may_be_too_much(const Error& error) {
    return error.code == Exit::temporary || error.message.find("413") != std::string::npos;
}

}  // namespace

bool read_stac_window(net::HttpClient& client, Catalogue catalogue, const SearchQuery& query,
                      UtcTime from, UtcTime to, std::vector<GranuleRecord>& products) {
    const bool landsat = catalogue == Catalogue::landsatlook;
    net::Url url = landsat ? below(net::endpoint("landsatlook"), "/stac-server/search")
                           : below(net::endpoint("earth-search"), "/v1/search");
    Json body = body_of(catalogue, query, from, to);
    for (int pages = 0; pages < kMostPages; ++pages) {
        Json page;
        try {
            page = page_of<Json>(client, request_of(url, body), "features");
        } catch (const Error& error) {
            const auto limit = number_at(body, "limit").value_or(0);
            if (!may_be_too_much(error) || limit / 2 < kSmallestPage) throw;
            log_info("{}; asking for pages of {}", error.message, static_cast<int>(limit / 2));
            body["limit"] = static_cast<int>(limit / 2);
            continue;
        }
        if (matched(page) > kMostOfAWindow) return false;
        for (const auto& item : page["features"]) products.push_back(record_of_stac(item));
        if (products.size() > kMostOfAWindow) return false;
        if (page["features"].empty() || !advance(page, url, body)) return true;
    }
    throw Error{Exit::unavailable, "the catalogue has no last page"};
}

}  // namespace hls::fetch
