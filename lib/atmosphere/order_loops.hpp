// SPDX-License-Identifier: Apache-2.0
// The hot loops of the successive orders: float, vectorised over independent columns only and
// without fused operations, so that every instruction set gives the same bytes.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace hls::atmosphere {

// Radiances [row][level][column]: rows are component * Gauss nodes, columns are suns. A row takes
// `stride` floats; the floats after the last level are zero.
struct FieldShape {
    FieldShape(int rows_, int levels_, int columns_);

    int rows, levels, columns;  // rows a multiple of 4, columns padded to a multiple of 8
    std::size_t stride;

    std::size_t size() const { return static_cast<std::size_t>(rows) * stride; }
    std::size_t at(int row, int level) const {
        return static_cast<std::size_t>(row) * stride +
               static_cast<std::size_t>(level) * static_cast<std::size_t>(columns);
    }
};

// Upward directions, and downward ones with U mirrored.
struct Field {
    explicit Field(const FieldShape& shape) : up(shape.size()), down(shape.size()) {}

    std::vector<float> up, down;
};

// Square matrices of the sum and difference fields, interleaved for scatter().
struct PackedMatrices {
    PackedMatrices(std::span<const float> sum, std::span<const float> difference, int rows);

    std::vector<float> values;
};

// source = matrices applied to the sum and difference of `field`, taken back to up and down.
void scatter(const PackedMatrices& matrices, const FieldShape& shape, const Field& field,
             Field& source) noexcept;

// out[i] = sum over rows of weight[row] (up + parity down), for all levels and columns of a row.
void project_rows(std::span<const float> weight, float parity, const FieldShape& shape,
                  const Field& field, std::span<float> out) noexcept;

// A step through one layer: radiance out = decay * radiance in + source_out * out + source_in * in,
// for a source linear in optical depth (rt.md 4.2).
struct LayerStep {
    float decay, source_out, source_in;
};
LayerStep layer_step(double thickness, double mu) noexcept;

// Source of one row: share-weighted parts that the two scatterers give; `molecules` may be empty.
struct RowSource {
    std::span<const float> aerosol, molecules;              // [level][column]
    std::span<const float> aerosol_share, molecular_share;  // [layer]
};

// Integrates one row through the atmosphere from zero at its entrance: up from the ground (level
// levels-1) or down from the top (level 0). Adds the result to `total` and raises `peak` [column].
enum class Heading { up, down };
void sweep_row(Heading heading, const LayerStep& step, const RowSource& source,
               std::span<float> field, std::span<float> total, std::span<float> peak) noexcept;

// out[column] = sum over levels of weight[level] * row[level][column].
void weigh_levels(std::span<const float> weight, std::span<const float> row,
                  std::span<float> out) noexcept;

}  // namespace hls::atmosphere
