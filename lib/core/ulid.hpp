// SPDX-License-Identifier: Apache-2.0
// Identifiers that sort by time: 48 bits of milliseconds, 80 random bits, Crockford base 32.
#pragma once

#include <string>

namespace hls {

// 26 characters, e.g. "01JD7ZK3M0W5H8Y2T9QX4B6N1C".
std::string new_ulid();

}  // namespace hls
