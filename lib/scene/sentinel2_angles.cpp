// SPDX-License-Identifier: Apache-2.0
#include "scene/sentinel2_angles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "scene/sentinel2_ac_scene.hpp"
#include "scene/sentinel2_l1.hpp"

namespace hls::scene {
namespace {

constexpr double kCountsPerDegree = 100;
constexpr int kPixelsOf10m = 3;  // along one of 30 m

struct Node {
    int at = 0;  // pixel
    double value = 0;
};

// Between or at two nodes, cut to whole counts.
std::uint16_t between(const Node& left, const Node& right, int at) noexcept {
    if (left.at == right.at) return static_cast<std::uint16_t>(left.value);
    const double value = left.value + (right.value - left.value) /
                                          static_cast<double>(right.at - left.at) *
                                          static_cast<double>(at - left.at);
    return static_cast<std::uint16_t>(value);
}

// Pixels of nodes along one axis. The last node of a tile lies a little beyond its last pixel and
// is taken to lie on it; a crop may have nodes far beyond, which stay where they are.
std::vector<int> node_pixels(int nodes, double step_m, int pixels) {
    std::vector<int> at(static_cast<std::size_t>(nodes));
    for (int i = 0; i < nodes; ++i)
        at[static_cast<std::size_t>(i)] =
            static_cast<int>(std::floor(i * step_m / kSentinel2AnglePixelM));
    if (nodes > 1 && at.back() >= pixels && at[at.size() - 2] < pixels - 1) at.back() = pixels - 1;
    return at;
}

// One row of nodes at every pixel; false if no node has a value.
bool interpolate_nodes(std::span<const double> nodes_deg, const std::vector<int>& at,
                       std::span<std::uint16_t> out) {
    std::vector<Node> known;
    for (std::size_t i = 0; i < nodes_deg.size(); ++i)
        if (!std::isnan(nodes_deg[i]))
            known.push_back({at[i], std::trunc(nodes_deg[i] * kCountsPerDegree)});
    if (known.empty()) return false;
    std::size_t right = 0;  // the first known node at or right of the pixel
    for (std::size_t c = 0; c < out.size(); ++c) {
        const int pixel = static_cast<int>(c);
        while (right < known.size() && known[right].at < pixel) ++right;
        const bool on_node = right < known.size() && known[right].at == pixel;
        const Node& to = known[std::min(right, known.size() - 1)];
        const Node& from = right == 0 || right == known.size() || on_node ? to : known[right - 1];
        out[c] = between(from, to, pixel);
    }
    return true;
}

View2D<const double> nodes_of(const std::vector<double>& values,
                              const granule::Sentinel2AngleGrid& grid) {
    return {values.data(), grid.rows, grid.cols};
}

const granule::Sentinel2AngleGrid& sun_grid(const granule::Sentinel2Tile& tile) {
    if (!tile.sun_grid)
        throw Error{Exit::bad_input, fmt::format("{}: no Sun_Angles_Grid", tile.source)};
    return *tile.sun_grid;
}

int pixels_of_30m(int pixels_of_10m, const granule::Sentinel2Tile& tile) {
    if (pixels_of_10m % kPixelsOf10m != 0)
        throw Error{Exit::bad_input,
                    fmt::format("{}: {} pixels of 10 m are no whole pixels of 30 m", tile.source,
                                pixels_of_10m)};
    return pixels_of_10m / kPixelsOf10m;
}

}  // namespace

AngleField::AngleField(View2D<const double> nodes_deg, double row_step_m, double col_step_m,
                       int rows, int cols)
    : node_rows_(node_pixels(nodes_deg.rows(), row_step_m, rows)),
      has_values_(static_cast<std::size_t>(nodes_deg.rows())),
      values_(nodes_deg.rows(), cols) {
    interpolate_node_rows(nodes_deg, node_pixels(nodes_deg.cols(), col_step_m, cols));
    fill_empty_node_rows();
}

void AngleField::interpolate_node_rows(View2D<const double> nodes_deg,
                                       const std::vector<int>& node_cols) {
    for (int n = 0; n < nodes_deg.rows(); ++n) {
        if (!interpolate_nodes(nodes_deg.row(n), node_cols, values_.row(n))) continue;
        has_values_[static_cast<std::size_t>(n)] = 1;
        if (first_valid_ < 0) first_valid_ = n;
        last_valid_ = n;
    }
}

// Once filled from its neighbours, a node row serves as the upper neighbour of the pixels below.
void AngleField::fill_empty_node_rows() {
    for (int n = first_valid_ + 1; n < last_valid_; ++n)
        if (!has_values(n)) interpolate_rows(n - 1, next_valid(n), pixel_row(n), 0, values_.row(n));
}

int AngleField::next_valid(int node) const noexcept {
    while (node < last_valid_ && !has_values(node)) ++node;
    return node;
}

void AngleField::interpolate_rows(int above, int below, int pixel, int first_col,
                                  std::span<std::uint16_t> out) const noexcept {
    const auto upper = values_.row(above).subspan(static_cast<std::size_t>(first_col), out.size());
    const auto lower = values_.row(below).subspan(static_cast<std::size_t>(first_col), out.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = between({pixel_row(above), static_cast<double>(upper[i])},
                         {pixel_row(below), static_cast<double>(lower[i])}, pixel);
}

void AngleField::row(int pixel, int first_col, std::span<std::uint16_t> out) const noexcept {
    if (empty()) {
        std::ranges::fill(out, static_cast<std::uint16_t>(kSentinel2AngleFill));
        return;
    }
    const int at = std::clamp(pixel, pixel_row(first_valid_), pixel_row(last_valid_));
    int above = last_valid_;
    while (pixel_row(above) > at) --above;
    const int below = pixel_row(above) == at ? above : next_valid(above + 1);
    interpolate_rows(above, below, at, first_col, out);
}

Sentinel2Angles::Sentinel2Angles(const granule::Sentinel2Tile& tile)
    : rows_(pixels_of_30m(tile.geoposition.at(10).rows, tile)),
      cols_(pixels_of_30m(tile.geoposition.at(10).cols, tile)),
      sun_zenith_(nodes_of(sun_grid(tile).zenith_deg, sun_grid(tile)), sun_grid(tile).row_step_m,
                  sun_grid(tile).col_step_m, rows_, cols_),
      sun_azimuth_(nodes_of(sun_grid(tile).azimuth_deg, sun_grid(tile)), sun_grid(tile).row_step_m,
                   sun_grid(tile).col_step_m, rows_, cols_) {
    for (const auto& view : tile.view_grids) {
        if (view.band != kSentinel2AngleBand) continue;
        const auto& grid = view.grid;
        const auto field = [&](const std::vector<double>& values) {
            return AngleField(nodes_of(values, grid), grid.row_step_m, grid.col_step_m, rows_,
                              cols_);
        };
        detectors_.push_back({view.detector, field(grid.zenith_deg), field(grid.azimuth_deg)});
    }
    if (detectors_.empty())
        throw Error{Exit::bad_input,
                    fmt::format("{}: no Viewing_Incidence_Angles_Grids of band B06", tile.source)};
}

const Sentinel2Angles::Detector* Sentinel2Angles::detector(int id) const noexcept {
    const auto at = std::ranges::find(detectors_, id, &Detector::id);
    return at == detectors_.end() ? nullptr : &*at;
}

void Sentinel2Angles::row(int row, std::span<const std::uint8_t> detectors,
                          const std::array<std::span<std::uint16_t>, 4>& out) const noexcept {
    const auto& [sun_zenith, sun_azimuth, view_zenith, view_azimuth] = out;
    sun_zenith_.row(row, 0, sun_zenith);
    sun_azimuth_.row(row, 0, sun_azimuth);
    // Runs of pixels of one detector.
    for (std::size_t first = 0, end = 0; first < detectors.size(); first = end) {
        while (end < detectors.size() && detectors[end] == detectors[first]) ++end;
        const auto zenith = view_zenith.subspan(first, end - first);
        const auto azimuth = view_azimuth.subspan(first, end - first);
        const Detector* seen = detector(detectors[first]);
        if (seen == nullptr) {
            std::ranges::fill(zenith, static_cast<std::uint16_t>(kSentinel2AngleFill));
            std::ranges::fill(azimuth, static_cast<std::uint16_t>(kSentinel2AngleFill));
            continue;
        }
        seen->zenith.row(row, static_cast<int>(first), zenith);
        seen->azimuth.row(row, static_cast<int>(first), azimuth);
    }
}

}  // namespace hls::scene
