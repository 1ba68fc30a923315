// SPDX-License-Identifier: Apache-2.0
#include "zarr/base64.hpp"

#include <cstdint>

namespace hls::zarr {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encode(ByteView data) {
    std::string text;
    for (std::size_t at = 0; at < data.size(); at += 3) {
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits =
                (bits << 8) | (at + i < data.size() ? std::to_integer<unsigned>(data[at + i]) : 0);
        for (std::size_t i = 0; i < 4; ++i)
            text += at + i <= data.size() ? kDigits[(bits >> (18 - 6 * i)) & 63] : '=';
    }
    return text;
}

std::optional<Bytes> base64_decode(std::string_view text) {
    Bytes data;
    std::uint32_t bits = 0;
    int count = 0;
    const auto end = text.find('=');
    for (const char digit : text.substr(0, end)) {
        const auto value = kDigits.find(digit);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) data.push_back(static_cast<std::byte>((bits >> (count -= 8)) & 0xFF));
    }
    if (base64_encode(data) != text) return std::nullopt;
    return data;
}

}  // namespace hls::zarr
