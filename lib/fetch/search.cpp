// SPDX-License-Identifier: Apache-2.0
#include "fetch/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/log.hpp"
#include "fetch/json.hpp"
#include "net/endpoints.hpp"

namespace hls::fetch {
namespace {

using Json = nlohmann::json;
using std::chrono::hours;
using std::chrono::seconds;

constexpr int kPage = 1000;
// Near its limit of 10,000 the catalogue leaves out the next link although there is more.
constexpr std::size_t kMostOfAWindow = 9000;
constexpr hours kLongestQuery{24 * 400};

void check(const SearchQuery& query) {
    if (query.since >= query.until)
        throw Error{Exit::usage, "the time window is empty", "--since must lie before --until"};
    if (query.until - query.since > kLongestQuery)
        throw Error{Exit::usage, "the time window is longer than 400 days", "search in pieces"};
    for (const auto& list : {query.tiles, query.sensors})
        for (const auto& word : list)
            if (word.empty() ||
                word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != std::string::npos)
                throw Error{Exit::usage, fmt::format("'{}' is no tile or sensor", word)};
}

std::string any_of(const std::vector<std::string>& words, const char* form) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : " or ") + fmt::format(fmt::runtime(form), word);
    return text.empty() ? text : " and (" + text + ')';
}

std::string filter_of(const SearchQuery& query, UtcTime from, UtcTime to) {
    const char* field = query.by_sensing ? "ContentDate/Start" : "PublicationDate";
    std::string text = fmt::format(
        "Collection/Name eq 'SENTINEL-2' and "
        "Attributes/OData.CSC.StringAttribute/any(att:att/Name eq 'productType' and "
        "att/OData.CSC.StringAttribute/Value eq 'S2MSI1C') and {0} ge {1} and {0} lt {2}",
        field, format_utc(from, 3), format_utc(to, 3));
    text += any_of(query.tiles, "contains(Name,'_T{}_')");
    text += any_of(query.sensors, "startswith(Name,'{}_')");
    if (query.max_cloud < 100)
        text += fmt::format(
            " and Attributes/OData.CSC.DoubleAttribute/any(att:att/Name eq "
            "'cloudCover' and att/OData.CSC.DoubleAttribute/Value le {:.2f})",
            query.max_cloud);
    if (query.max_age_days > 0 && !query.by_sensing)
        text += " and ContentDate/Start ge " + format_utc(from - hours{24 * query.max_age_days}, 3);
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

Json page_at(net::HttpClient& client, const net::Url& url) {
    constexpr int kTries = 3;
    for (int attempt = 1;; ++attempt) {
        net::Request request;
        request.url = url;
        const auto response = client.send(request);
        if (!response.ok()) throw net::refusal(response, "catalogue");
        try {
            Json json = strict_json<Json>(response.body);
            if (json.is_object() && json.contains("value") && json["value"].is_array()) return json;
        } catch (const Error&) {  // a maintenance page, perhaps
        }
        if (attempt == kTries)
            throw Error{Exit::unavailable, "the catalogue's answer holds no products: " +
                                               response.body.substr(0, 200)};
    }
}

// All of one window, or false if it holds more than may be asked for.
bool window_products(net::HttpClient& client, const SearchQuery& query, UtcTime from, UtcTime to,
                     std::vector<GranuleRecord>& products) {
    net::Url url = first_page(query, from, to);
    while (true) {
        const Json page = page_at(client, url);
        for (const auto& product : page["value"]) products.push_back(record_of_odata(product));
        if (products.size() > kMostOfAWindow) return false;
        const std::string next = text_at(page, "@odata.nextLink");
        if (next.empty() || page["value"].empty()) return true;
        const net::Url following = net::resolve(url, next);
        if (!same_origin(following, url) || following.path != url.path)
            throw Error{Exit::bad_input,
                        "the catalogue's next page is elsewhere: " + net::shown(next)};
        if (following == url) return true;
        url = following;
    }
}

class Search {
 public:
    Search(net::HttpClient& client, const SearchQuery& query,
           const std::function<void(const GranuleRecord&)>& found)
        : client_(client), query_(query), found_(found) {}

    void window(UtcTime from, UtcTime to) {
        std::vector<GranuleRecord> products;
        if (window_products(client_, query_, from, to, products)) {
            for (auto& product : products) {
                if (!seen_.insert(product.uuid).second) continue;
                product.event = "listed";
                found_(product);
            }
            return;
        }
        const auto half = std::chrono::floor<seconds>((to - from) / 2);
        if (half < seconds{1})
            throw Error{Exit::unavailable, "more than 9000 products in one second of the catalogue",
                        "name tiles or sensors"};
        log_info("window from {} is halved", format_utc(from));
        window(from, from + half);
        window(from + half, to);
    }

 private:
    net::HttpClient& client_;
    const SearchQuery& query_;
    const std::function<void(const GranuleRecord&)>& found_;
    std::set<std::string> seen_;
};

}  // namespace

void search_cdse(net::HttpClient& client, const SearchQuery& query,
                 const std::function<void(const GranuleRecord&)>& found) {
    check(query);
    Search(client, query, found).window(query.since, query.until);
}

}  // namespace hls::fetch
