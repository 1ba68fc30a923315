// SPDX-License-Identifier: Apache-2.0
#include "fetch/search.hpp"

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "core/log.hpp"
#include "fetch/catalogues.hpp"
#include "fetch/search_filter.hpp"

namespace hls::fetch {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// Sentinel-2 comes at up to several thousand products an hour.
constexpr hours kFirstWindow{1};

class Search {
 public:
    Search(net::HttpClient& client, Catalogue catalogue, const SearchQuery& query,
           const std::function<void(const GranuleRecord&)>& found)
        : client_(client),
          catalogue_(catalogue),
          query_(query),
          filter_(catalogue, query),
          found_(found) {}

    void run() {
        if (catalogue_ == Catalogue::usgs_bucket) return report(list_usgs_bucket(client_, query_));
        const bool anywhere = query_.tiles.empty() && !query_.bbox;
        const bool many = catalogue_ == Catalogue::cdse && anywhere;
        const auto step = many ? UtcTime::duration(kFirstWindow) : query_.until - query_.since;
        for (UtcTime from = query_.since; from < query_.until; from += step)
            window(from, std::min(from + step, query_.until));
    }

 private:
    void window(UtcTime from, UtcTime to) {
        std::vector<GranuleRecord> products;
        const bool all = catalogue_ == Catalogue::cdse
                             ? read_cdse_window(client_, query_, from, to, products)
                             : read_stac_window(client_, catalogue_, query_, from, to, products);
        if (all) return report(std::move(products));
        const auto half = std::chrono::floor<seconds>((to - from) / 2);
        if (half < seconds{1})
            throw Error{Exit::unavailable, "more than 9000 products in one second of the catalogue",
                        "name tiles or sensors"};
        log_info("window from {} is halved", format_utc(from));
        window(from, from + half);
        window(from + half, to);
    }

    void report(std::vector<GranuleRecord> products) {
        for (auto& product : products) {
            if (!filter_.passes(product)) continue;
            if (!seen_.insert(product.uuid.empty() ? product.id : product.uuid).second) continue;
            product.event = "listed";
            found_(product);
        }
    }

    net::HttpClient& client_;
    Catalogue catalogue_;
    const SearchQuery& query_;
    SearchFilter filter_;
    const std::function<void(const GranuleRecord&)>& found_;
    std::set<std::string> seen_;
};

}  // namespace

void search(net::HttpClient& client, Catalogue catalogue, const SearchQuery& query,
            const std::function<void(const GranuleRecord&)>& found) {
    check_query(catalogue, query);
    Search(client, catalogue, query, found).run();
}

}  // namespace hls::fetch
