// SPDX-License-Identifier: Apache-2.0
#include "lasrc/final_correction.hpp"

#include <algorithm>
#include <cmath>

#include "lasrc/exp2.hpp"
#include "lasrc/sun_view_geometry.hpp"
#include "lasrc/vector_clones.hpp"

namespace hls::lasrc {
namespace {

constexpr double kLowLevelChange = .015;
constexpr double kAverageLevelChange = .03;

constexpr std::size_t kBatch = 512;  // pixels whose numbers stay in the first-level cache

struct Batch {
    const std::uint16_t* dn;
    const float* cos_sun;
    const float* aot550;
    const float* eps;
    const std::uint8_t* fill;
    std::size_t count;
};

// In steps over arrays that stay in the first-level cache: one loop of everything does not
// vectorise with gcc 12.
template <bool kRebuiltToa>
inline void correct_batch(const BandCorrection& band, const Batch& batch, bool fill_clash,
                          std::uint16_t* __restrict code, float* __restrict change) noexcept {
    const BandCorrection b = band;
    const std::size_t count = batch.count;
    alignas(64) std::array<float, kBatch> first, toa, surface;

    for (std::size_t i = 0; i < count; ++i)
        toa[i] = toa_reflectance(b.calibration, batch.dn[i], batch.cos_sun[i]);
    for (std::size_t i = 0; i < count; ++i)
        first[i] = limit_reflectance(b.first_pass.surface(toa[i]));
    if (kRebuiltToa)
        for (std::size_t i = 0; i < count; ++i) toa[i] = b.first_pass.toa(first[i]);

    const auto log2_ratio = static_cast<float>(b.model.scale.log2_ratio);
    for (std::size_t i = 0; i < count; ++i) {
        const float load = b.model.load(batch.aot550[i], fast_exp2(-batch.eps[i] * log2_ratio));
        surface[i] = b.model.surface_at_load(toa[i], load);
    }
    for (std::size_t i = 0; i < count; ++i) change[i] = std::fabs(first[i] - surface[i]);
    for (std::size_t i = 0; i < count; ++i) surface[i] = limit_reflectance(surface[i]);
    for (std::size_t i = 0; i < count; ++i) {
        const int keep = batch.fill[i] - 1;  // 0 for fill, else all bits
        code[i] = static_cast<std::uint16_t>(encode_reflectance(surface[i], fill_clash) & keep);
    }
}

}  // namespace

HLS_VECTOR_CLONES
void correct_row(const BandCorrection& band, const PixelRow& row, std::span<const std::uint16_t> dn,
                 const Quirks& quirks, std::span<std::uint16_t> code,
                 std::span<float> first_pass_change) noexcept {
    std::array<float, kBatch> unused;
    for (std::size_t begin = 0; begin < dn.size(); begin += kBatch) {
        const Batch batch{dn.data() + begin,         row.cos_sun.data() + begin,
                          row.aot550.data() + begin, row.eps.data() + begin,
                          row.fill.data() + begin,   std::min(kBatch, dn.size() - begin)};
        float* const change =
            first_pass_change.empty() ? unused.data() : first_pass_change.data() + begin;
        if (quirks.rebuilt_toa)
            correct_batch<true>(band, batch, quirks.minimum_as_fill, code.data() + begin, change);
        else
            correct_batch<false>(band, batch, quirks.minimum_as_fill, code.data() + begin, change);
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
