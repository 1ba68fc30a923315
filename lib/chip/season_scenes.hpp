// SPDX-License-Identifier: Apache-2.0
// The scenes that a season's chips of one task are cut from, opened one after the other and only
// as far as chips need them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chip/boa_offset.hpp"
#include "chip/chip_files.hpp"
#include "chip/imagery_table.hpp"
#include "chip/manifest.hpp"
#include "chip/scene_item.hpp"
#include "chip/scene_pixels.hpp"
#include "chip/task.hpp"

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
    ChipPixels pixels;  // without labels
    SceneUse scene;
    double valid_fraction = 0;
    std::int64_t clamped_px = 0;
};

class SeasonScenes {
 public:
    struct Request {
        const Task& task;
        const ImageryTable& table;
        const SeasonWindow& season;
        OffsetChoice offset;
        int threads;
    };

    // Looks at the quality layer of every item of the season under the cloud limit.
    SeasonScenes(const Request& request, const std::vector<SceneItem>& items, const PixelBox& box);

    bool empty() const { return scenes_.empty(); }

    // From the first of the best four scenes in which enough of the window is valid.
    std::optional<ChipCut> cut(const ChipWindow& window);

    // Scenes that chips were cut from, and what was wrong with others (code, detail).
    std::vector<SceneUse> used() const;
    const std::vector<std::pair<std::string, std::string>>& warnings() const { return warnings_; }

 private:
    struct Scene {
        const SceneItem* item = nullptr;
        const CollectionLayout* layout = nullptr;
        SceneQuality quality;
        SceneUse use;
        bool loaded = false, failed = false, used = false;
        std::vector<BandPatch> bands;
    };

    bool load(Scene& scene);
    double clear_fraction(const Scene& scene, const ChipWindow& window) const;
    ChipCut cut_from(Scene& scene, const ChipWindow& window) const;

    Request request_;
    BandProfile profile_;
    geo::MgrsTile tile_;
    PixelBox box_;
    std::vector<Scene> scenes_;
    std::vector<std::pair<std::string, std::string>> warnings_;
};

}  // namespace hls::chip
