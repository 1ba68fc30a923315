// SPDX-License-Identifier: Apache-2.0
// First order from the beam in closed form, higher orders by scatter and sweep (rt.md 4.2, 4.3).
#include "atmosphere/fourier_order.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/cancel.hpp"

namespace hls::atmosphere {
namespace {

constexpr int kMaxScatterings = 400;

std::size_t index(int i) noexcept {
    return static_cast<std::size_t>(i);
}

// expm1(a) / a.
double growth(double a) noexcept {
    return std::abs(a) < 1e-12 ? 1 : std::expm1(a) / a;
}

class OrderIteration {
 public:
    explicit OrderIteration(const OrderProblem& problem)
        : p_(problem),
          nodes_(static_cast<int>(problem.basis->gauss.node.size())),
          suns_(problem.basis->sun_mu.size()),
          shape_(problem.components * nodes_, problem.layers->count() + 1, static_cast<int>(suns_)),
          field_(shape_),
          source_(shape_),
          total_(shape_),
          peak_(index(shape_.columns)) {
        for (const double mu : problem.basis->gauss.node)
            steps_.push_back(layer_step(problem.layers->thickness, mu));
    }

    OrderSolution run() {
        first_order();
        const bool dense = p_.aerosol != nullptr;
        const PackedMatrices matrices =
            dense
                ? PackedMatrices(p_.aerosol->sum_matrix, p_.aerosol->difference_matrix, shape_.rows)
                : PackedMatrices({}, {}, 0);
        int scatterings = 1;
        for (float last = 1; last >= p_.tolerance && scatterings < kMaxScatterings; ++scatterings) {
            throw_if_cancelled();
            if (dense) scatter(matrices, shape_, field_, source_);
            next_order();
            last = *std::max_element(peak_.begin(), peak_.end());
        }
        OrderSolution solution;
        solution.scatterings = scatterings;
        solution.view = view_radiance();
        return solution;
    }

 private:
    std::span<float> row(std::vector<float>& values, int r) const {
        return {values.data() + shape_.at(r, 0), shape_.stride};
    }

    // Single scattering of row r by unit attenuation, per column, for one scatterer.
    void first_row(Heading heading, int r, std::span<float> field) {
        const bool up = heading == Heading::up;
        const auto gain = p_.beam_table->gain(heading, index(r % nodes_));
        std::vector<float> aerosol(gain.size()), molecules(gain.size());  // zero where no sun is
        for (std::size_t c = 0; c < suns_; ++c) {
            if (p_.aerosol != nullptr) {
                const auto& kernel = up ? p_.aerosol->sun_up : p_.aerosol->sun_down;
                aerosol[c] = gain[c] * kernel[index(r) * suns_ + c];
            }
            for (const RankOneTerm& term : p_.molecules)
                molecules[c] +=
                    gain[c] * term.spread[index(r)] * term.sun[c] * (up ? term.parity : 1);
        }
        const int layers = p_.layers->count();
        const float decay = steps_[index(r % nodes_)].decay;
        const std::size_t columns = index(shape_.columns);
        for (int i = 0; i < layers; ++i) {
            const int layer = up ? layers - 1 - i : i;
            const float* const in = &field[index(up ? layer + 1 : layer) * columns];
            float* const out = &field[index(up ? layer : layer + 1) * columns];
            const auto beam = p_.beam_table->attenuation(layer);
            const float x = p_.layers->aerosol_share[index(layer)];
            const float y = p_.layers->molecular_share[index(layer)];
            for (std::size_t c = 0; c < columns; ++c)
                out[c] = decay * in[c] + (x * aerosol[c] + y * molecules[c]) * beam[c];
        }
    }

    void first_order() {
        for (int r = 0; r < shape_.rows; ++r) {
            first_row(Heading::up, r, row(field_.up, r));
            first_row(Heading::down, r, row(field_.down, r));
        }
        total_ = field_;
    }

    void next_order() {
        std::vector<std::vector<float>> projections;
        for (const RankOneTerm& term : p_.molecules) {
            projections.emplace_back(shape_.stride);
            project_rows(term.project, term.parity, shape_, field_, projections.back());
        }
        std::fill(peak_.begin(), peak_.end(), 0.F);
        std::vector<float> molecules(p_.molecules.empty() ? 0 : shape_.stride);
        for (int r = 0; r < shape_.rows; ++r)
            for (const Heading heading : {Heading::up, Heading::down}) {
                const bool up = heading == Heading::up;
                std::fill(molecules.begin(), molecules.end(), 0.F);
                for (std::size_t t = 0; t < projections.size(); ++t) {
                    const RankOneTerm& term = p_.molecules[t];
                    const float v = term.spread[index(r)] * (up ? 1 : term.parity);
                    for (std::size_t i = 0; i < molecules.size(); ++i)
                        molecules[i] += v * projections[t][i];
                }
                const RowSource source{row(up ? source_.up : source_.down, r), molecules,
                                       p_.layers->aerosol_share, p_.layers->molecular_share};
                sweep_row(heading, steps_[index(r % nodes_)], source,
                          row(up ? field_.up : field_.down, r),
                          row(up ? total_.up : total_.down, r), peak_);
            }
    }

    // Weight of the source at every level for the radiance at the top along `mu`.
    std::vector<float> level_weights(double mu, std::span<const float> share) const {
        const LayerStep step = layer_step(p_.layers->thickness, mu);
        std::vector<float> weight(index(shape_.levels));
        for (std::size_t k = 0; k < share.size(); ++k) {
            const double above = std::exp(-static_cast<double>(k) * p_.layers->thickness / mu);
            weight[k] += static_cast<float>(above * step.source_out) * share[k];
            weight[k + 1] += static_cast<float>(above * step.source_in) * share[k];
        }
        return weight;
    }

    // Multiple scattering into view v: adds component i of column c to view[(v*3+i)*suns_ + c].
    void add_scattered(std::size_t v, std::vector<double>& view) const {
        const double mu = p_.basis->view_mu[v];
        const auto aerosol_weight = level_weights(mu, p_.layers->aerosol_share);
        const auto molecular_weight = level_weights(mu, p_.layers->molecular_share);
        std::vector<float> up(index(shape_.columns)), down(up.size());
        const auto weigh = [&](std::span<const float> weight, int r) {
            weigh_levels(weight, {total_.up.data() + shape_.at(r, 0), shape_.stride}, up);
            weigh_levels(weight, {total_.down.data() + shape_.at(r, 0), shape_.stride}, down);
        };
        for (int r = 0; r < shape_.rows; ++r) {
            if (p_.aerosol != nullptr) {
                weigh(aerosol_weight, r);
                for (std::size_t i = 0; i < 3; ++i) {
                    const std::size_t at = (v * 3 + i) * index(shape_.rows) + index(r);
                    for (std::size_t c = 0; c < suns_; ++c)
                        view[(v * 3 + i) * suns_ + c] +=
                            p_.aerosol->view_up[at] * up[c] + p_.aerosol->view_down[at] * down[c];
                }
            }
            if (!p_.molecules.empty()) weigh(molecular_weight, r);
            for (const RankOneTerm& term : p_.molecules)
                for (std::size_t i = 0; i < 3; ++i)
                    for (std::size_t c = 0; c < suns_; ++c)
                        view[(v * 3 + i) * suns_ + c] += term.view[v * 3 + i] *
                                                         term.project[index(r)] *
                                                         (up[c] + term.parity * down[c]);
        }
    }

    // Single scattering of the beams into view v.
    void add_beams(std::size_t v, std::vector<double>& view) const {
        for (std::size_t i = 0; i < 3; ++i)
            for (std::size_t c = 0; c < suns_; ++c) {
                double& radiance = view[(v * 3 + i) * suns_ + c];
                if (p_.aerosol != nullptr)
                    radiance += p_.aerosol->view_sun[(v * 3 + i) * suns_ + c] *
                                p_.beam_table->view_aerosol(v, c);
                for (const RankOneTerm& term : p_.molecules)
                    radiance += term.parity * term.view[v * 3 + i] * term.sun[c] *
                                p_.beam_table->view_molecules(v, c);
            }
    }

    std::vector<double> view_radiance() const {
        std::vector<double> view(p_.basis->view_mu.size() * 3 * suns_);
        for (std::size_t v = 0; v < p_.basis->view_mu.size(); ++v) {
            add_scattered(v, view);
            add_beams(v, view);
        }
        return view;
    }

    OrderProblem p_;
    int nodes_;
    std::size_t suns_;
    FieldShape shape_;
    Field field_, source_, total_;
    std::vector<float> peak_;
    std::vector<LayerStep> steps_;  // [gauss]
};

}  // namespace

// Columns as wide as those of a field.
BeamTable::BeamTable(const DirectionBasis& basis, const ColumnLayers& layers)
    : columns_(index(FieldShape(0, 0, static_cast<int>(basis.sun_mu.size())).columns)),
      suns_(basis.sun_mu.size()) {
    const double h = layers.thickness;
    const std::size_t count = index(layers.count()), nodes = basis.gauss.node.size();
    attenuation_.resize(count * columns_);
    for (std::size_t k = 0; k < count; ++k)
        for (std::size_t s = 0; s < suns_; ++s)
            attenuation_[k * columns_ + s] =
                static_cast<float>(std::exp(-static_cast<double>(k) * h / basis.sun_mu[s]));
    gain_up_.resize(nodes * columns_);
    gain_down_.resize(nodes * columns_);
    for (std::size_t g = 0; g < nodes; ++g)
        for (std::size_t s = 0; s < suns_; ++s) {
            const double path = h / basis.gauss.node[g], slant = h / basis.sun_mu[s];
            gain_up_[g * columns_ + s] = static_cast<float>(path * growth(-path - slant));
            gain_down_[g * columns_ + s] =
                static_cast<float>(path * std::exp(-path) * growth(path - slant));
        }
    for (const double mu : basis.view_mu)
        for (const double mu0 : basis.sun_mu) {
            const double both = h / mu + h / mu0;
            double aerosol = 0, molecules = 0;
            for (std::size_t k = 0; k < count; ++k) {
                const double beam = std::exp(-static_cast<double>(k) * both);
                aerosol += layers.aerosol_share[k] * beam;
                molecules += layers.molecular_share[k] * beam;
            }
            view_aerosol_.push_back(h / mu * growth(-both) * aerosol);
            view_molecules_.push_back(h / mu * growth(-both) * molecules);
        }
}

std::span<const float> BeamTable::attenuation(int layer) const {
    return {attenuation_.data() + index(layer) * columns_, columns_};
}

std::span<const float> BeamTable::gain(Heading heading, std::size_t gauss) const {
    return {(heading == Heading::up ? gain_up_ : gain_down_).data() + gauss * columns_, columns_};
}

double BeamTable::view_aerosol(std::size_t view, std::size_t sun) const {
    return view_aerosol_[view * suns_ + sun];
}

double BeamTable::view_molecules(std::size_t view, std::size_t sun) const {
    return view_molecules_[view * suns_ + sun];
}

OrderSolution solve_order(const OrderProblem& problem) {
    return OrderIteration(problem).run();
}

}  // namespace hls::atmosphere
