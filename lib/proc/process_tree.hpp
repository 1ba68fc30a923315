// SPDX-License-Identifier: Apache-2.0
// What Linux says about a process and its descendants.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace hls::proc {

// Resident memory of the process and all its descendants; 0 once it is gone.
std::int64_t resident_bytes_of_tree(pid_t root);

}  // namespace hls::proc
