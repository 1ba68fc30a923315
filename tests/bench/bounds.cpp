// SPDX-License-Identifier: Apache-2.0
// The physical bounds of this machine, for benchmarks to be printed beside: memory copy, and
// encoding and decoding a raster of realistic texture with the codec of our files.
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <vector>

#include "io/raster.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(const auto& action) {
    const auto start = Clock::now();
    action();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Fields of slowly changing brightness plus sensor noise: compresses about as a Landsat band does.
hls::Plane<std::uint16_t> textured_band(int rows, int cols) {
    hls::Plane<std::uint16_t> band(rows, cols);
    std::uint32_t state = 12345;
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < cols; ++c) {
            state = state * 1664525U + 1013904223U;
            const unsigned field = static_cast<unsigned>((r / 40) * 131 + (c / 60) * 71) % 97;
            band(r, c) = static_cast<std::uint16_t>(8000 + field * 40 + (state >> 25));
        }
    }
    return band;
}

}  // namespace

int main() {
    constexpr int kRows = 4096;
    constexpr int kCols = 4096;
    const auto band = textured_band(kRows, kCols);
    const double megabytes = static_cast<double>(band.size()) * 2e-6;
    const double megapixels = static_cast<double>(band.size()) * 1e-6;

    std::vector<std::uint16_t> copy(band.size());
    double copy_s = 1e9;
    for (int i = 0; i < 5; ++i)
        copy_s = std::min(
            copy_s, seconds_of([&] { std::memcpy(copy.data(), band.data(), band.size() * 2); }));

    const std::string path = std::filesystem::temp_directory_path() / "hls-bench-bounds.tif";
    hls::io::Layer layer;
    const hls::io::Grid grid{kRows, kCols, 300000, 5000000, 30, 32611};
    const double encode_s = seconds_of([&] {
        hls::io::RasterWriter writer(path, grid, layer);
        writer.write_rows<std::uint16_t>(0, band.view());
        writer.close();
    });
    const auto bytes = static_cast<double>(std::filesystem::file_size(path));
    const double decode_s =
        seconds_of([&] { (void)hls::io::RasterReader(path).read<std::uint16_t>(); });
    std::filesystem::remove(path);

    fmt::print("bound memcpy          {:8.2f} GB/s  {:.5f} CPU-s per Mpixel of one band\n",
               megabytes / copy_s / 1e3, copy_s / megapixels);
    fmt::print(
        "bound encode (DEFLATE){:8.0f} MB/s  {:.5f} CPU-s per Mpixel of one band, {:.0f} %\n",
        megabytes / encode_s, encode_s / megapixels, bytes / megabytes / 1e4);
    fmt::print("bound decode (DEFLATE){:8.0f} MB/s  {:.5f} CPU-s per Mpixel of one band\n",
               megabytes / decode_s, decode_s / megapixels);
}
