// SPDX-License-Identifier: Apache-2.0
// The scenes that a season's chips of one task are cut from, looked at one after the other and only
// as far as chips need them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chip/chip_cut.hpp"
#include "chip/chip_files.hpp"
#include "chip/manifest.hpp"
#include "chip/scene_store.hpp"

namespace hls::chip {

// Scenes to try for a season, the best first: inside the best window before the fallback, clearer
// ones in steps of 2 %, nearer to the middle of the window, first collection, id.
struct RankedScene {
    const SceneItem* item = nullptr;
    double clear_percent = 0;
};
void rank_scenes(std::vector<RankedScene>& scenes, const SeasonWindow& season,
                 const std::vector<std::string>& collections);

// A chip cut from a scene.
struct ChipCut {
    std::vector<Plane<std::uint16_t>> bands;  // 0 no data, else reflectance x 10000, at least 1
    SceneUse scene;
    double valid_fraction = 0;
    std::int64_t clamped_px = 0;
    const StoredScene* stored = nullptr;  // as long as the store
};

class SeasonScenes {
 public:
    SeasonScenes(SceneStore& store, const SeasonWindow& season);

    // From the first of the best four scenes in which enough of the window is valid. nullopt with
    // the reason in `rejected`: no_scene, nodata or cloud.
    std::optional<ChipCut> cut(const ChipWindow& window, std::string& rejected);

    // The scene that cut() would try first, so that chips of one scene can be cut one after the
    // other; no scene comes last.
    std::size_t first_choice(const ChipWindow& window);

    // Scenes that chips were cut from.
    std::vector<SceneUse> used() const;

 private:
    struct Candidate {
        std::size_t scene = 0;  // in the store
        bool used = false;
    };
    StoredScene& scene_of(const Candidate& candidate) { return store_.scenes()[candidate.scene]; }
    bool add_fallback();
    void add(bool best_window);
    Candidate* next(std::size_t& at, std::size_t& tries);
    SceneUse use_of(const StoredScene& scene) const;
    ChipCut cut_from(StoredScene& scene, const ChipWindow& window) const;

    SceneStore& store_;
    const SeasonWindow& season_;
    bool fallback_added_ = false;
    std::vector<Candidate> candidates_;  // the best first
};

}  // namespace hls::chip
