// SPDX-License-Identifier: Apache-2.0
// Register-blocked loops over short vectors; compiled for several instruction sets where possible.
#include "atmosphere/order_loops.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

// Sanitizers start after the resolvers of cloned functions run, so their builds do without.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HLS_FOR_EACH_ISA __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define HLS_FOR_EACH_ISA
#endif

namespace hls::atmosphere {
namespace {

constexpr int kPanel = 8;      // columns of one scatter() panel: its sums fit the AVX2 registers
constexpr int kRowBlock = 4;   // rows of a register block
constexpr int kColumnPad = 8;  // columns of one sweep
constexpr int kMaxRows = 3 * 64;

typedef float Panel __attribute__((vector_size(4 * kPanel)));
typedef float Lanes __attribute__((vector_size(4 * kColumnPad)));

constexpr int round_up(int value, int step) noexcept {
    return (value + step - 1) / step * step;
}

}  // namespace

FieldShape::FieldShape(int rows_, int levels_, int columns_)
    : rows(rows_),
      levels(levels_),
      columns(round_up(columns_, kColumnPad)),
      stride(static_cast<std::size_t>(round_up(levels * columns, kPanel))) {}

PackedMatrices::PackedMatrices(std::span<const float> sum, std::span<const float> difference,
                               int rows) {
    const auto n = static_cast<std::size_t>(rows);
    for (std::size_t block = 0; block < n; block += kRowBlock)
        for (std::size_t column = 0; column < n; ++column)
            for (const auto& matrix : {sum, difference})
                for (std::size_t row = block; row < block + kRowBlock; ++row)
                    values.push_back(matrix[row * n + column]);
}

HLS_FOR_EACH_ISA
void scatter(const PackedMatrices& matrices, const FieldShape& shape, const Field& field,
             Field& source) noexcept {
    alignas(64) float sum[kMaxRows * kPanel], difference[kMaxRows * kPanel];
    const auto rows = static_cast<std::size_t>(shape.rows);
    for (std::size_t column = 0; column < shape.stride; column += kPanel) {
        for (std::size_t r = 0; r < rows; ++r) {
            Panel up, down;
            std::memcpy(&up, &field.up[r * shape.stride + column], sizeof up);
            std::memcpy(&down, &field.down[r * shape.stride + column], sizeof down);
            const Panel s = up + down, d = up - down;
            std::memcpy(sum + r * kPanel, &s, sizeof s);
            std::memcpy(difference + r * kPanel, &d, sizeof d);
        }
        const float* m = matrices.values.data();
        for (std::size_t block = 0; block < rows; block += kRowBlock) {
            Panel s0{}, s1{}, s2{}, s3{}, d0{}, d1{}, d2{}, d3{};
            for (std::size_t k = 0; k < rows; ++k, m += 2 * kRowBlock) {
                Panel s, d;
                std::memcpy(&s, sum + k * kPanel, sizeof s);
                std::memcpy(&d, difference + k * kPanel, sizeof d);
                s0 += m[0] * s;
                s1 += m[1] * s;
                s2 += m[2] * s;
                s3 += m[3] * s;
                d0 += m[4] * d;
                d1 += m[5] * d;
                d2 += m[6] * d;
                d3 += m[7] * d;
            }
            const Panel up[kRowBlock] = {s0 + d0, s1 + d1, s2 + d2, s3 + d3};
            const Panel down[kRowBlock] = {s0 - d0, s1 - d1, s2 - d2, s3 - d3};
            for (std::size_t r = 0; r < kRowBlock; ++r) {
                const std::size_t at = (block + r) * shape.stride + column;
                std::memcpy(&source.up[at], &up[r], sizeof up[r]);
                std::memcpy(&source.down[at], &down[r], sizeof down[r]);
            }
        }
    }
}

HLS_FOR_EACH_ISA
void project_rows(std::span<const float> weight, float parity, const FieldShape& shape,
                  const Field& field, std::span<float> out) noexcept {
    for (std::size_t column = 0; column < shape.stride; column += kPanel) {
        Panel sum{};
        for (std::size_t r = 0; r < weight.size(); ++r) {
            Panel up, down;
            std::memcpy(&up, &field.up[r * shape.stride + column], sizeof up);
            std::memcpy(&down, &field.down[r * shape.stride + column], sizeof down);
            sum += weight[r] * (up + parity * down);
        }
        std::memcpy(&out[column], &sum, sizeof sum);
    }
}

LayerStep layer_step(double thickness, double mu) noexcept {
    const double path = thickness / mu;
    const double decay = std::exp(-path);
    // Below this the closed form cancels to nothing.
    if (path < 1e-3)
        return {static_cast<float>(decay), static_cast<float>(path / 2 - path * path / 6),
                static_cast<float>(path / 2 - path * path / 3)};
    const double mean = -std::expm1(-path) / path;
    return {static_cast<float>(decay), static_cast<float>(1 - mean),
            static_cast<float>(mean - decay)};
}

HLS_FOR_EACH_ISA
void sweep_row(Heading heading, const LayerStep& step, const RowSource& source,
               std::span<float> field, std::span<float> total, std::span<float> peak) noexcept {
    const std::size_t columns = peak.size(), layers = source.aerosol_share.size();
    const bool up = heading == Heading::up;
    for (std::size_t c = 0; c < columns; c += kColumnPad) {
        Lanes radiance{}, highest, out_a, in_a, out_m{}, in_m{}, sum;
        std::memcpy(&highest, &peak[c], sizeof highest);
        std::size_t level = up ? layers : 0;
        std::memcpy(&field[level * columns + c], &radiance, sizeof radiance);
        std::memcpy(&out_a, &source.aerosol[level * columns + c], sizeof out_a);
        if (!source.molecules.empty())
            std::memcpy(&out_m, &source.molecules[level * columns + c], sizeof out_m);
        for (std::size_t i = 0; i < layers; ++i) {
            const std::size_t layer = up ? layers - 1 - i : i;
            level = up ? layer : layer + 1;
            in_a = out_a;
            std::memcpy(&out_a, &source.aerosol[level * columns + c], sizeof out_a);
            Lanes gain =
                source.aerosol_share[layer] * (step.source_out * out_a + step.source_in * in_a);
            if (!source.molecules.empty()) {
                in_m = out_m;
                std::memcpy(&out_m, &source.molecules[level * columns + c], sizeof out_m);
                gain += source.molecular_share[layer] *
                        (step.source_out * out_m + step.source_in * in_m);
            }
            radiance = step.decay * radiance + gain;
            std::memcpy(&field[level * columns + c], &radiance, sizeof radiance);
            std::memcpy(&sum, &total[level * columns + c], sizeof sum);
            sum += radiance;
            std::memcpy(&total[level * columns + c], &sum, sizeof sum);
            const Lanes size = radiance < 0 ? -radiance : radiance;
            highest = highest > size ? highest : size;
        }
        std::memcpy(&peak[c], &highest, sizeof highest);
    }
}

HLS_FOR_EACH_ISA
void weigh_levels(std::span<const float> weight, std::span<const float> row,
                  std::span<float> out) noexcept {
    const std::size_t columns = out.size();
    for (std::size_t c = 0; c < columns; c += kColumnPad) {
        Lanes sum{}, value;
        for (std::size_t level = 0; level < weight.size(); ++level) {
            std::memcpy(&value, &row[level * columns + c], sizeof value);
            sum += weight[level] * value;
        }
        std::memcpy(&out[c], &sum, sizeof sum);
    }
}

}  // namespace hls::atmosphere
