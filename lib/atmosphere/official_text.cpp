// SPDX-License-Identifier: Apache-2.0
#include "atmosphere/official_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>

#include "core/error.hpp"

namespace hls::atmosphere {
namespace {

constexpr int kTransmittanceSuns = 21;  // 0..80 deg
constexpr double kAxisTolerance = 1e-5;

std::size_t by_aot(int pressure, int aot) {
    return static_cast<std::size_t>(pressure) * kAots + static_cast<std::size_t>(aot);
}
std::size_t by_sun(int pressure, int aot, int sun) {
    return by_aot(pressure, aot) * kSuns + static_cast<std::size_t>(sun);
}

}  // namespace

TextTable::TextTable(std::filesystem::path path) : path_(std::move(path)) {
    std::ifstream in(path_, std::ios::binary);
    if (!in) throw Error{Exit::missing_input, fmt::format("cannot read {}", path_.string())};
    text_.assign(std::istreambuf_iterator<char>(in), {});
}

void TextTable::skip_line() {
    at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
}

double TextTable::number() {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    if (at_ == text_.size()) fail("ends too early");
    double value = 0;
    const char* first = text_.data() + at_;
    const char* last = text_.data() + text_.size();
    const auto [end, error] = std::from_chars(*first == '+' ? first + 1 : first, last, value);
    if (error != std::errc{} || !std::isfinite(value)) fail("expected a number");
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
}

void TextTable::axis(double expected, const char* what) {
    const double value = number();
    if (std::abs(value - expected) > kAxisTolerance)
        fail(fmt::format("{} is {} instead of {}", what, value, expected));
}

float TextTable::number_in(double lowest, double highest, const char* what) {
    const double value = number();
    if (value < lowest || value > highest) fail(fmt::format("{} is {}", what, value));
    return static_cast<float>(value);
}

void TextTable::fail(const std::string& what) const {
    const auto end = text_.begin() + static_cast<std::ptrdiff_t>(at_);
    throw Error{Exit::bad_input,
                fmt::format("{}: line {}: {}", path_.string(),
                            1 + std::count(text_.begin(), end, '\n'), what),
                "are these the tables of LaSRC, complete?"};
}

void read_transmittance(TextTable& text, BandTable& band) {
    band.transmittance.assign(by_sun(kPressures, 0, 0), 0.f);
    text.skip_line();
    for (int pressure = 0; pressure < kPressures; ++pressure) {
        text.skip_line();
        for (int sun = 0; sun < kTransmittanceSuns; ++sun) {
            text.axis(4.0 * sun, "zenith angle");
            for (int aot = 0; aot < kAots; ++aot)
                band.transmittance[by_sun(pressure, aot, sun)] =
                    text.number_in(0.0, 1.01, "transmittance");
        }
        text.skip_line();
    }
}

void read_aerosol(TextTable& text, BandTable& band) {
    band.spherical_albedo.assign(by_aot(kPressures, 0), 0.f);
    band.extinction.assign(by_aot(kPressures, 0), 0.f);
    text.skip_line();
    for (int pressure = 0; pressure < kPressures; ++pressure) {
        text.skip_line();
        for (int aot = 0; aot < kAots; ++aot) {
            text.axis(static_cast<double>(kAot550[static_cast<std::size_t>(aot)]), "AOT");
            band.spherical_albedo[by_aot(pressure, aot)] =
                text.number_in(0.0, 1.0, "spherical albedo");
            band.extinction[by_aot(pressure, aot)] = text.number_in(0.0, 10.0, "extinction");
        }
        text.skip_line();
    }
}

// Numbers are written with as many digits as give the same float again.
std::string transmittance_text(const Tables& tables) {
    std::string text;
    auto out = std::back_inserter(text);
    for (const BandTable& band : tables.bands) {
        fmt::format_to(out, "{} band {}: zenith, total transmittance for {} AOT at 550 nm\n",
                       sensor_name(tables.sensor), band.name, kAots);
        for (int pressure = 0; pressure < kPressures; ++pressure) {
            fmt::format_to(out, " pressure {:.1f}\n",
                           kPressureHpa[static_cast<std::size_t>(pressure)]);
            for (int sun = 0; sun < kTransmittanceSuns; ++sun) {
                fmt::format_to(out, "{:8.4f}", 4.0 * sun);
                for (int aot = 0; aot < kAots; ++aot)
                    fmt::format_to(out, " {:>13}", band.transmittance[by_sun(pressure, aot, sun)]);
                text += '\n';
            }
        }
    }
    return text;
}

std::string aerosol_text(const Tables& tables) {
    std::string text;
    auto out = std::back_inserter(text);
    for (const BandTable& band : tables.bands) {
        fmt::format_to(
            out, "{} band {}: AOT at 550 nm, spherical albedo, extinction relative to 550 nm\n",
            sensor_name(tables.sensor), band.name);
        for (int pressure = 0; pressure < kPressures; ++pressure) {
            fmt::format_to(out, " pressure {:.1f}\n",
                           kPressureHpa[static_cast<std::size_t>(pressure)]);
            for (int aot = 0; aot < kAots; ++aot)
                fmt::format_to(out, "{:7.4f} {:>13} {:>13}\n",
                               kAot550[static_cast<std::size_t>(aot)],
                               band.spherical_albedo[by_aot(pressure, aot)],
                               band.extinction[by_aot(pressure, aot)]);
        }
    }
    return text;
}

}  // namespace hls::atmosphere
