// SPDX-License-Identifier: Apache-2.0
#include "core/ulid.hpp"

#include <cstdint>
#include <random>

#include "core/time.hpp"

namespace hls {

std::string new_ulid() {
    constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    using std::chrono::milliseconds;
    auto millis = static_cast<std::uint64_t>(
        std::chrono::duration_cast<milliseconds>(utc_now().time_since_epoch()).count());
    std::string id(26, '0');
    for (std::size_t i = 10; i-- > 0; millis >>= 5) id[i] = kAlphabet[millis & 31];
    std::random_device random;
    for (std::size_t i = 10; i < id.size(); ++i) id[i] = kAlphabet[random() & 31];
    return id;
}

}  // namespace hls
