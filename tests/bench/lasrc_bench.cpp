// SPDX-License-Identifier: Apache-2.0
// The kernels of the Landsat correction beside a memcpy of the bytes they read and write. The bar
// for all of them together is 0.10 CPU-s per Mpixel (1e7 pixels per second).
#include <benchmark/benchmark.h>

#include <cstring>
#include <numeric>
#include <vector>

#include "lasrc/aerosol_field.hpp"
#include "lasrc/final_correction.hpp"
#include "lasrc/landsat_retrieval.hpp"

namespace {

using namespace hls::lasrc;

constexpr int kCols = 7800;
constexpr int kRows = 96;
constexpr int kBands = 7;

// Optics like those of the coastal to SWIR bands under a standard atmosphere.
BandCorrection band_like(int number) {
    const float blueness = 1.f / static_cast<float>(number * number);
    BandCorrection band;
    band.calibration = {2e-5f, -.1f};
    band.first_pass = {.01f + .1f * blueness, .95f - .15f * blueness, .03f + .15f * blueness, .98f};
    band.model.path = {{.0004f, -.006f, .06f, .1f * blueness}};
    band.model.transmittance = {{-.0002f, .004f, -.08f, .97f - .15f * blueness}};
    band.model.albedo = {{.0003f, -.006f, .05f, .02f + .15f * blueness}};
    band.model.gas_transmittance = .98f;
    band.model.scale = AngstromScale::of(.44f + .2f * static_cast<float>(number - 1),
                                         1.2f - .1f * static_cast<float>(number));
    return band;
}

// Digital numbers that differ from pixel to pixel as land does.
std::vector<std::uint16_t> land_row(int band) {
    std::vector<std::uint16_t> dn(kCols);
    std::uint32_t state = 12345u + static_cast<std::uint32_t>(band);
    for (auto& value : dn) {
        state = state * 1664525u + 1013904223u;
        value =
            static_cast<std::uint16_t>(8000u + 600u * static_cast<unsigned>(band) + (state >> 20));
    }
    return dn;
}

AerosolField field_like() {
    AerosolField field(kRows, kCols);
    for (std::size_t i = 0; i < field.flags.size(); ++i) {
        field.aot550.cells()[i] = .05f + .001f * static_cast<float>(i % 200);
        field.eps.cells()[i] = 1.f + .01f * static_cast<float>(i % 150);
        field.flags.cells()[i] = kFlagValid;
        field.center_is_fill.cells()[i] = 0;
    }
    return field;
}

void report_pixels(benchmark::State& state, double pixels_per_iteration) {
    const double pixels = pixels_per_iteration * static_cast<double>(state.iterations());
    state.counters["Mpixel/s"] = benchmark::Counter(pixels / 1e6, benchmark::Counter::kIsRate);
    state.counters["s/Mpixel"] =
        benchmark::Counter(pixels / 1e6, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// 7 bands of uint16 in and out, which any correction must at least move.
void copy_of_all_bands(benchmark::State& state) {
    std::vector<std::uint16_t> in(static_cast<std::size_t>(kCols) * kBands), out(in.size());
    std::iota(in.begin(), in.end(), std::uint16_t{0});
    for (auto _ : state) {
        std::memcpy(out.data(), in.data(), in.size() * sizeof in[0]);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    report_pixels(state, kCols);
}
BENCHMARK(copy_of_all_bands);

void correct_all_bands(benchmark::State& state) {
    std::vector<float> cos_sun(kCols, .84f), aot(kCols), eps(kCols), change(kCols);
    const std::vector<std::uint8_t> fill(kCols, 0);
    for (std::size_t i = 0; i < aot.size(); ++i) {
        aot[i] = .05f + .00002f * static_cast<float>(i);
        eps[i] = 1.f + .0001f * static_cast<float>(i);
    }
    const PixelRow row{cos_sun, aot, eps, fill};
    std::vector<BandCorrection> bands;
    std::vector<std::vector<std::uint16_t>> dn;
    for (int b = 1; b <= kBands; ++b) {
        bands.push_back(band_like(b));
        dn.push_back(land_row(b));
    }
    std::vector<std::uint16_t> codes(kCols);
    for (auto _ : state) {
        for (std::size_t b = 0; b < bands.size(); ++b) {
            correct_row(bands[b], row, dn[b], Quirks::keep(), codes,
                        b == 0 ? std::span<float>(change) : std::span<float>());
            benchmark::DoNotOptimize(codes.data());
        }
    }
    report_pixels(state, kCols);
}
BENCHMARK(correct_all_bands);

void interpolate_aerosol(benchmark::State& state) {
    const AerosolField field = field_like();
    std::vector<float> aot(kCols), eps(kCols);
    std::vector<std::uint8_t> flags(kCols);
    int row = 0;
    for (auto _ : state) {
        interpolate_row(field, row, Quirks::keep(), {aot, eps, flags});
        benchmark::DoNotOptimize(aot.data());
        row = (row + 1) % kRows;
    }
    report_pixels(state, kCols);
}
BENCHMARK(interpolate_aerosol);

// Pixels count nine per window.
void retrieve_windows(benchmark::State& state) {
    std::array<BandAtmosphere, 5> first_pass;
    std::array<PolynomialModel, 5> models;
    for (std::size_t i = 0; i < kRetrievalBands.size(); ++i) {
        first_pass[i] = band_like(kRetrievalBands[i]).first_pass;
        models[i] = band_like(kRetrievalBands[i]).model;
    }
    const LandsatRetrieval retrieval(first_pass, models, .84f, Quirks::keep());
    const ExpectedRatios ratios{.5f, .6f, 1.6f};
    const int windows = 1024;
    std::vector<RetrievalPixel> pixels;
    for (int i = 0; i < windows; ++i) {
        const float red = .05f + .0001f * static_cast<float>(i % 997);
        const auto toa = [&](std::size_t k, float surface, float aot) {
            const PolynomialModel& m = models[k];
            const float load = m.load(aot, m.scale.spectral(1.4f));
            return m.gas_transmittance *
                   (m.path.at(load) +
                    m.transmittance.at(load) * surface / (1.f - m.albedo.at(load) * surface));
        };
        const float aot = .02f + .002f * static_cast<float>(i % 211);
        pixels.push_back({toa(0, .5f * red, aot), toa(1, .6f * red, aot), toa(2, red, aot),
                          toa(3, 3.f * red, aot), toa(4, 1.6f * red, aot)});
    }
    for (auto _ : state)
        for (const auto& pixel : pixels)
            benchmark::DoNotOptimize(retrieval.retrieve(pixel, ratios));
    report_pixels(state, windows * 9.);
}
BENCHMARK(retrieve_windows);

}  // namespace
