// SPDX-License-Identifier: Apache-2.0
// One window of time in each catalogue, and what they share. Internal to fetch.
#pragma once

#include <string>
#include <vector>

#include "fetch/search.hpp"

namespace hls::fetch {

// Near 10,000 catalogues leave out the link to the next page although there is more.
inline constexpr std::size_t kMostOfAWindow = 9000;

// All products of [from, to), or false if they are more than may be asked for at once.
bool read_cdse_window(net::HttpClient& client, const SearchQuery& query, UtcTime from, UtcTime to,
                      std::vector<GranuleRecord>& products);
bool read_stac_window(net::HttpClient& client, Catalogue catalogue, const SearchQuery& query,
                      UtcTime from, UtcTime to, std::vector<GranuleRecord>& products);
// A listing has no limit and no windows.
std::vector<GranuleRecord> list_usgs_bucket(net::HttpClient& client, const SearchQuery& query);

// Sends a request whose answer must be JSON with the array `member`. Three answers without it (a
// maintenance page) are Error{unavailable} with the start of the last.
template <typename Json>
Json page_of(net::HttpClient& client, const net::Request& request, const char* member);

// The address of a next page. Throws Error{bad_input} for another host, scheme or path.
net::Url next_page(const net::Url& current, const std::string& link);

}  // namespace hls::fetch
