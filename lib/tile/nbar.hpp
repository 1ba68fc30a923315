// SPDX-License-Identifier: Apache-2.0
// Reflectance as seen from nadir under one sun: the c-factor of Roy et al. 2016 (Remote Sens.
// Environ. 176) and 2017 (199) with the Ross-Thick and Li-Sparse-Reciprocal kernels (tiling.md
// 2.8). Shared by L30 and S30.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hls::tile {

// Weights of the isotropic, volume and geometric kernel.
struct BrdfModel {
    double iso = 0;
    double vol = 0;
    double geo = 0;
};

namespace brdf {
inline constexpr BrdfModel kBlue{.0774, .0372, .0079};  // also used for coastal aerosol
inline constexpr BrdfModel kGreen{.1306, .0580, .0178};
inline constexpr BrdfModel kRed{.1690, .0574, .0227};
inline constexpr BrdfModel kRedEdge1{.2085, .0845, .0256};  // 705 nm
inline constexpr BrdfModel kRedEdge2{.2316, .1003, .0273};  // 740 nm
inline constexpr BrdfModel kRedEdge3{.2599, .1197, .0294};  // 783 nm
inline constexpr BrdfModel kNir{.3093, .1535, .0330};
inline constexpr BrdfModel kSwir1{.3430, .1154, .0453};
inline constexpr BrdfModel kSwir2{.2658, .0639, .0387};
}  // namespace brdf

// L30 B01..B07.
inline constexpr std::array kL30Brdf{brdf::kBlue, brdf::kBlue,  brdf::kGreen, brdf::kRed,
                                     brdf::kNir,  brdf::kSwir1, brdf::kSwir2};

struct BrdfKernels {
    double vol = 0;  // Ross-Thick
    double geo = 0;  // Li-Sparse-Reciprocal, h/b = 2, b/r = 1
};

BrdfKernels brdf_kernels(double sun_zenith_deg, double view_zenith_deg,
                         double relative_azimuth_deg) noexcept;

// Angles of one pixel in 0.01 deg as products store them.
struct SunView {
    std::uint16_t sun_zenith = 0;
    std::uint16_t sun_azimuth = 0;
    std::uint16_t view_zenith = 0;
    std::uint16_t view_azimuth = 0;

    bool operator==(const SunView&) const = default;
    bool has_fill() const noexcept;
};

// Rows of the four angle layers, of equal length.
struct AngleRow {
    std::span<const std::uint16_t> sun_zenith, sun_azimuth, view_zenith, view_azimuth;

    SunView at(std::size_t i) const noexcept {
        return {sun_zenith[i], sun_azimuth[i], view_zenith[i], view_azimuth[i]};
    }
};

// NASA's program for S30 holds angles and the difference of azimuths in single precision, that for
// L30 in double: it shows where a product lies at a tie.
enum class AnglePrecision { l30_double, s30_float };

class Nbar {
 public:
    static constexpr std::size_t kMaxBands = 11;

    // One model per band, at most kMaxBands.
    Nbar(std::span<const BrdfModel> models, double target_sun_zenith_deg,
         AnglePrecision precision = AnglePrecision::l30_double) noexcept;

    // What to multiply each band by; `out` has one element per model. No angle may be fill.
    void factors(const SunView& angles, std::span<double> out) const noexcept;

    // Multiplies in place, one row per model. Fill stays fill; pixels where an angle is fill stay
    // as they are.
    void apply(const AngleRow& angles,
               std::span<const std::span<std::int16_t>> bands) const noexcept;

 private:
    BrdfKernels kernels_at(const SunView& angles) const noexcept;

    std::span<const BrdfModel> models_;
    AnglePrecision precision_;
    std::array<double, kMaxBands> at_target_{};  // modelled reflectance, nadir view, target sun
};

}  // namespace hls::tile
