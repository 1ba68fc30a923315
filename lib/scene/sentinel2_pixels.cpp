// SPDX-License-Identifier: Apache-2.0
// Pixels and masks of a Sentinel-2 Level-1C product.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/error.hpp"
#include "scene/sentinel2_l1.hpp"

namespace hls::scene {
namespace {

[[noreturn]] void fail_input(std::string message) {
    throw Error{Exit::bad_input, std::move(message)};
}

std::string_view band_name(int band) {
    return granule::sentinel2_bands()[static_cast<std::size_t>(band)].name;
}

// Bands whose lost packets are taken out: those of which the products are made (tiling.md 3.2).
bool is_quality_checked(int band) {
    constexpr std::array<std::string_view, 7> kChecked{"B01", "B02", "B03", "B04",
                                                       "B8A", "B11", "B12"};
    return std::find(kChecked.begin(), kChecked.end(), band_name(band)) != kChecked.end();
}

// Without the report every mask is looked at.
bool may_have_lost_packets(const Sentinel2L1& l1, int band) {
    if (!is_quality_checked(band) || !l1.quality_mask_path(band)) return false;
    for (const auto& file : l1.files) {
        const bool of_tile = l1.layout == Sentinel2Layout::safe ? file.starts_with("GRANULE/")
                                                                : !file.starts_with("datastrip");
        const bool is_report =
            file.ends_with("/GENERAL_QUALITY.xml") || file == "GENERAL_QUALITY.xml";
        if (!is_report || !of_tile) continue;
        const auto bands =
            granule::parse_bands_with_data_loss(l1.read_text(file), l1.name_of(file));
        return std::binary_search(bands.begin(), bands.end(), band);
    }
    return true;
}

// Index of the source pixel under the centre of pixel `i` of `count`.
int nearest(int i, int count, int source_count) {
    return static_cast<int>((2 * std::int64_t{i} + 1) * source_count / (2 * std::int64_t{count}));
}

Plane<std::uint8_t> sample_detectors(const Sentinel2L1& l1, const std::string& path,
                                     const io::Grid& grid) {
    const auto mask = io::RasterReader(path).read<std::uint8_t>();
    const bool known = std::any_of(granule::kSentinel2Resolutions.begin(),
                                   granule::kSentinel2Resolutions.end(), [&](int m) {
                                       const auto g = l1.grid(m);
                                       return g.rows == mask.rows() && g.cols == mask.cols();
                                   });
    if (!known)
        fail_input(fmt::format("{} has {} x {} pixels, {} has {} x {} at 20 m", path, mask.rows(),
                               mask.cols(), l1.tile.source, l1.grid(20).rows, l1.grid(20).cols));
    Plane<std::uint8_t> out(grid.rows, grid.cols);
    for (int r = 0; r < grid.rows; ++r) {
        const auto from = mask.row(nearest(r, grid.rows, mask.rows()));
        const auto to = out.row(r);
        for (int c = 0; c < grid.cols; ++c)
            to[static_cast<std::size_t>(c)] =
                from[static_cast<std::size_t>(nearest(c, grid.cols, mask.cols()))];
    }
    return out;
}

}  // namespace

Plane<std::uint8_t> read_lost_packets(const Sentinel2L1& l1, int band) {
    constexpr int kLost = 3, kDegraded = 4;  // layers of the mask
    if (!may_have_lost_packets(l1, band)) return {};
    const auto path = *l1.quality_mask_path(band);
    auto lost = io::RasterReader(path, kLost).read<std::uint8_t>();
    const auto degraded = io::RasterReader(path, kDegraded).read<std::uint8_t>();
    const auto grid = l1.band_grid(band);
    if (lost.rows() < 1 || lost.cols() < 1 ||
        std::int64_t{lost.rows()} * grid.cols != std::int64_t{lost.cols()} * grid.rows)
        fail_input(fmt::format("{} has {} x {} pixels, which do not cover {} x {}", path,
                               lost.rows(), lost.cols(), grid.rows, grid.cols));
    bool any = false;
    for (std::size_t i = 0; i < lost.size(); ++i) {
        auto& cell = lost.cells()[i];
        cell = cell == 1 || degraded.cells()[i] == 1 ? 1 : 0;
        any = any || cell != 0;
    }
    return any ? std::move(lost) : Plane<std::uint8_t>{};
}

void clear_lost_packets(const Plane<std::uint8_t>& lost, int band_rows, int first_row,
                        View2D<std::uint16_t> dn) {
    if (lost.rows() == 0) return;
    for (int r = 0; r < dn.rows(); ++r) {
        const auto mask = lost.row(nearest(first_row + r, band_rows, lost.rows()));
        const auto row = dn.row(r);
        for (int c = 0; c < dn.cols(); ++c)
            if (mask[static_cast<std::size_t>(nearest(c, dn.cols(), lost.cols()))] != 0)
                row[static_cast<std::size_t>(c)] = 0;
    }
}

Sentinel2BandReader::Sentinel2BandReader(const Sentinel2L1& l1, int band)
    : raster_(l1.band_path(band)), lost_(read_lost_packets(l1, band)) {}

void Sentinel2BandReader::read_rows(int first_row, View2D<std::uint16_t> out) const {
    raster_.read_rows(first_row, out);
    clear_lost_packets(lost_, rows(), first_row, out);
}

void rasterize_footprints(const std::vector<granule::DetectorFootprint>& footprints, double ulx_m,
                          double uly_m, double pixel_m, View2D<std::uint8_t> out) {
    std::vector<double> crossings;
    for (int r = 0; r < out.rows(); ++r) {
        const double y = uly_m - (r + 0.5) * pixel_m;
        const auto row = out.row(r);
        for (const auto& footprint : footprints) {
            crossings.clear();
            const auto& ring = footprint.ring;
            for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
                if ((ring[i].y_m > y) == (ring[j].y_m > y)) continue;
                crossings.push_back((ring[j].x_m - ring[i].x_m) * (y - ring[i].y_m) /
                                        (ring[j].y_m - ring[i].y_m) +
                                    ring[i].x_m);
            }
            std::sort(crossings.begin(), crossings.end());
            // A centre is inside if an odd number of crossings lies beyond it.
            std::size_t passed = 0;
            for (int c = 0; c < out.cols() && passed < crossings.size(); ++c) {
                const double x = ulx_m + (c + 0.5) * pixel_m;
                while (passed < crossings.size() && !(x < crossings[passed])) ++passed;
                auto& cell = row[static_cast<std::size_t>(c)];
                if ((crossings.size() - passed) % 2 == 1 && cell == 0)
                    cell = static_cast<std::uint8_t>(footprint.detector);
            }
        }
    }
}

Plane<std::uint8_t> read_detectors(const Sentinel2L1& l1, int band, int pixel_m) {
    const auto path = l1.detector_mask_path(band);
    if (!path)
        fail_input(fmt::format("{}: no detector mask MSK_DETFOO_{}", l1.source, band_name(band)));
    const auto grid = l1.grid(pixel_m);
    if (!path->ends_with(".gml")) return sample_detectors(l1, *path, grid);
    const auto file = path->substr(l1.root.size() + 1);
    const auto footprints =
        granule::parse_detector_footprints(l1.read_text(file), l1.name_of(file));
    if (footprints.empty()) fail_input(fmt::format("{}: no detector footprint", l1.name_of(file)));
    Plane<std::uint8_t> out(grid.rows, grid.cols);
    rasterize_footprints(footprints, grid.ulx_m, grid.uly_m, grid.pixel_m, out.view());
    return out;
}

}  // namespace hls::scene
