// SPDX-License-Identifier: Apache-2.0
// Whether a query makes sense, and whether a product answers it. Internal to fetch.
#pragma once

#include <set>

#include "fetch/search.hpp"
#include "geo/wrs2.hpp"

namespace hls::fetch {

// Throws Error{usage}.
void check_query(Catalogue catalogue, const SearchQuery& query);

// Nominal scenes of the day side that touch a tile or, without tiles, the box of the query, and are
// in its paths and rows; empty if neither tile nor box is given.
std::set<geo::PathRow> scenes_of(const SearchQuery& query);

// Holds answers against the question: servers are known to ignore filters they do not understand.
class SearchFilter {
 public:
    SearchFilter(Catalogue catalogue, const SearchQuery& query);
    bool passes(const GranuleRecord& record) const;

 private:
    bool passes_landsat(const GranuleRecord& record) const;
    bool in_time(const GranuleRecord& record) const;
    bool too_old(const GranuleRecord& record) const;

    Catalogue catalogue_;
    const SearchQuery& query_;
    std::set<geo::PathRow> scenes_;
};

}  // namespace hls::fetch
