// SPDX-License-Identifier: Apache-2.0
// Successive orders of isotropic light from the ground (rt.md 4.5; Vermote et al. 1997 for layers).
#include "atmosphere/column_fluxes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "atmosphere/angular_functions.hpp"
#include "atmosphere/column_layers.hpp"
#include "atmosphere/molecules.hpp"
#include "atmosphere/order_loops.hpp"
#include "atmosphere/quadrature.hpp"
#include "core/cancel.hpp"

namespace hls::atmosphere {
namespace {

constexpr int kLayers = 30;
constexpr double kLargestChange = 0.75;  // of the molecular share from level to level
constexpr double kTopKm = 300;
constexpr double kTolerance = 1e-7;  // last order of scattering, for unit radiance of the ground
constexpr int kMaxScatterings = 400;

// Radiances of the Gauss directions at all levels, [level][node].
struct Radiances {
    explicit Radiances(std::size_t size) : up(size), down(size) {}

    std::vector<double> up, down;
};

struct Level {
    double depth, molecular_share;
};

class ExponentialColumn {
 public:
    ExponentialColumn(double tau_rayleigh, double tau_aerosol)
        : molecules_(tau_rayleigh), aerosol_(tau_aerosol) {}

    double depth() const { return molecules_ + aerosol_; }

    Level ground() const { return at(0); }

    // The level below `depth` of the column, 0 < depth < depth().
    Level below(double depth) const {
        double low = 0, high = kTopKm;
        for (int step = 0; step < 60; ++step) {
            const double middle = (low + high) / 2;
            (at(middle).depth > depth ? low : high) = middle;
        }
        return {depth, at(high).molecular_share};
    }

 private:
    Level at(double height_km) const {
        const double molecules = molecules_ * std::exp(-height_km / kMoleculeScaleKm);
        const double aerosol = aerosol_ * std::exp(-height_km / kAerosolScaleKm);
        const double density = molecules / kMoleculeScaleKm;
        return {molecules + aerosol, density / (density + aerosol / kAerosolScaleKm)};
    }

    double molecules_, aerosol_;
};

// Source of one hemisphere's direction `row` at every level.
class Source {
 public:
    Source(const MixedLevels& levels, const FluxKernel& molecules, const FluxSolver::Column& column)
        : levels_(levels), molecules_(molecules), column_(column) {}

    double at(std::size_t level, std::size_t row, std::span<const double> same,
              std::span<const double> opposite) const {
        const double share = levels_.molecular_share[level];
        double source = share * project(molecules_, row, same, opposite);
        if (column_.aerosol != nullptr)
            source += (1 - share) * column_.aerosol_albedo *
                      project(*column_.aerosol, row, same, opposite);
        return source;
    }

 private:
    static double project(const FluxKernel& kernel, std::size_t row, std::span<const double> same,
                          std::span<const double> opposite) {
        const std::size_t nodes = same.size();
        double sum = 0;
        for (std::size_t j = 0; j < nodes; ++j)
            sum += kernel.same[row * nodes + j] * same[j] +
                   kernel.opposite[row * nodes + j] * opposite[j];
        return sum;
    }

    const MixedLevels& levels_;
    const FluxKernel& molecules_;
    const FluxSolver::Column& column_;
};

// One direction's radiance at all levels from its source, zero at the entrance.
void sweep(Heading heading, const MixedLevels& levels, double mu, std::span<const double> source,
           std::span<double> radiance) {
    const std::size_t ground = levels.depth.size() - 1;
    const bool up = heading == Heading::up;
    radiance[up ? ground : 0] = 0;
    for (std::size_t i = 0; i < ground; ++i) {
        const std::size_t layer = up ? ground - 1 - i : i;
        const std::size_t in = up ? layer + 1 : layer, out = up ? layer : layer + 1;
        const LayerStep step = layer_step(levels.depth[layer + 1] - levels.depth[layer], mu);
        radiance[out] = static_cast<double>(step.decay) * radiance[in] +
                        static_cast<double>(step.source_out) * source[out] +
                        static_cast<double>(step.source_in) * source[in];
    }
}

Radiances light_from_ground(const MixedLevels& levels, std::span<const double> node) {
    Radiances field(levels.depth.size() * node.size());
    for (std::size_t level = 0; level < levels.depth.size(); ++level)
        for (std::size_t g = 0; g < node.size(); ++g)
            field.up[level * node.size() + g] =
                std::exp((levels.depth[level] - levels.depth.back()) / node[g]);
    return field;
}

// The next order of scattering from `field`.
Radiances scattered(const Source& source, const MixedLevels& levels, std::span<const double> node,
                    const Radiances& field) {
    const std::size_t count = levels.depth.size(), nodes = node.size();
    Radiances next(count * nodes);
    std::vector<double> along(count), radiance(count);
    for (std::size_t g = 0; g < nodes; ++g)
        for (const Heading heading : {Heading::up, Heading::down}) {
            const bool up = heading == Heading::up;
            for (std::size_t level = 0; level < count; ++level) {
                const std::span<const double> rising(&field.up[level * nodes], nodes);
                const std::span<const double> falling(&field.down[level * nodes], nodes);
                along[level] = source.at(level, g, up ? rising : falling, up ? falling : rising);
            }
            sweep(heading, levels, node[g], along, radiance);
            for (std::size_t level = 0; level < count; ++level)
                (up ? next.up : next.down)[level * nodes + g] = radiance[level];
        }
    return next;
}

void add(Radiances& total, const Radiances& more) {
    for (std::size_t i = 0; i < total.up.size(); ++i) {
        total.up[i] += more.up[i];
        total.down[i] += more.down[i];
    }
}

double largest(const Radiances& field) {
    return std::max(*std::max_element(field.up.begin(), field.up.end()),
                    *std::max_element(field.down.begin(), field.down.end()));
}

}  // namespace

MixedLevels mixed_levels(double tau_rayleigh, double tau_aerosol) {
    const ExponentialColumn column(tau_rayleigh, tau_aerosol);
    // Molecules reach higher, so they are alone at the top.
    MixedLevels levels{{0}, {tau_rayleigh > 0 ? 1. : 0.}};
    for (int layer = 1; layer < kLayers; ++layer) {
        const double above = levels.depth.back(), share = levels.molecular_share.back();
        double thickness = (column.depth() - above) / (kLayers + 1 - layer);
        Level level = column.below(above + thickness);
        while (share - level.molecular_share > kLargestChange * share) {
            thickness /= 2;
            level = column.below(above + thickness);
        }
        levels.depth.push_back(level.depth);
        levels.molecular_share.push_back(level.molecular_share);
    }
    levels.depth.push_back(column.depth());
    levels.molecular_share.push_back(column.ground().molecular_share);
    return levels;
}

FluxSolver::FluxSolver(int gauss_nodes, std::span<const double> cosines, double depolarisation) {
    GaussRule rule = gauss_legendre(gauss_nodes, 0, 1);
    node_ = std::move(rule.node);
    weight_ = std::move(rule.weight);
    cosine_.assign(cosines.begin(), cosines.end());
    std::vector<double> directions = node_;
    directions.insert(directions.end(), cosine_.begin(), cosine_.end());
    legendre_ = angular_functions(0, 2 * gauss_nodes - 1, directions).p;
    molecules_ = kernel(rayleigh_moments(depolarisation).beta);
}

FluxKernel FluxSolver::kernel(std::span<const double> beta) const {
    const std::size_t nodes = node_.size(), directions = nodes + cosine_.size();
    FluxKernel kernel;
    for (std::size_t i = 0; i < directions; ++i)
        for (std::size_t j = 0; j < nodes; ++j) {
            double even = 0, odd = 0;
            for (std::size_t l = 0; l < beta.size(); ++l)
                (l % 2 == 0 ? even : odd) +=
                    beta[l] * legendre_[l * directions + i] * legendre_[l * directions + j];
            kernel.same.push_back((even + odd) * weight_[j] / 2);
            kernel.opposite.push_back((even - odd) * weight_[j] / 2);
        }
    return kernel;
}

ColumnFluxes FluxSolver::solve(const Column& column) const {
    const MixedLevels levels = mixed_levels(column.tau_rayleigh, column.tau_aerosol);
    const Source source(levels, molecules_, column);
    Radiances field = light_from_ground(levels, node_);
    Radiances total = field;
    for (int i = 0; i < kMaxScatterings && (i == 0 || largest(field) >= kTolerance); ++i) {
        throw_if_cancelled();
        field = scattered(source, levels, node_, field);
        add(total, field);
    }
    const std::size_t nodes = node_.size(), count = levels.depth.size();
    ColumnFluxes fluxes;
    std::vector<double> along(count), radiance(count);
    for (std::size_t a = 0; a < cosine_.size(); ++a) {
        for (std::size_t level = 0; level < count; ++level)
            along[level] = source.at(level, nodes + a, {&total.up[level * nodes], nodes},
                                     {&total.down[level * nodes], nodes});
        sweep(Heading::up, levels, cosine_[a], along, radiance);
        fluxes.transmittance.push_back(std::exp(-levels.depth.back() / cosine_[a]) + radiance[0]);
    }
    for (std::size_t g = 0; g < nodes; ++g)
        fluxes.spherical_albedo += 2 * node_[g] * weight_[g] * total.down[(count - 1) * nodes + g];
    return fluxes;
}

}  // namespace hls::atmosphere
