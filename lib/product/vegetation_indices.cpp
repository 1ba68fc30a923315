// SPDX-License-Identifier: Apache-2.0
#include "product/vegetation_indices.hpp"

#include <algorithm>
#include <cmath>

namespace hls::product {
namespace {

constexpr double kReflectanceScale = 1e-4;
constexpr std::uint8_t kCloudBits = 0x0E;  // cloud, adjacent to cloud, shadow

constexpr std::array<IndexSpec, 9> kIndices{{
    {Index::ndvi, "NDVI", "Normalized Difference Vegetation Index", 1e-4},
    {Index::evi, "EVI", "Enhanced Vegetation Index", 1e-4},
    {Index::msavi, "MSAVI", "Modified Soil-Adjusted Vegetation Index", 1e-4},
    {Index::nbr, "NBR", "Normalized Burn Ratio", 1e-4},
    {Index::nbr2, "NBR2", "Normalized Burn Ratio 2", 1e-4},
    {Index::ndmi, "NDMI", "Normalized Difference Moisture Index", 1e-4},
    {Index::ndwi, "NDWI", "Normalized Difference Water Index", 1e-4},
    {Index::savi, "SAVI", "Soil-Adjusted Vegetation Index", 1e-4},
    {Index::tvi, "TVI", "Triangular Vegetation Index", 1e-2},
}};

struct Reflectance {
    double b, g, r, n, s1, s2;
};

double value_of(Index index, const Reflectance& v) noexcept {
    const auto contrast = [](double x, double y) { return (x - y) / (x + y); };
    switch (index) {
        case Index::ndvi:
            return contrast(v.n, v.r);
        case Index::evi:
            return 2.5 * (v.n - v.r) / (v.n + 6 * v.r - 7.5 * v.b + 1);
        case Index::msavi: {
            const double t = 2 * v.n + 1;
            return (t - std::sqrt(t * t - 8 * (v.n - v.r))) / 2;
        }
        case Index::nbr:
            return contrast(v.n, v.s2);
        case Index::nbr2:
            return contrast(v.s1, v.s2);
        case Index::ndmi:
            return contrast(v.n, v.s1);
        case Index::ndwi:
            return contrast(v.g, v.n);
        case Index::savi:
            return 1.5 * (v.n - v.r) / (v.n + v.r + 0.5);
        case Index::tvi:
            return (120 * (v.n - v.g) - 200 * (v.r - v.g)) / 2;
    }
    return 0;
}

}  // namespace

std::span<const IndexSpec> vegetation_indices() noexcept {
    return kIndices;
}

std::array<std::string_view, 6> index_bands(granule::HlsSensor sensor) noexcept {
    if (sensor == granule::HlsSensor::l30) return {"B02", "B03", "B04", "B05", "B06", "B07"};
    return {"B02", "B03", "B04", "B8A", "B11", "B12"};
}

void compute_index(const IndexSpec& spec, const IndexInput& input,
                   View2D<std::int16_t> out) noexcept {
    const auto& bands = input.bands;
    for (int row = 0; row < out.rows(); ++row)
        for (int col = 0; col < out.cols(); ++col) {
            // Fill is negative, so that it needs no test of its own.
            const bool usable =
                (input.mask(row, col) & kCloudBits) == 0 &&
                std::ranges::all_of(bands, [&](const auto& band) { return band(row, col) > 0; });
            if (!usable) {
                out(row, col) = kIndexFill;
                continue;
            }
            const auto rho = [&](std::size_t band) {
                return bands[band](row, col) * kReflectanceScale;
            };
            const double stored = std::nearbyint(
                value_of(spec.index, {rho(0), rho(1), rho(2), rho(3), rho(4), rho(5)}) /
                spec.scale);
            out(row, col) = std::isnan(stored)
                                ? std::int16_t{kIndexFill}
                                : static_cast<std::int16_t>(std::clamp(stored, -32768.0, 32767.0));
        }
}

}  // namespace hls::product
