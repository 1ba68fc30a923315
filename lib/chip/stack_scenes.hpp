// SPDX-License-Identifier: Apache-2.0
// The scenes of chips of one or several dates: for each date those that a window of days offers.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "chip/season_scenes.hpp"

namespace hls::chip {

// A cut for each date, in order; empty where no scene will do.
using ChipStack = std::vector<std::optional<ChipCut>>;

class StackScenes {
 public:
    // One window of days for each date, in order.
    StackScenes(SceneStore& store, std::vector<SeasonWindow> windows, int least_dates);

    // nullopt where fewer than the least dates could be had, with the reason in `rejected`: that of
    // all dates if they have the same (SeasonScenes::cut), else "dates".
    std::optional<ChipStack> cut(const ChipWindow& window, std::string& rejected);

    // What orders chips so that those of the same scenes come one after the other.
    std::vector<std::size_t> first_choices(const ChipWindow& window);

    const std::vector<SeasonWindow>& windows() const { return windows_; }

    // Scenes that are in some chip, by date.
    std::vector<SceneUse> used() const;

 private:
    std::vector<SeasonWindow> windows_;
    std::deque<SeasonScenes> dates_;
    std::vector<std::set<std::string>> used_;  // ids, of each date
    std::size_t least_dates_;
};

}  // namespace hls::chip
