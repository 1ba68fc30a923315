// SPDX-License-Identifier: Apache-2.0
// The objects of a batch, fetched side by side before they are looked at one by one.
#include <algorithm>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parallel.hpp"
#include "net/s3.hpp"
#include "zarr/slot_plan.hpp"

namespace hls::zarr {
namespace {

constexpr int kObjectsAtOnce = 8;

}  // namespace

void SlotPlan::fetch_ahead() const {
    std::vector<const Item*> wanted;
    for (const Item& item : items_)
        if (item.match && item.work.intent != Intent::clear && net::is_s3_uri(item.work.location))
            wanted.push_back(&item);
    if (wanted.size() < 2) return;
    parallel_for(wanted.size(), kObjectsAtOnce, [&](std::size_t i) {
        const Item& item = *wanted[i];
        const ObjectSource& source = store_.source();
        try {
            const auto state = source.head(item.work.location);
            const bool known = !item.prior.empty() && state &&
                               std::ranges::all_of(item.prior, [&](const Candidate& candidate) {
                                   return candidate.etag == state->etag &&
                                          candidate.location == item.work.location;
                               });
            if (state && !known) source.readable(item.work.location);
        } catch (const Error& error) {
            log_debug("{}: {}", item.work.key, error.message);
        }
    });
}

}  // namespace hls::zarr
