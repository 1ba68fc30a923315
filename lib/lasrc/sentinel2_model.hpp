// SPDX-License-Identifier: Apache-2.0
// The atmosphere over one Sentinel-2 granule, ready for every pixel: first pass and polynomial
// model of its bands (lasrc.md 2, 3, 5).
#pragma once

#include <array>
#include <cstdint>

#include "atmosphere/tables.hpp"
#include "granule/sentinel2_metadata.hpp"
#include "lasrc/polynomial_model.hpp"
#include "lasrc/quirks.hpp"

namespace hls::lasrc {

// Bands by index of granule::sentinel2_bands().
enum Sentinel2BandIndex : std::size_t {
    kB01 = 0,
    kB02 = 1,
    kB04 = 3,
    kB8A = 8,
    kB09 = 9,
    kB10 = 10,
    kB12 = 12
};

// Digital number to TOA reflectance. 0 is no data and becomes 0.
struct Sentinel2Calibration {
    float offset = 0.f;  // RADIO_ADD_OFFSET
    float scale = 1e-4f;

    float toa(std::uint16_t dn) const noexcept {
        return dn == 0 ? 0.f : (static_cast<float>(dn) + offset) * scale;
    }
};

struct Sentinel2BandModel {
    Sentinel2Calibration calibration;
    BandAtmosphere first_pass;  // at the climatological aerosol; none for B09 and B10
    PolynomialModel model;
};

struct Sentinel2Model {
    SunViewGeometry geometry;  // of the granule: mean sun, first mean view
    std::array<Sentinel2BandModel, granule::kSentinel2Bands> bands;
};

// Mean angles as the reference gets them: through six decimals of text. Throws Error{bad_input}
// if the metadata have no mean view.
SunViewGeometry sentinel2_geometry(const granule::Sentinel2Tile& tile);

// Throws Error{bad_input} when the tables lack a band, Error{low_sun}.
Sentinel2Model make_sentinel2_model(const atmosphere::Tables& tables,
                                    const granule::Sentinel2Product& product,
                                    const SunViewGeometry& geometry, const SceneAir& air,
                                    const Quirks& quirks);

}  // namespace hls::lasrc
