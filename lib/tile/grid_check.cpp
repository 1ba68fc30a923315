// SPDX-License-Identifier: Apache-2.0
#include "tile/grid_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "tile/fmask_bits.hpp"
#include "tile/scene_position.hpp"

namespace hls::tile {

void require_grid(const io::RasterReader& reader, const io::Grid& expected) {
    if (reader.rows() != expected.rows || reader.cols() != expected.cols)
        throw Error{Exit::bad_input,
                    fmt::format("{}: {} x {} pixels, the scene has {} x {}", reader.path(),
                                reader.rows(), reader.cols(), expected.rows, expected.cols)};
    const auto grid = reader.grid();
    if (!grid || grid->epsg == 0) return;
    const io::Grid a = signed_grid(*grid, reader.path());
    const io::Grid b = signed_grid(expected, reader.path());
    if (a.epsg != b.epsg || std::abs(a.ulx_m - b.ulx_m) > 1e-3 ||
        std::abs(a.uly_m - b.uly_m) > 1e-3 || std::abs(a.pixel_m - b.pixel_m) > 1e-6)
        throw Error{Exit::bad_input,
                    fmt::format("{}: not on the grid of its scene", reader.path())};
}

void require_classes(std::span<const std::uint8_t> row, const std::string& path, int row_number,
                     int first_col) {
    const auto bad = std::ranges::find_if_not(row, is_fmask_class);
    if (bad == row.end()) return;
    throw Error{Exit::bad_input,
                fmt::format("{}: {} at row {}, column {} is not a class of Fmask", path, *bad,
                            row_number, first_col + (bad - row.begin())),
                "classes are 0 to 5, and 255 for no data"};
}

}  // namespace hls::tile
