// SPDX-License-Identifier: Apache-2.0
// Landsat scenes as the bucket of USGS has them: always right, and one request a path, row and
// year.
#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "core/log.hpp"
#include "core/parallel.hpp"
#include "fetch/catalogues.hpp"
#include "fetch/json.hpp"
#include "fetch/search_filter.hpp"
#include "fetch/sources.hpp"

namespace hls::fetch {
namespace {

constexpr const char* kHome = "collection02/level-1/standard/oli-tirs/";
constexpr int kRequestsAtOnce = 8;

// Names of the folders right below `prefix`.
std::vector<std::string> folders(net::S3Client& s3, const std::string& prefix) {
    std::vector<std::string> names;
    for (const auto& folder : s3.list({kLandsatBucket, prefix}, "/").prefixes)
        names.push_back(folder.substr(prefix.size(), folder.size() - prefix.size() - 1));
    return names;
}

// Prefixes of one path and row in one year that may hold what is asked for.
std::vector<std::string> places(net::S3Client& s3, const SearchQuery& query, int year) {
    const std::string home = fmt::format("{}{:04}/", kHome, year);
    std::vector<std::string> found;
    if (!query.tiles.empty() || query.bbox) {
        for (const auto& scene : scenes_of(query))
            found.push_back(fmt::format("{}{:03}/{:03}/", home, scene.path, scene.row));
        return found;
    }
    std::vector<std::string> paths;
    for (const auto& [low, high] : query.paths)
        for (int path = low; path <= high; ++path) paths.push_back(fmt::format("{:03}", path));
    if (query.paths.empty()) paths = folders(s3, home);
    for (const auto& path : paths) {
        std::vector<std::string> rows;
        for (const auto& [low, high] : query.rows)
            for (int row = low; row <= high; ++row) rows.push_back(fmt::format("{:03}", row));
        if (query.rows.empty()) rows = folders(s3, home + path + '/');
        for (const auto& row : rows) found.push_back(home + path + '/' + row + '/');
    }
    return found;
}

// What the listing does not say stands in the item beside the data.
void read_item(net::S3Client& s3, GranuleRecord& record) {
    const auto prefix = net::parse_s3_uri(landsat_s3_prefix(record.id));
    const auto text =
        s3.try_get({prefix.bucket, prefix.key + record.id + "_stac.json"}, {}, 1 << 20);
    if (!text) return;
    GranuleRecord told = record_of_stac(strict_json<nlohmann::json>(*text));
    if (told.id == record.id) record = std::move(told);
}

}  // namespace

std::vector<GranuleRecord> list_usgs_bucket(net::HttpClient& client, const SearchQuery& query) {
    net::S3Client s3(client, landsat_bucket_options());
    std::vector<std::string> prefixes;
    // Sensed in one year, processed up to years later: by publication the sensing is open below,
    // and --max-age closes it.
    using std::chrono::hours;
    const int age_days = query.max_age_days > 0 ? query.max_age_days : 30;
    const UtcTime first = query.by_sensing ? query.since : query.since - hours{24 * age_days};
    for (int year = civil_date(first).year;
         year <= civil_date(query.until - std::chrono::microseconds(1)).year; ++year) {
        auto more = places(s3, query, year);
        std::move(more.begin(), more.end(), std::back_inserter(prefixes));
    }
    log_info("{} listings of one path, row and year", prefixes.size());
    const SearchFilter filter(Catalogue::usgs_bucket, query);
    std::vector<std::vector<GranuleRecord>> found(prefixes.size());
    parallel_for(prefixes.size(), kRequestsAtOnce, [&](std::size_t i) {
        for (const auto& name : folders(s3, prefixes[i])) {
            GranuleRecord record;
            record.id = name;
            if (!describe_by_id(record)) continue;
            record.source = "usgs";
            record.urls = {{"s3", landsat_s3_prefix(name), "usgs"}};
            if (!filter.passes(record)) continue;
            if (query.max_cloud < 100) read_item(s3, record);
            found[i].push_back(std::move(record));
        }
    });
    std::vector<GranuleRecord> all;
    for (auto& records : found) std::move(records.begin(), records.end(), std::back_inserter(all));
    return all;
}

}  // namespace hls::fetch
