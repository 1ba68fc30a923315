// SPDX-License-Identifier: Apache-2.0
// What the catalogues have: Sentinel-2 L1C and Landsat 8/9 Level-1, by time, place and quality.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/time.hpp"
#include "fetch/record.hpp"
#include "net/http_client.hpp"

namespace hls::fetch {

enum class Catalogue {
    cdse,          // Sentinel-2: OData of the Copernicus Data Space
    earth_search,  // Sentinel-2: STAC of Element 84, a second opinion
    landsatlook,   // Landsat: STAC of USGS
    usgs_bucket,   // Landsat: listing of s3://usgs-landsat, which the reader pays for
};

using NumberRange = std::pair<int, int>;  // both included
// "33" or "30-35" each. Throws Error{usage} that names the option.
std::vector<NumberRange> parse_ranges(const std::vector<std::string>& words,
                                      const std::string& option);

struct SearchQuery {
    UtcTime since{}, until{};          // until is not included
    bool by_sensing = false;           // else by publication
    std::vector<std::string> tiles;    // 28PHQ; of Landsat the scenes that touch them. Empty: all
    std::vector<std::string> sensors;  // S2A, .., L8, L9; empty: all
    std::vector<NumberRange> paths, rows;       // WRS-2; empty: all
    std::optional<std::array<double, 4>> bbox;  // west, south, east, north; degrees
    std::vector<std::string> levels, tiers;     // of Landsat: L1TP, ..; RT, T1, ..; empty: all
    double max_cloud = 100;                     // percent
    int max_age_days = 0;  // sensed so long before publication at most; 0: any age
};

// Each product once, in order of the windows of time. No catalogue shows more than about 10,000
// products of one question: a window that comes near is halved and asked again, down to one second
// (then Error{unavailable}). Throws Error{usage} for a query that makes no sense,
// Error{unavailable} for an answer that is none three times, Error{bad_input} for a next page on
// another host.
void search(net::HttpClient& client, Catalogue catalogue, const SearchQuery& query,
            const std::function<void(const GranuleRecord&)>& found);

}  // namespace hls::fetch
