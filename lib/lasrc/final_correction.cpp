// SPDX-License-Identifier: Apache-2.0
#include "lasrc/final_correction.hpp"

#include <algorithm>
#include <cmath>

#include "lasrc/encoding.hpp"
#include "lasrc/exp2.hpp"
#include "lasrc/sun_view_geometry.hpp"

namespace hls::lasrc {
namespace {

constexpr double kLowLevelChange = .015;
constexpr double kAverageLevelChange = .03;

}  // namespace

float toa_reflectance(Calibration calibration, std::uint16_t dn, float cos_sun) noexcept {
    const float radiance_like = static_cast<float>(dn) * calibration.mult + calibration.add;
    return limit_reflectance(radiance_like / cos_sun);
}

void correct_row(const BandCorrection& band, const PixelRow& row, std::span<const std::uint16_t> dn,
                 const Quirks& quirks, std::span<std::uint16_t> code,
                 std::span<float> first_pass_change) noexcept {
    // Local copies: stores through the output spans cannot change them, so loops vectorise.
    const BandCorrection b = band;
    const float log2_ratio = std::log2(b.model.scale.wavelength_um * (1.f / .55f));
    const bool rebuilt = quirks.rebuilt_toa;
    const bool fill_clash = quirks.minimum_as_fill;
    const bool want_change = !first_pass_change.empty();
    constexpr std::size_t kBatch = 512;
    std::array<float, kBatch> change;

    for (std::size_t begin = 0; begin < dn.size(); begin += kBatch) {
        const std::size_t count = std::min(kBatch, dn.size() - begin);
        const std::uint16_t* const in = dn.data() + begin;
        const float* const cos_sun = row.cos_sun.data() + begin;
        const float* const aot = row.aot550.data() + begin;
        const float* const eps = row.eps.data() + begin;
        const std::uint8_t* const fill = row.fill.data() + begin;
        std::uint16_t* const out = code.data() + begin;
        for (std::size_t i = 0; i < count; ++i) {
            const float measured = toa_reflectance(b.calibration, in[i], cos_sun[i]);
            const float first = limit_reflectance(b.first_pass.surface(measured));
            const float toa = rebuilt ? b.first_pass.toa(first) : measured;
            const float load = b.model.load(aot[i], fast_exp2(-eps[i] * log2_ratio));
            const float surface = b.model.surface_at_load(toa, load);
            change[i] = std::fabs(first - surface);
            const int encoded = encode_reflectance(limit_reflectance(surface), fill_clash);
            out[i] = static_cast<std::uint16_t>(fill[i] ? int{kFillCode} : encoded);
        }
        if (want_change)
            std::copy_n(change.begin(), count,
                        first_pass_change.begin() + static_cast<std::ptrdiff_t>(begin));
    }
}

void encode_toa_row(Calibration calibration, const PixelRow& row, std::span<const std::uint16_t> dn,
                    const Quirks& quirks, std::span<std::uint16_t> code) noexcept {
    const bool fill_clash = quirks.minimum_as_fill;
    for (std::size_t i = 0; i < dn.size(); ++i) {
        const float toa = toa_reflectance(calibration, dn[i], row.cos_sun[i]);
        code[i] = row.fill[i] ? kFillCode : encode_reflectance(toa, fill_clash);
    }
}

std::vector<std::uint16_t> thermal_codes(Calibration radiance, float k1, float k2) {
    std::vector<std::uint16_t> codes(65536);
    for (std::size_t dn = 0; dn < codes.size(); ++dn) {
        const float value = static_cast<float>(dn) * radiance.mult + radiance.add;
        // Only the logarithm is double, as in the reference.
        const auto argument = static_cast<double>(k1 / value + 1.f);
        const double kelvin = value > 0.f ? static_cast<double>(k2) / std::log(argument) : 0.;
        codes[dn] = encode_thermal(static_cast<float>(kelvin));
    }
    return codes;
}

std::uint8_t aerosol_level_bits(float first_pass_change) noexcept {
    const double change = static_cast<double>(first_pass_change);
    const int level = change <= kLowLevelChange ? 1 : change < kAverageLevelChange ? 2 : 3;
    return static_cast<std::uint8_t>(level << 6);
}

std::vector<float> cosines_of_hundredths() {
    std::vector<float> cosines(65536);
    for (std::size_t bits = 0; bits < cosines.size(); ++bits) {
        const auto hundredths = static_cast<std::int16_t>(static_cast<std::uint16_t>(bits));
        cosines[bits] = static_cast<float>(std::cos(hundredths * .01 * kDegToRad));
    }
    return cosines;
}

}  // namespace hls::lasrc
