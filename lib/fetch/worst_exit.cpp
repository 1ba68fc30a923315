// SPDX-License-Identifier: Apache-2.0
#include "fetch/worst_exit.hpp"

#include <algorithm>
#include <array>

namespace hls::fetch {

Exit worse(Exit a, Exit b) noexcept {
    // What is not listed (1, 70, 71) is worse than all that is.
    constexpr std::array kOrder{Exit::usage,         Exit::permission,
                                Exit::io_error,      Exit::unavailable,
                                Exit::bad_input,     Exit::missing_input,
                                Exit::cannot_create, Exit::temporary,
                                Exit::not_accepted,  Exit::ok};
    const auto place = [&](Exit code) {
        const auto at = std::find(kOrder.begin(), kOrder.end(), code);
        return at == kOrder.end() ? -1 : at - kOrder.begin();
    };
    return place(a) <= place(b) ? a : b;
}

}  // namespace hls::fetch
