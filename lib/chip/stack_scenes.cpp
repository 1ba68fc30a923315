// SPDX-License-Identifier: Apache-2.0
#include "chip/stack_scenes.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace hls::chip {

StackScenes::StackScenes(SceneStore& store, std::vector<SeasonWindow> windows, int least_dates)
    : windows_(std::move(windows)), least_dates_(static_cast<std::size_t>(least_dates)) {
    for (const SeasonWindow& window : windows_) dates_.emplace_back(store, window);
    used_.resize(dates_.size());
}

std::optional<ChipStack> StackScenes::cut(const ChipWindow& window, std::string& rejected) {
    ChipStack stack;
    std::set<std::string> reasons;
    for (SeasonScenes& scenes : dates_) {
        std::string reason;
        auto& cut = stack.emplace_back(scenes.cut(window, reason));
        if (!cut) reasons.insert(reason);
    }
    const auto there = static_cast<std::size_t>(
        std::ranges::count_if(stack, [](const auto& cut) { return cut.has_value(); }));
    if (there >= least_dates_) {
        for (std::size_t i = 0; i < stack.size(); ++i)
            if (stack[i]) used_[i].insert(stack[i]->scene.id);
        return stack;
    }
    rejected = there == 0 && reasons.size() == 1 ? *reasons.begin() : "dates";
    return std::nullopt;
}

std::vector<std::size_t> StackScenes::first_choices(const ChipWindow& window) {
    std::vector<std::size_t> choices;
    for (SeasonScenes& scenes : dates_) choices.push_back(scenes.first_choice(window));
    return choices;
}

std::vector<SceneUse> StackScenes::used() const {
    std::vector<SceneUse> all;
    for (std::size_t i = 0; i < dates_.size(); ++i)
        for (SceneUse& use : dates_[i].used())
            if (used_[i].contains(use.id)) all.push_back(std::move(use));
    return all;
}

}  // namespace hls::chip
