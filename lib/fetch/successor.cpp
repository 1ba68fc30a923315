// SPDX-License-Identifier: Apache-2.0
#include "fetch/successor.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <tuple>

#include "granule/landsat.hpp"
#include "granule/sentinel2.hpp"

namespace hls::fetch {
namespace {

using Words = std::array<std::string_view, 3>;

constexpr std::chrono::hours kForward{24 * 30};
constexpr Words kLevels{"L1TP", "L1GT", "L1GS"};  // the best first
constexpr Words kTiers{"T1", "T2", "RT"};

long rank(const Words& order, std::string_view word) {
    return order.end() - std::find(order.begin(), order.end(), word);
}

}  // namespace

std::string best_landsat_successor(const std::string& id, const std::vector<std::string>& present) {
    const auto wanted = granule::parse_landsat_product_id(id);
    if (!wanted) return {};
    std::tuple<long, long, std::chrono::sys_days> best{-1, -1, {}};
    std::string found;
    for (const auto& name : present) {
        const auto candidate = granule::parse_landsat_product_id(name);
        if (!candidate || candidate->satellite != wanted->satellite ||
            candidate->instruments != wanted->instruments ||
            candidate->acquired != wanted->acquired || candidate->wrs_path != wanted->wrs_path ||
            candidate->wrs_row != wanted->wrs_row)
            continue;
        const std::tuple key{rank(kLevels, candidate->level), rank(kTiers, candidate->category),
                             std::chrono::sys_days{candidate->processed}};
        if (found.empty() || key > best) {
            best = key;
            found = name;
        }
    }
    return found;
}

std::string datastrip_start(const std::string& datastrip) {
    const auto parsed = granule::parse_sentinel2_oper_id(datastrip);
    if (!parsed || parsed->kind != 'D') return {};
    const auto at = datastrip.rfind("_S");
    return datastrip.substr(at + 2, 15);
}

const GranuleRecord* best_sentinel2_successor(const std::string& id, const std::string& datastrip,
                                              const std::vector<GranuleRecord>& present,
                                              bool historic) {
    const auto wanted = granule::parse_sentinel2_product_id(id);
    if (!wanted) return nullptr;
    const std::string start = datastrip_start(datastrip);
    const GranuleRecord* best = nullptr;
    granule::Sentinel2ProductId best_id;
    std::set<std::string> images, names;
    for (const auto& record : present) {
        const auto candidate = granule::parse_sentinel2_product_id(record.id);
        if (!candidate || candidate->satellite != wanted->satellite ||
            candidate->level != wanted->level || candidate->sensing != wanted->sensing ||
            candidate->relative_orbit != wanted->relative_orbit || candidate->tile != wanted->tile)
            continue;
        if (!historic && candidate->discriminator - candidate->sensing > kForward) continue;
        const std::string image = datastrip_start(record.datastrip);
        if (!start.empty() && !image.empty() && image != start) continue;
        images.insert(image);
        names.insert(record.id);
        if (best != nullptr && std::tie(candidate->baseline, candidate->discriminator) <=
                                   std::tie(best_id.baseline, best_id.discriminator))
            continue;
        best = &record;
        best_id = *candidate;
    }
    if (start.empty() && images.size() > 1) {
        std::string list;
        for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
        throw Error{Exit::missing_input, id + ": gone, and what is there are twins: " + list,
                    "name the one you want"};
    }
    return best;
}

}  // namespace hls::fetch
