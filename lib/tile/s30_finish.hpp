// SPDX-License-Identifier: Apache-2.0
// From resampled reflectance to that of the product: NBAR, then the bands of OLI.
#pragma once

#include "granule/sentinel2.hpp"
#include "tile/nbar.hpp"
#include "tile/s30_stages.hpp"
#include "tile/s30_strip.hpp"

namespace hls::tile {

class S30Finish {
 public:
    // `satellite` must outlive the object.
    S30Finish(double target_sun_zenith_deg, const granule::Sentinel2Satellite& satellite,
              StageHook stages = {});

    // All rows of a strip that starts at `first_row` of the tile, in place.
    void apply(int first_row, S30Strip& strip, int threads) const;

 private:
    // The same strip with the tables of the other satellites, to be compared.
    void show_other_satellites(int first_row, const S30Strip& normalized) const;

    Nbar nbar_;
    Bandpass bandpass_;
    const granule::Sentinel2Satellite& satellite_;
    StageHook stages_;
};

}  // namespace hls::tile
