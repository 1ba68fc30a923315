// SPDX-License-Identifier: Apache-2.0
// From surface to top of atmosphere: exact radiative transfer at a few nodes around one scene, and
// the gas transmissions of lasrc.md 4.6. Shares nothing with the correction but published
// constants.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "atmosphere/bands.hpp"
#include "simulate/scene_request.hpp"

namespace hls::simulate {

// One direction and one column of molecules and urban-clean aerosol, no gases (rt.md 4.1).
struct TransferQuery {
    double wavelength_um;
    double aot550;  // 0: molecules only
    double pressure_hpa;
    double sun_zenith_deg;
    double view_zenith_deg;
    double relative_azimuth_deg;  // 0: sun and sensor on the same side
};

struct Transfer {
    double path_reflectance;
    double down_transmittance, up_transmittance;  // direct + diffuse
    double spherical_albedo;
};

using TransferSolver = std::function<std::vector<Transfer>(std::span<const TransferQuery>)>;

// What the scene spans; the model answers inside and a little beyond.
struct SceneSpan {
    double sun_low_deg, sun_high_deg;
    double view_low_deg, view_high_deg;  // signed: positive east of the ground track
    double azimuth_east_deg;  // between sun and sensor where the view is positive, 0..180;
                              // 180 minus it where the view is negative
    double aot_low, aot_high;
    // View zenith along the track, signed: positive where the sensor looks 90 degrees clockwise of
    // its direction east of the track. With it azimuth_east_deg is signed: sun minus sensor.
    double along_low_deg = 0, along_high_deg = 0;
};

// rho_toa = path + transmission * rho / (1 - albedo * rho), gases included.
struct Optics {
    float path;
    float transmission;
    float albedo;

    float top_of_atmosphere(float surface) const noexcept {
        return path + transmission * surface / (1 - albedo * surface);
    }
};

// Wavelength at which the Rayleigh optical depth of 1013 hPa is `tau`: where the band's molecules
// are, on average. Within 0.35..3 um.
double rayleigh_wavelength_um(double tau);

class ForwardModel {
 public:
    // Solves all nodes of OLI's B1..B7 at once.
    ForwardModel(const AirColumn& air, const SceneSpan& span, const TransferSolver& solver);
    // The same for some bands, by their index among the sensor's band_constants().
    ForwardModel(atmosphere::Sensor sensor, std::span<const int> bands, const AirColumn& air,
                 const SceneSpan& span, const TransferSolver& solver);

    // `band` 1..7, or 1 and up for the bands asked for; sun zenith, signed view zenith and AOT
    // within the span (clamped to it).
    Optics at(int band, double sun_deg, double view_deg, double aot550,
              double along_deg = 0) const noexcept;

 private:
    static constexpr int kSuns = 3;
    static constexpr int kViews = 3;
    static constexpr int kAots = 9;
    static constexpr int kAlongs = 3;

    std::size_t index(int band, int aot, int sun, int view, int along) const noexcept;
    void fold_gases(std::span<const atmosphere::BandConstants> bands, const AirColumn& air,
                    std::span<const TransferQuery> queries, std::span<const Transfer> solved);

    double suns_[kSuns], views_[kViews], aots_[kAots];
    double alongs_[kAlongs] = {};
    int along_count_ = 1;
    std::vector<Optics> nodes_;  // [band][aot][sun][view][along]
};

}  // namespace hls::simulate
