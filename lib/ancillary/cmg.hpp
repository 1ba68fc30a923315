// SPDX-License-Identifier: Apache-2.0
// The climate modelling grid: 3600 x 7200 cells of 0.05 deg over the whole Earth, and rectangles of
// it. Row 0 is north, column 0 west of it starts at -180; cell centres are latitude 89.975 - 0.05
// row, longitude -179.975 + 0.05 column (lasrc.md 1.5).
#pragma once

#include <span>

namespace hls::ancillary {

inline constexpr int kCmgRows = 3600;
inline constexpr int kCmgCols = 7200;

struct GeoPoint {
    double latitude_deg;   // -90..90
    double longitude_deg;  // -180..180
};

struct CmgCell {
    int row, col;
};

// Nearest cell as LaSRC rounds it for the scene's constants (lasrc.md 3), clamped to the grid.
CmgCell nearest_cell(GeoPoint point);

// Rows [row0, row0+rows) and columns [col0, col0+cols) modulo 7200: a rectangle may cross the
// antimeridian. rows 1..3600, cols 1..7200.
struct CmgRectangle {
    int row0 = 0, col0 = 0, rows = kCmgRows, cols = kCmgCols;

    // Row and column inside the rectangle of a cell of the grid. A cell outside is an error of the
    // caller; it is answered with the nearest row and the last column inside.
    int local_row(int row) const noexcept {
        const int local = row - row0;
        return local < 0 ? 0 : local < rows ? local : rows - 1;
    }
    int local_col(int col) const noexcept {
        const int local = col < col0 ? col - col0 + kCmgCols : col - col0;
        return local < cols ? local : cols - 1;
    }
    bool contains(CmgCell cell) const noexcept {
        const int col = cell.col < col0 ? cell.col - col0 + kCmgCols : cell.col - col0;
        return cell.row >= row0 && cell.row < row0 + rows && col < cols;
    }
};

// The smallest rectangle that holds the four cells around every point, and two cells more on each
// side. Give it points along the outline of a scene (a pole inside the outline is not noticed, but
// neither Landsat nor Sentinel-2 sees one). At least one point, else Error{internal}.
CmgRectangle cmg_rectangle(std::span<const GeoPoint> outline);

}  // namespace hls::ancillary
