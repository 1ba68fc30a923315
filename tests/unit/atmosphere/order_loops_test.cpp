// SPDX-License-Identifier: Apache-2.0
// The float loops against plain ones, and the layers they run through.
#include "atmosphere/order_loops.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "atmosphere/column_layers.hpp"

namespace hls::atmosphere {
namespace {

std::vector<float> random_values(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> values(count);
    for (float& v : values) v = static_cast<float>(random()) / 4294967296.F - .5F;
    return values;
}

TEST(OrderLoops, ScatterEqualsPlainMatrices) {
    const FieldShape shape(36, 5, 22);
    EXPECT_EQ(shape.columns, 24);
    Field field(shape), source(shape);
    field.up = random_values(shape.size(), 1);
    field.down = random_values(shape.size(), 2);
    const auto sum = random_values(36 * 36, 3), difference = random_values(36 * 36, 4);
    scatter(PackedMatrices(sum, difference, 36), shape, field, source);
    for (const std::size_t row : {0U, 7U, 35U})
        for (std::size_t i = 0; i < shape.stride; i += 11) {
            double s = 0, d = 0;
            for (std::size_t k = 0; k < 36; ++k) {
                const double up = field.up[k * shape.stride + i];
                const double down = field.down[k * shape.stride + i];
                s += sum[row * 36 + k] * (up + down);
                d += difference[row * 36 + k] * (up - down);
            }
            EXPECT_NEAR(source.up[row * shape.stride + i], s + d, 2e-5);
            EXPECT_NEAR(source.down[row * shape.stride + i], s - d, 2e-5);
        }
}

TEST(OrderLoops, LayerStepIsExactForLinearSources) {
    // A source of 1 everywhere emits 1 - decay; thin layers must not cancel to nothing.
    for (const double path : {1e-6, 1e-4, .99e-3, 1.01e-3, .1, 3.}) {
        const LayerStep step = layer_step(path * .5, .5);
        EXPECT_NEAR((step.source_in + step.source_out) / -std::expm1(-path), 1, 1e-6) << path;
    }
    const LayerStep thin = layer_step(1e-4, 1);
    EXPECT_NEAR(thin.source_in / thin.source_out, 1, 1e-3);
}

TEST(OrderLoops, SweepOfAConstantSourceSaturates) {
    const std::size_t layers = 50, columns = 8;
    const std::vector<float> ones((layers + 1) * columns, 1.F), share(layers, 1.F);
    std::vector<float> field(ones.size()), total(ones.size()), peak(columns);
    const LayerStep step = layer_step(.1, .5);
    sweep_row(Heading::up, step, {ones, {}, share, share}, field, total, peak);
    EXPECT_NEAR(field[0], 1 - std::exp(-10.), 1e-5);
    EXPECT_EQ(field[layers * columns], 0);
    EXPECT_EQ(peak[3], field[3]);
    sweep_row(Heading::down, step, {ones, {}, share, share}, field, total, peak);
    EXPECT_EQ(field[0], 0);
    EXPECT_NEAR(field[layers * columns], 1 - std::exp(-10.), 1e-5);
    EXPECT_NEAR(total[0], 1 - std::exp(-10.), 1e-5);
}

TEST(ColumnLayers, HoldTheWholeColumns) {
    const ColumnLayers layers = make_layers(.2366, .3, .95, 24);
    double aerosol = 0, molecules = 0;
    for (int k = 0; k < 24; ++k) {
        aerosol += layers.aerosol_share[static_cast<std::size_t>(k)] * layers.thickness;
        molecules += layers.molecular_share[static_cast<std::size_t>(k)] * layers.thickness;
    }
    EXPECT_NEAR(aerosol, .95 * .3, 1e-6);
    EXPECT_NEAR(molecules, .2366, 1e-6);
    EXPECT_LT(layers.aerosol_share.front(), .01F);  // 2 km against 8 km
    EXPECT_GT(layers.aerosol_share.back(), .75F);
}

}  // namespace
}  // namespace hls::atmosphere
