// SPDX-License-Identifier: Apache-2.0
// A whole L30 product (15 layers of 3660 x 3660) from memory to finished folder, beside what
// deflating the same pixels costs alone. Arguments: number of threads (1), folder (temporary).
#include <cpl_conv.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <vector>

#include "product/layers.hpp"
#include "product/product_writer.hpp"

namespace {

using hls::Plane;
namespace product = hls::product;

double wall_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

double cpu_s() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// Fields of slowly changing brightness plus sensor noise: compresses about as a Landsat band does.
Plane<std::int16_t> textured_band(unsigned seed) {
    Plane<std::int16_t> band(product::kTileSize, product::kTileSize);
    std::uint32_t state = seed;
    for (int r = 0; r < band.rows(); ++r)
        for (int c = 0; c < band.cols(); ++c) {
            state = state * 1664525U + 1013904223U;
            const unsigned field = static_cast<unsigned>((r / 40) * 131 + (c / 60) * 71) % 97;
            band(r, c) = static_cast<std::int16_t>(300 + field * 30 + (state >> 26));
        }
    return band;
}

// CPU seconds to deflate one layer, cut into the tiles of the file and of its overviews (a third
// more pixels), as the encoder does it, without anything else.
template <typename T>
double deflate_s(const Plane<T>& plane, int level) {
    constexpr std::size_t kTile = 256;
    std::vector<T> tile(kTile * kTile);
    std::vector<char> packed(tile.size() * sizeof(T) * 2 + 1024);
    const double start = cpu_s();
    for (int row = 0; row < plane.rows(); row += kTile)
        for (int col = 0; col < plane.cols(); col += kTile) {
            for (int r = 0; r < static_cast<int>(kTile); ++r)
                for (int c = 0; c < static_cast<int>(kTile); ++c) {
                    const int y = std::min(row + r, plane.rows() - 1);
                    const int x = std::min(col + c, plane.cols() - 1);
                    tile[static_cast<std::size_t>(r) * kTile + static_cast<std::size_t>(c)] =
                        static_cast<T>(plane(y, x) - (c > 0 ? plane(y, std::max(x - 1, 0)) : 0));
                }
            std::size_t bytes = 0;
            CPLZLibDeflate(tile.data(), tile.size() * sizeof(T), level, packed.data(),
                           packed.size(), &bytes);
        }
    return (cpu_s() - start) * 4 / 3;
}

product::ProductInfo some_product() {
    product::ProductInfo info;
    info.id = *hls::granule::parse_hls_id("HLS.L30.T19LBJ.2020239T144556.v2.0");
    info.grid = {product::kTileSize, product::kTileSize, 199980, -1099980, 30, 32619};
    product::LandsatSource scene;
    scene.product_id = "LC08_L1TP_003067_20200826_20200905_02_T1";
    scene.sensing_time = "2020-08-26T14:45:56.7059220Z";
    scene.utm_zone = 19;
    info.source = std::vector<product::LandsatSource>{scene};
    return info;
}

std::vector<product::LayerRows> strip_of(const Plane<std::int16_t>& band,
                                         const Plane<std::uint8_t>& mask,
                                         const Plane<std::uint16_t>& angle, int row, int count) {
    std::vector<product::LayerRows> rows;
    for (const auto& spec : product::layers(hls::granule::HlsSensor::l30)) {
        if (spec.kind == product::LayerKind::mask)
            rows.emplace_back(mask.view().rows(row, count));
        else if (spec.kind == product::LayerKind::angle)
            rows.emplace_back(angle.view().rows(row, count));
        else
            rows.emplace_back(band.view().rows(row, count));
    }
    return rows;
}

}  // namespace

int main(int argc, char** argv) {
    const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
    const auto folder = argc > 2 ? std::filesystem::path(argv[2])
                                 : std::filesystem::temp_directory_path() /
                                       fmt::format("hls_bench_product_{}", ::getpid());
    const auto band = textured_band(1);
    const Plane<std::uint8_t> mask(product::kTileSize, product::kTileSize, 64);
    Plane<std::uint16_t> angle(product::kTileSize, product::kTileSize);
    for (int r = 0; r < angle.rows(); ++r)
        for (int c = 0; c < angle.cols(); ++c)
            angle(r, c) = static_cast<std::uint16_t>(3000 + r / 37 + c / 53);

    double bound = 0;
    for (const auto& spec : product::layers(hls::granule::HlsSensor::l30)) {
        if (spec.kind == product::LayerKind::mask)
            bound += deflate_s(mask, 6);
        else if (spec.kind == product::LayerKind::angle)
            bound += deflate_s(angle, 6);
        else
            bound += deflate_s(band, 6);
    }

    const product::ProductInfo info = some_product();
    product::ProductOptions options;
    options.threads = threads;
    const double wall = wall_s();
    const double cpu = cpu_s();
    product::ProductWriter writer(folder, info.id, info.grid, options);
    constexpr int kStrip = 256;
    for (int row = 0; row < product::kTileSize; row += kStrip) {
        const int count = std::min(kStrip, product::kTileSize - row);
        writer.write_strip(row, strip_of(band, mask, angle, row, count));
    }
    const double encoded_wall = wall_s();
    const double encoded_cpu = cpu_s();
    const auto files = writer.finish(info);
    std::uint64_t bytes = 0;
    for (const auto& file : files) bytes += file.bytes;
    fmt::print("deflate alone, 15 layers       {:6.2f} CPU-s\n", bound);
    fmt::print("encode strips                  {:6.2f} CPU-s {:6.2f} s wall, {} threads\n",
               encoded_cpu - cpu, encoded_wall - wall, threads);
    fmt::print("write, checksums, metadata     {:6.2f} CPU-s {:6.2f} s wall, {} MB\n",
               cpu_s() - encoded_cpu, wall_s() - encoded_wall, bytes >> 20);
    fmt::print("deflate's share of CPU         {:6.0f} %\n", 100 * bound / (cpu_s() - cpu));
    if (argc <= 2) std::filesystem::remove_all(folder);
}
