// SPDX-License-Identifier: Apache-2.0
// Questions to STAC APIs (item search, POST) and their answers, page by page.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chip/imagery_table.hpp"
#include "chip/scene_item.hpp"
#include "chip/season.hpp"
#include "net/http_client.hpp"

namespace hls::chip {

struct CatalogueQuestion {
    std::vector<std::string> collections;
    std::string tile;  // "30TVK"
    DateRange days;
    double cloud_max = 100;  // percent
};

// Items as JSON texts, each once, in the order of the catalogue, without members that chips do not
// need and without what links carry after '?'.
struct CatalogueAnswer {
    std::vector<std::string> items;
    std::vector<std::pair<std::string, std::string>> warnings;  // code, detail
};

inline constexpr std::size_t kMostItems = 5000;

// Follows `next` links of the catalogue's own host until there is none, a page is empty, a page or
// a request comes again (W_PAGING), or kMostItems are there (W_PAGING). After 500 or 502 the page
// is asked for again with half the items. A collection that the catalogue does not know or has
// nothing of is asked for by its other name. Throws what HttpClient::send throws, Error{temporary}
// for pages that are no JSON, Error{bad_input} for a next page elsewhere, and net::refusal().
CatalogueAnswer search_catalogue(net::HttpClient& client, const Catalogue& catalogue,
                                 const CatalogueQuestion& question);

// The bodies of one answer: exposed for tests with recorded pages. Throws Error{bad_input}.
std::vector<std::string> items_of_page(std::string_view page);

}  // namespace hls::chip
