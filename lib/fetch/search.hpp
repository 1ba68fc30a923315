// SPDX-License-Identifier: Apache-2.0
// What the catalogues have: Sentinel-2 L1C of the Copernicus Data Space, by publication or sensing.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "fetch/record.hpp"
#include "net/http_client.hpp"

namespace hls::fetch {

struct SearchQuery {
    UtcTime since{}, until{};          // until is not included
    bool by_sensing = false;           // else by publication
    std::vector<std::string> tiles;    // empty: all
    std::vector<std::string> sensors;  // S2A, ..; empty: all
    double max_cloud = 100;            // percent
    int max_age_days = 0;              // sensed so long before publication at most; 0: any age
};

// Each product once, in order of the windows. The catalogue shows no more than 10,000 products of
// one question: a window that comes near is halved and asked again, down to one second (then
// Error{unavailable}). Throws Error{usage} for a query that makes no sense, Error{bad_input} for an
// answer that is none or a next page on another host.
void search_cdse(net::HttpClient& client, const SearchQuery& query,
                 const std::function<void(const GranuleRecord&)>& found);

}  // namespace hls::fetch
