// SPDX-License-Identifier: Apache-2.0
#include "lasrc/sentinel2_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "lasrc/encoding.hpp"
#include "lasrc/exp2.hpp"
#include "lasrc/vector_clones.hpp"

namespace hls::lasrc {
namespace {

constexpr std::size_t kBatch = 512;  // pixels whose numbers stay in the first-level cache

}  // namespace

// In steps over arrays that stay in the first-level cache: one loop of everything does not
// vectorise with gcc 12.
HLS_VECTOR_CLONES
void correct_sentinel2_row(const Sentinel2BandModel& band, const Sentinel2PixelRow& row,
                           std::span<const std::uint16_t> dn, const Quirks& quirks,
                           std::span<std::uint16_t> code, std::span<float> change) noexcept {
    const Sentinel2BandModel b = band;
    const auto log2_ratio = static_cast<float>(b.model.scale.log2_ratio);
    const bool fill_clash = quirks.minimum_as_fill;
    alignas(64) std::array<float, kBatch> toa, surface;
    for (std::size_t begin = 0; begin < dn.size(); begin += kBatch) {
        const std::size_t count = std::min(kBatch, dn.size() - begin);
        const std::uint16_t* const numbers = dn.data() + begin;
        const float* const aot = row.aot550.data() + begin;
        const float* const eps = row.eps.data() + begin;
        const std::uint8_t* const no_data = row.no_data.data() + begin;
        float* __restrict const difference = change.data() + begin;
        std::uint16_t* __restrict const out = code.data() + begin;

        for (std::size_t i = 0; i < count; ++i) toa[i] = b.calibration.toa(numbers[i]);
        for (std::size_t i = 0; i < count; ++i) {
            const float load = b.model.load(aot[i], fast_exp2(-eps[i] * log2_ratio));
            surface[i] = b.model.surface_at_load(toa[i], load);
        }
        for (std::size_t i = 0; i < count; ++i)
            difference[i] = std::fabs(b.first_pass.surface(toa[i]) - surface[i]);
        for (std::size_t i = 0; i < count; ++i) surface[i] = limit_reflectance(surface[i]);
        for (std::size_t i = 0; i < count; ++i) {
            const int keep = no_data[i] != 0 ? 0 : -1;
            out[i] = static_cast<std::uint16_t>(encode_reflectance(surface[i], fill_clash) & keep);
        }
    }
}

void encode_sentinel2_toa_row(Sentinel2Calibration calibration, const Sentinel2PixelRow& row,
                              std::span<const std::uint16_t> dn, const Quirks& quirks,
                              std::span<std::uint16_t> code) noexcept {
    for (std::size_t i = 0; i < dn.size(); ++i) {
        const float toa = limit_reflectance(calibration.toa(dn[i]));
        code[i] = row.no_data[i] != 0 ? kFillCode : encode_reflectance(toa, quirks.minimum_as_fill);
    }
}

}  // namespace hls::lasrc
