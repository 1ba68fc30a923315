// SPDX-License-Identifier: Apache-2.0
#include "ancillary/cmg.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.hpp"

namespace hls::ancillary {
namespace {

constexpr int kMargin = 2;

double grid_row(GeoPoint point) {
    return (89.975 - point.latitude_deg) * 20.0;
}
double grid_col(GeoPoint point) {
    return (179.975 + point.longitude_deg) * 20.0;
}

int wrapped(int col) {
    return (col % kCmgCols + kCmgCols) % kCmgCols;
}

// The shortest arc of columns that holds all of `cols` (sorted): it begins behind the widest gap.
struct Arc {
    int first, length;
};
Arc shortest_arc(const std::vector<int>& cols) {
    Arc arc{cols.front(), cols.back() - cols.front() + 1};
    for (std::size_t i = 1; i < cols.size(); ++i) {
        const int length = cols[i - 1] + kCmgCols - cols[i] + 1;
        if (length < arc.length) arc = {cols[i], length};
    }
    return arc;
}

}  // namespace

CmgCell nearest_cell(GeoPoint point) {
    // LaSRC holds the coordinates in single precision; so do we, for the same cell at a tie.
    const auto lat = static_cast<double>(static_cast<float>(point.latitude_deg));
    const auto lon = static_cast<double>(static_cast<float>(point.longitude_deg));
    const auto row = static_cast<int>(std::lround(grid_row({lat, lon})));
    const auto col = static_cast<int>(std::lround(grid_col({lat, lon})));
    return {std::clamp(row, 0, kCmgRows - 1), std::clamp(col, 0, kCmgCols - 1)};
}

CmgRectangle cmg_rectangle(std::span<const GeoPoint> outline) {
    if (outline.empty()) throw Error{Exit::internal, "no points to make a rectangle of"};
    int north = kCmgRows;
    int south = 0;
    std::vector<int> cols;
    for (const GeoPoint& point : outline) {
        const auto row = static_cast<int>(std::floor(grid_row(point)));
        north = std::min(north, row);
        south = std::max(south, row + 1);
        const auto col = static_cast<int>(std::floor(grid_col(point)));
        cols.push_back(wrapped(col));
        cols.push_back(wrapped(col + 1));
    }
    std::sort(cols.begin(), cols.end());
    const Arc arc = shortest_arc(cols);
    CmgRectangle area;
    area.row0 = std::clamp(north - kMargin, 0, kCmgRows - 1);
    area.rows = std::clamp(south + kMargin, 0, kCmgRows - 1) - area.row0 + 1;
    area.cols = std::min(arc.length + 2 * kMargin, kCmgCols);
    area.col0 = area.cols == kCmgCols ? 0 : wrapped(arc.first - kMargin);
    return area;
}

}  // namespace hls::ancillary
