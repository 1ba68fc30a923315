// SPDX-License-Identifier: Apache-2.0
#include "tile/s30_finish.hpp"

#include <utility>

#include "tile/range.hpp"

namespace hls::tile {

S30Finish::S30Finish(double target_sun_zenith_deg, const granule::Sentinel2Satellite& satellite,
                     StageHook stages)
    : nbar_(kS30Brdf, target_sun_zenith_deg, AnglePrecision::s30_float),
      bandpass_(satellite),
      satellite_(satellite),
      stages_(std::move(stages)) {}

void S30Finish::apply(int first_row, S30Strip& strip, int threads) const {
    if (stages_) {
        show_resampled(strip, first_row, stages_);
        show_factors(nbar_, strip, first_row, stages_);
    }
    parallel_rows(strip.fmask.rows(), threads, [&](Range rows, std::size_t) {
        for (int r = rows.first; r < rows.end; ++r) normalize_row(nbar_, strip, r);
    });
    if (stages_) {
        show_normalized(strip, first_row, stages_);
        show_other_satellites(first_row, strip);
    }
    parallel_rows(strip.fmask.rows(), threads, [&](Range rows, std::size_t) {
        for (int r = rows.first; r < rows.end; ++r) bandpass_.apply(strip, r);
    });
    if (stages_) show_adjusted(strip, satellite_, first_row, stages_);
}

void S30Finish::show_other_satellites(int first_row, const S30Strip& normalized) const {
    for (const auto& satellite : granule::sentinel2_satellites()) {
        if (satellite.id == satellite_.id) continue;
        S30Strip adjusted = normalized;
        const Bandpass bandpass(satellite);
        for (int r = 0; r < adjusted.fmask.rows(); ++r) bandpass.apply(adjusted, r);
        show_adjusted(adjusted, satellite, first_row, stages_);
    }
}

}  // namespace hls::tile
