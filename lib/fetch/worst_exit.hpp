// SPDX-License-Identifier: Apache-2.0
// One exit code for many items.
#pragma once

#include "core/error.hpp"

namespace hls::fetch {

// The code that says most about what has to be done first: 2, 77, 74, 69, 65, 66, 73, 75, 7, 0.
Exit worse(Exit a, Exit b) noexcept;

}  // namespace hls::fetch
