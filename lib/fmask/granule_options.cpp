// SPDX-License-Identifier: Apache-2.0
#include "fmask/granule_options.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace hls::fmask {

void require_sun(double zenith_deg, const std::string& product_id) {
    if (zenith_deg > kHighestSunZenith)
        throw Error{Exit::low_sun, fmt::format("{}: sun zenith {:.2f} deg is above {:.0f}",
                                               product_id, zenith_deg, kHighestSunZenith)};
}

}  // namespace hls::fmask
