// SPDX-License-Identifier: Apache-2.0
#include "chip/draw.hpp"

namespace hls::chip {
namespace {

class Fnv1a {
 public:
    void add(std::uint8_t byte) noexcept { state_ = (state_ ^ byte) * 0x100000001b3ULL; }
    std::uint64_t state() const noexcept { return state_; }

 private:
    std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

std::uint64_t finalise(std::uint64_t h) noexcept {
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdULL;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return h ^ (h >> 33);
}

}  // namespace

double draw(std::uint64_t seed, std::string_view key) noexcept {
    Fnv1a hash;
    for (int i = 0; i < 8; ++i) hash.add(static_cast<std::uint8_t>(seed >> (8 * i)));
    for (const char c : key) hash.add(static_cast<std::uint8_t>(c));
    return static_cast<double>(finalise(hash.state()) >> 11) * 0x1p-53;
}

}  // namespace hls::chip
