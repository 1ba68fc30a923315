// SPDX-License-Identifier: Apache-2.0
#include "tile/nbar.hpp"

#include <algorithm>
#include <cmath>

#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

// The digits NASA's programs carry.
constexpr double kPi = 3.141592653589;
constexpr double kDegree = kPi / 180;

double modelled_reflectance(const BrdfModel& model, const BrdfKernels& kernels) noexcept {
    return model.iso + model.vol * kernels.vol + model.geo * kernels.geo;
}

// Degrees of a stored angle as S30's program holds them.
float single(std::uint16_t stored) noexcept {
    constexpr double kCountsPerDegree = 100;
    return static_cast<float>(stored / kCountsPerDegree);
}

}  // namespace

BrdfKernels brdf_kernels(double sun_zenith_deg, double view_zenith_deg,
                         double relative_azimuth_deg) noexcept {
    const double s = sun_zenith_deg * kDegree;
    const double v = view_zenith_deg * kDegree;
    const double p = relative_azimuth_deg * kDegree;
    const double cos_s = std::cos(s);
    const double cos_v = std::cos(v);
    const double cos_p = std::cos(p);
    const double tan_s = std::tan(s);
    const double tan_v = std::tan(v);

    // Rounding can carry the cosine of the phase angle past 1 where sun and view coincide.
    const double cos_phase =
        std::clamp(cos_s * cos_v + std::sin(s) * std::sin(v) * cos_p, -1.0, 1.0);
    const double phase = std::acos(cos_phase);
    const double sin_phase = std::sqrt(1 - cos_phase * cos_phase);
    const double vol = ((kPi / 2 - phase) * cos_phase + sin_phase) / (cos_s + cos_v) - kPi / 4;

    const double sec_s = 1 / cos_s;
    const double sec_v = 1 / cos_v;
    const double sec_sum = sec_s + sec_v;
    const double distance2 =
        std::max(0.0, tan_s * tan_s + tan_v * tan_v - 2 * tan_s * tan_v * cos_p);
    const double cross = tan_s * tan_v * std::sin(p);
    const double cos_t = std::clamp(2 * std::sqrt(distance2 + cross * cross) / sec_sum, -1.0, 1.0);
    const double t = std::acos(cos_t);
    const double overlap = (t - std::sin(t) * cos_t) * sec_sum / kPi;
    return {vol, overlap - sec_sum + 0.5 * (1 + cos_phase) * sec_s * sec_v};
}

bool SunView::has_fill() const noexcept {
    return sun_zenith == kAngleFill || sun_azimuth == kAngleFill || view_zenith == kAngleFill ||
           view_azimuth == kAngleFill;
}

Nbar::Nbar(std::span<const BrdfModel> models, double target_sun_zenith_deg,
           AnglePrecision precision) noexcept
    : models_(models.first(std::min(models.size(), kMaxBands))), precision_(precision) {
    const BrdfKernels target = brdf_kernels(target_sun_zenith_deg, 0, 0);
    for (std::size_t b = 0; b < models_.size(); ++b)
        at_target_[b] = modelled_reflectance(models_[b], target);
}

BrdfKernels Nbar::kernels_at(const SunView& angles) const noexcept {
    if (precision_ == AnglePrecision::s30_float) {
        const float azimuth = single(angles.view_azimuth) - single(angles.sun_azimuth);
        return brdf_kernels(static_cast<double>(single(angles.sun_zenith)),
                            static_cast<double>(single(angles.view_zenith)),
                            static_cast<double>(azimuth));
    }
    const double azimuth =
        (angles.sun_azimuth * kDegreesPerCount) - (angles.view_azimuth * kDegreesPerCount);
    return brdf_kernels(angles.sun_zenith * kDegreesPerCount, angles.view_zenith * kDegreesPerCount,
                        azimuth);
}

void Nbar::factors(const SunView& angles, std::span<double> out) const noexcept {
    const BrdfKernels seen = kernels_at(angles);
    for (std::size_t b = 0; b < models_.size() && b < out.size(); ++b)
        out[b] = at_target_[b] / modelled_reflectance(models_[b], seen);
}

void Nbar::apply(const AngleRow& angles,
                 std::span<const std::span<std::int16_t>> bands) const noexcept {
    std::array<double, kMaxBands> factor{};
    SunView known;  // whose factors are at hand: neighbours often share all four angles
    bool have_factors = false;
    for (std::size_t i = 0; i < angles.sun_zenith.size(); ++i) {
        const SunView here = angles.at(i);
        if (here.has_fill()) continue;
        if (std::all_of(bands.begin(), bands.end(), [&](auto row) { return row[i] == kFill; }))
            continue;
        if (!have_factors || here != known) {
            factors(here, factor);
            known = here;
            have_factors = true;
        }
        for (std::size_t b = 0; b < bands.size(); ++b)
            if (bands[b][i] != kFill) bands[b][i] = round_half_up(bands[b][i] * factor[b]);
    }
}

}  // namespace hls::tile
