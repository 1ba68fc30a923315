// SPDX-License-Identifier: Apache-2.0
#include "simulate/coarse_fields.hpp"

#include "core/parallel.hpp"

namespace hls::simulate {
namespace {

int node_count(int pixels, int step) {
    return (pixels - 1) / step + 2;
}

}  // namespace

CoarseFields::CoarseFields(
    int rows, int cols, int channels, int threads,
    const std::function<void(int row, int col, std::span<float> values)>& evaluate, int step)
    : channels_(channels),
      step_(step),
      nodes_(node_count(rows, step) * channels, node_count(cols, step)) {
    parallel_for(
        static_cast<std::size_t>(node_count(rows, step)), threads, [&](std::size_t node_row) {
            const int j = static_cast<int>(node_row);
            std::vector<float> values(static_cast<std::size_t>(channels));
            for (int i = 0; i < nodes_.cols(); ++i) {
                evaluate(j * step, i * step, values);
                for (int channel = 0; channel < channels; ++channel)
                    nodes_(j * channels + channel, i) = values[static_cast<std::size_t>(channel)];
            }
        });
}

void CoarseFields::row(int row, View2D<float> out) const {
    const int upper = row / step_ * channels_;
    const float down = static_cast<float>(row % step_) / static_cast<float>(step_);
    for (int channel = 0; channel < channels_; ++channel) {
        const auto above = nodes_.row(upper + channel);
        const auto below = nodes_.row(upper + channels_ + channel);
        const auto at_node = [&](std::size_t i) { return above[i] + down * (below[i] - above[i]); };
        const auto target = out.row(channel);
        const auto step = static_cast<std::size_t>(step_);
        for (std::size_t col = 0; col < target.size(); col += step) {
            const std::size_t node = col / step;
            const float left = at_node(node);
            const float change = (at_node(node + 1) - left) / static_cast<float>(step_);
            const std::size_t end = std::min(target.size() - col, step);
            for (std::size_t i = 0; i < end; ++i)
                target[col + i] = left + change * static_cast<float>(i);
        }
    }
}

}  // namespace hls::simulate
