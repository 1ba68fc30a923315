// SPDX-License-Identifier: Apache-2.0
#include "product/number_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace hls::product {

std::string tag_number(double value) {
    return fmt::format("{:.15g}", value);
}

double rounded_to_8_decimals(double value) noexcept {
    constexpr double kUnit = 1e8;
    return std::round(value * kUnit) / kUnit;
}

std::string cmr_number(double value) {
    // Fixed notation: the shortest form of a small number would be 2e-08.
    std::string text = fmt::format("{:.8f}", value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.push_back('0');
    return text == "-0.0" ? "0.0" : text;
}

}  // namespace hls::product
