// SPDX-License-Identifier: Apache-2.0
// The reference program's oddities, one switch each (lasrc.md 13). true = as the reference does,
// so that results agree with NASA's; false = what the physics asks for.
#pragma once

namespace hls::lasrc {

struct Quirks {
    bool green_585_nm = true;  // OLI band 3 at .585 um in the Angstrom law; else .560
    bool view_nodes_in_sun_table =
        true;                       // view transmittance indexed by view nodes in a 4-deg table
    bool half_water_vapour = true;  // water vapour DN / 200; else DN / 100
    bool truncated_eps_parabola = true;  // int(3.0625 - 6.25) = -3 in the eps search; else -3.1875
    bool double_angstrom = true;         // Landsat samples at eps 2.5 but fits against plain AOT
    bool fit_without_last_point = true;  // path reflectance cubic leaves out its last valid point
    bool window_one_half_pixel_north = true;  // window latitude at line - 0.5; else line + 0.5
    bool empty_windows_as_zero =
        true;                         // all-fill neighbours interpolate as AOT 0; else are ignored
    bool rebuilt_toa = true;          // final pass rebuilds TOA from the clamped first pass
    bool minimum_as_fill = true;      // reflectance -0.2 encodes to 0 = fill; else to 1
    bool unscaled_eps_misfit = true;  // Sentinel-2 judges the best eps by a misfit left unscaled
    bool corner_fill_skips_window = true;  // Sentinel-2 leaves out windows whose corner is fill

    bool operator==(const Quirks&) const = default;
    static constexpr Quirks keep() { return {}; }
    static constexpr Quirks fix() {
        return {false, false, false, false, false, false, false, false, false, false, false, false};
    }
};

}  // namespace hls::lasrc
