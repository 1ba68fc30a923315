// SPDX-License-Identifier: Apache-2.0
#include "chip/catalogue_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "chip/window.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"
#include "geo/region.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::json;

constexpr int kSmallestPage = 10;
constexpr int kUnreadablePages = 3;
constexpr int kDeepestPage = 64;

constexpr const char* kProperties[] = {
    "datetime",       "eo:cloud_cover", "s2:processing_baseline",         "processing:version",
    "s2:product_uri", "s2:mgrs_tile",   "earthsearch:boa_offset_applied", "grid:code",
    "mgrs:tile",      "updated"};

// Around the tile, straight edges being curved in longitude and latitude.
geo::Bounds bounds_of(const std::string& tile) {
    const ChipShape shape;
    const TileFrame frame = tile_frame(*geo::parse_mgrs_tile(tile), shape);
    geo::Bounds bounds{180, 90, -180, -90};
    double west = 180, east = -180;  // of the positive and the negative longitudes
    for (int i = 0; i <= 2; ++i)
        for (int j = 0; j <= 2; ++j) {
            const auto place = frame.utm.inverse({frame.upper_left.x_m + i * geo::kTileSizeM / 2,
                                                  frame.upper_left.y_m - j * geo::kTileSizeM / 2});
            bounds.west_deg = std::min(bounds.west_deg, place.lon_deg);
            bounds.east_deg = std::max(bounds.east_deg, place.lon_deg);
            bounds.south_deg = std::min(bounds.south_deg, place.lat_deg);
            bounds.north_deg = std::max(bounds.north_deg, place.lat_deg);
            (place.lon_deg > 0 ? west : east) =
                place.lon_deg > 0 ? std::min(west, place.lon_deg) : std::max(east, place.lon_deg);
        }
    if (bounds.east_deg - bounds.west_deg > 180) {
        bounds.west_deg = west;
        bounds.east_deg = east;
    }
    return bounds;
}

Json first_body(const Catalogue& catalogue, const CatalogueQuestion& question) {
    const geo::Bounds box = bounds_of(question.tile);
    const auto rounded = [](double degrees) { return std::round(degrees * 1e6) / 1e6; };
    Json body;
    body["collections"] = question.collections;
    body["bbox"] = {rounded(box.west_deg), rounded(box.south_deg), rounded(box.east_deg),
                    rounded(box.north_deg)};
    body["datetime"] = fmt::format("{}T00:00:00Z/{}T23:59:59Z", format_day(question.days.from),
                                   format_day(question.days.to));
    body["limit"] = catalogue.page_items;
    if (catalogue.cloud_query) body["query"]["eo:cloud_cover"]["lte"] = question.cloud_max;
    if (!catalogue.tile_property.empty())
        body["query"][catalogue.tile_property]["eq"] = catalogue.tile_prefix + question.tile;
    return body;
}

struct PageRequest {
    std::string method = "POST";
    net::Url url;
    net::Headers headers;
    Json body;  // null without

    std::string text() const {
        return method + ' ' + net::to_string(url) + ' ' + (body.is_null() ? "" : body.dump());
    }
};

// Half the items from the same place on. False if the page is small already.
bool halve(PageRequest& page, int& items) {
    if (items <= kSmallestPage) return false;
    const int half = std::max(kSmallestPage, items / 2);
    const auto at_half = [&](std::int64_t number) { return (number - 1) * (items / half) + 1; };
    if (page.body.is_object()) {
        page.body["limit"] = half;
        if (page.body.contains("page") && page.body["page"].is_number_integer())
            page.body["page"] = at_half(page.body["page"].get<std::int64_t>());
    }
    net::Query query = net::decode_query(page.url.query);
    for (auto& [name, value] : query) {
        if (name == "limit") value = fmt::format("{}", half);
        if (const auto number = to_int(value); name == "page" && number)
            value = fmt::format("{}", at_half(*number));
    }
    page.url.query = net::encode_query(query);
    items = half;
    return true;
}

void drop_queries(Json& asset) {
    if (const auto href = asset.find("href"); href != asset.end() && href->is_string())
        *href = href->get<std::string>().substr(0, href->get<std::string>().find('?'));
    if (const auto others = asset.find("alternate"); others != asset.end() && others->is_object())
        for (auto& [name, other] : others->items())
            if (other.is_object()) drop_queries(other);
}

Json slim_item(const Json& item) {
    Json slim;
    for (const char* key : {"id", "collection", "bbox", "geometry"})
        if (item.contains(key)) slim[key] = item[key];
    slim["properties"] = Json::object();
    if (item.contains("properties"))
        for (const char* key : kProperties)
            if (item["properties"].contains(key)) slim["properties"][key] = item["properties"][key];
    slim["assets"] = Json::object();
    if (item.contains("assets"))
        for (const auto& [name, asset] : item["assets"].items()) {
            Json& kept = slim["assets"][name];
            kept = Json::object();
            for (const char* key : {"href", "alternate", "eo:bands", "bands"})
                if (asset.contains(key)) kept[key] = asset[key];
            drop_queries(kept);
        }
    return slim;
}

// Deeper pages than any catalogue has would end in the stack's end.
Json parse_page(std::string_view text) {
    const auto shallow = [](int depth, Json::parse_event_t, Json&) {
        if (depth > kDeepestPage)
            throw Error{Exit::bad_input, "the catalogue's answer is nested too deeply"};
        return true;
    };
    Json json = Json::parse(text, shallow, false);
    if (!json.is_object() || !json.contains("features") || !json["features"].is_array())
        throw Error{Exit::bad_input, "the catalogue's answer holds no features"};
    return json;
}

class Paging {
 public:
    Paging(net::HttpClient& client, const Catalogue& catalogue, CatalogueAnswer& answer)
        : client_(client), catalogue_(catalogue), answer_(answer), items_(catalogue.page_items) {}

    // False if the catalogue does not know what is asked for.
    bool run(const CatalogueQuestion& question) {
        const net::Url base = net::below(net::parse_url(catalogue_.url), "/search");
        PageRequest page{"POST", base, {}, first_body(catalogue_, question)};
        std::set<std::string> asked, seen;
        while (true) {
            if (!asked.insert(page.text()).second) return warn("asks for a page again");
            const auto response = send(page);
            if (!response) return false;
            Json json = parse_page(*response);
            if (json["features"].empty()) return true;
            if (!seen.insert(json["features"].dump()).second) return warn("sends a page again");
            for (const Json& item : json["features"]) add(item);
            if (ids_.size() >= kMostItems)
                return warn(fmt::format("has more than {} items", kMostItems));
            if (!follow(json, base, page)) return true;
        }
    }

 private:
    bool warn(const std::string& what) {
        answer_.warnings.emplace_back("W_PAGING",
                                      fmt::format("{} {}", net::shown(catalogue_.url), what));
        return true;
    }

    void add(const Json& item) {
        if (!item.is_object()) return;
        const auto text = [&](const char* key) {
            return item.contains(key) ? item[key].dump() : std::string();
        };
        if (ids_.insert(text("collection") + text("id")).second)
            answer_.items.push_back(slim_item(item).dump());
    }

    // The page's text; nullopt for a collection that the catalogue does not know.
    std::optional<std::string> send(PageRequest& page) {
        for (int unreadable = 0;;) {
            net::Request request;
            request.method = page.method;
            request.url = page.url;
            request.headers = page.headers;
            net::set_header(request.headers, "Accept", "application/geo+json, application/json");
            if (!page.body.is_null()) {
                net::set_header(request.headers, "Content-Type", "application/json");
                request.body = page.body.dump();
            }
            request.server_errors_are_answers = items_ > kSmallestPage;
            const net::Response response = client_.send(request);
            if ((response.status == 500 || response.status == 502) && halve(page, items_)) {
                log_info("{}: {} for a page, asking for {} items", net::shown(catalogue_.url),
                         response.status, items_);
                continue;
            }
            if (response.status == 404 || response.status == 400) return std::nullopt;
            if (!response.ok()) throw net::refusal(response, net::shown(catalogue_.url));
            if (Json::accept(response.body)) return response.body;
            if (++unreadable == kUnreadablePages)  // a page about maintenance, perhaps
                throw Error{Exit::temporary,
                            net::shown(catalogue_.url) + ": the answer is no JSON"};
        }
    }

    bool follow(const Json& json, const net::Url& base, PageRequest& page) const {
        try {
            return follow_link(json, base, page);
        } catch (const Json::exception&) {
            throw Error{Exit::bad_input, "the catalogue's link to the next page cannot be read"};
        }
    }

    // The next page as the link describes it; false if there is none.
    bool follow_link(const Json& json, const net::Url& base, PageRequest& page) const {
        const Json* next = nullptr;
        if (const auto links = json.find("links"); links != json.end() && links->is_array())
            for (const Json& link : *links)
                if (link.is_object() && link.contains("rel") && link["rel"] == "next") next = &link;
        if (next == nullptr || !next->contains("href")) return false;
        PageRequest following;
        following.method = next->value("method", "GET");
        if (following.method != "GET" && following.method != "POST")
            throw Error{Exit::bad_input, "the catalogue's next page wants " + following.method};
        following.url = net::resolve(page.url, next->at("href").get<std::string>());
        if (following.url.host == base.host && base.scheme == "https") {
            following.url.scheme = base.scheme;  // as seen from behind a proxy
            following.url.port = base.port;
        }
        if (!net::same_origin(following.url, base))
            throw Error{Exit::bad_input, "the catalogue's next page is elsewhere: " +
                                             net::shown(net::to_string(following.url))};
        const Json headers = next->value("headers", Json::object());
        for (const auto& [name, value] : headers.items())
            if (value.is_string()) net::set_header(following.headers, name, value);
        if (following.method == "POST") {
            following.body = next->value("merge", false) ? page.body : Json::object();
            following.body.update(next->value("body", Json::object()));
        }
        page = std::move(following);
        return true;
    }

    net::HttpClient& client_;
    const Catalogue& catalogue_;
    CatalogueAnswer& answer_;
    std::set<std::string> ids_;
    int items_;  // of a page
};

}  // namespace

std::vector<std::string> items_of_page(std::string_view page) {
    std::vector<std::string> items;
    const Json json = parse_page(page);
    for (const Json& item : json["features"]) items.push_back(slim_item(item).dump());
    return items;
}

CatalogueAnswer search_catalogue(net::HttpClient& client, const Catalogue& catalogue,
                                 const CatalogueQuestion& question) {
    CatalogueAnswer answer;
    const bool known = Paging(client, catalogue, answer).run(question);
    if (known && !answer.items.empty()) return answer;
    CatalogueQuestion renamed = question;
    for (std::string& collection : renamed.collections)
        if (const auto other = catalogue.other_names.find(collection);
            other != catalogue.other_names.end())
            collection = other->second;
    if (renamed.collections != question.collections) {
        answer = {};
        if (Paging(client, catalogue, answer).run(renamed)) return answer;
    }
    if (known) return answer;
    std::string names;
    for (const auto& list : {question.collections, renamed.collections})
        for (const std::string& name : list)
            if (names.find(name) == names.npos) names += (names.empty() ? "" : ", ") + name;
    throw Error{
        Exit::bad_input,
        fmt::format("{} does not know the question for {}", net::shown(catalogue.url), names),
        "check --stac and --collections"};
}

}  // namespace hls::chip
