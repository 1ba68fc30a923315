// SPDX-License-Identifier: Apache-2.0
#include "fmask/view_field.hpp"

#include <cmath>
#include <numbers>

namespace hls::fmask {
namespace {

constexpr double kRadians = std::numbers::pi / 180;

}  // namespace

ViewTangent view_tangent(double zenith_deg, double azimuth_deg) {
    const double tangent = std::tan(zenith_deg * kRadians);
    return {tangent * std::sin(azimuth_deg * kRadians), tangent * std::cos(azimuth_deg * kRadians)};
}

ViewField::ViewField(const ViewTangent& everywhere) : uniform_(true), cells_(1, 1) {
    cells_(0, 0) = {everywhere.east, everywhere.north, 1};
}

ViewField::ViewField(int rows, int cols)
    : cells_((rows + kCell - 1) / kCell, (cols + kCell - 1) / kCell) {}

void ViewField::add(int row, int col, const ViewTangent& view) {
    Cell& cell = cells_(row / kCell, col / kCell);
    cell.east += view.east;
    cell.north += view.north;
    ++cell.count;
}

void ViewField::finish() {
    Cell all;
    for (Cell& cell : cells_.cells()) {
        all.east += cell.east;
        all.north += cell.north;
        all.count += cell.count;
    }
    if (all.count == 0) all.count = 1;
    for (Cell& cell : cells_.cells()) {
        if (cell.count == 0) cell = all;
        cell.east /= static_cast<double>(cell.count);
        cell.north /= static_cast<double>(cell.count);
        cell.count = 1;
    }
}

ViewTangent ViewField::at(int row, int col) const {
    const Cell& cell = uniform_ ? cells_(0, 0) : cells_(row / kCell, col / kCell);
    return {cell.east, cell.north};
}

}  // namespace hls::fmask
