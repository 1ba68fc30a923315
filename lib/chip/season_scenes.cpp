// SPDX-License-Identifier: Apache-2.0
#include "chip/season_scenes.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <tuple>

namespace hls::chip {
namespace {

constexpr std::size_t kMaxTries = 4;
constexpr double kClearStep = 2;  // percent

std::chrono::sys_days day_of(const SceneItem& item) {
    return std::chrono::floor<std::chrono::days>(item.datetime);
}

}  // namespace

void rank_scenes(std::vector<RankedScene>& scenes, const SeasonWindow& season,
                 const std::vector<std::string>& collections) {
    const auto middle = season.best.from + (season.best.to - season.best.from) / 2;
    const auto rank = [&](const RankedScene& scene) {
        const auto day = day_of(*scene.item);
        return std::tuple(
            !season.best.holds(day),
            -static_cast<int>(std::floor(scene.clear_percent / kClearStep)),
            std::abs((day - middle).count()),
            std::ranges::find(collections, scene.item->collection) - collections.begin(),
            scene.item->id);
    };
    std::ranges::sort(
        scenes, [&](const RankedScene& a, const RankedScene& b) { return rank(a) < rank(b); });
}

SeasonScenes::SeasonScenes(SceneStore& store, const SeasonWindow& season)
    : store_(store), season_(season) {
    add(true);
}

// Scenes of the best window, or of the rest of the fallback, behind those that are there.
void SeasonScenes::add(bool best_window) {
    std::vector<std::size_t> indices;
    const auto& scenes = store_.scenes();
    for (std::size_t i = 0; i < scenes.size(); ++i) {
        const auto day = day_of(*scenes[i].item);
        if (season_.best.holds(day) ? best_window : !best_window && season_.fallback.holds(day))
            indices.push_back(i);
    }
    store_.look(indices);
    std::vector<RankedScene> ranked;
    for (const std::size_t i : indices)
        if (!scenes[i].failed) ranked.push_back({scenes[i].item, scenes[i].quality->clear_percent});
    rank_scenes(ranked, season_, store_.task().imagery.collections);
    for (const RankedScene& best : ranked)
        candidates_.push_back(
            {static_cast<std::size_t>(std::ranges::find(scenes, best.item, &StoredScene::item) -
                                      scenes.begin()),
             false});
}

// Those of the fallback are only looked at when the best window has too few.
bool SeasonScenes::add_fallback() {
    if (fallback_added_) return false;
    fallback_added_ = true;
    add(false);
    return true;
}

// The next scene to try from index `at` on; nullptr when four were tried or none is left.
SeasonScenes::Candidate* SeasonScenes::next(std::size_t& at, std::size_t& tries) {
    if (tries == kMaxTries) return nullptr;
    while (true) {
        for (; at < candidates_.size(); ++at) {
            if (scene_of(candidates_[at]).failed) continue;
            ++tries;
            return &candidates_[at++];
        }
        if (!add_fallback()) return nullptr;
    }
}

SceneUse SeasonScenes::use_of(const StoredScene& scene) const {
    return {season_.name,
            scene.item->id,
            scene.item->collection,
            format_utc(scene.item->datetime),
            scene.item->cloud_percent,
            scene.quality->clear_percent,
            scene.offset,
            scene.offset_rule,
            scene.offset_percentile};
}

ChipCut SeasonScenes::cut_from(StoredScene& scene, const ChipWindow& window) const {
    const int size = store_.task().shape.size_px;
    const CutFrame frame{window.row, window.col, size};
    ChipCut cut{{}, use_of(scene), 0, 0, &scene};
    Plane<std::uint8_t> usable(size, size, 1);
    for (std::size_t b = 0; b < store_.band_count(); ++b) {
        auto& plane = cut.bands.emplace_back(store_.take_plane());
        const BandPatch& band = store_.band(scene, b, {window.col, window.row, size, size});
        cut.clamped_px += cut_band(band, frame, scene.offset, plane.view(), usable.view());
    }
    const auto left = keep_clear(*scene.quality, scene.layout->kind, frame, usable.view());
    cut.valid_fraction = static_cast<double>(left) / (static_cast<double>(size) * size);
    return cut;
}

std::optional<ChipCut> SeasonScenes::cut(const ChipWindow& window, std::string& rejected) {
    const Task& task = store_.task();
    const int size = task.shape.size_px;
    const double pixels = static_cast<double>(size) * size;
    rejected = "no_scene";
    std::size_t at = 0, tries = 0;
    while (Candidate* candidate = next(at, tries)) {
        StoredScene& scene = scene_of(*candidate);
        const SkyCount sky =
            count_sky(*scene.quality, scene.layout->kind, {window.row, window.col, size});
        const bool absent = static_cast<double>(sky.nodata) > (1 - task.min_valid) * pixels;
        if (rejected != "cloud") rejected = absent ? "nodata" : "cloud";
        if (static_cast<double>(sky.clear) < task.min_valid * pixels) continue;
        if (!store_.load(scene)) {
            --tries;  // another one takes the place of a scene that cannot be read
            continue;
        }
        ChipCut made = cut_from(scene, window);
        if (made.valid_fraction < task.min_valid) {
            if (rejected != "cloud") rejected = "nodata";
            continue;
        }
        candidate->used = true;
        return made;
    }
    return std::nullopt;
}

std::size_t SeasonScenes::first_choice(const ChipWindow& window) {
    const int size = store_.task().shape.size_px;
    const double wanted = store_.task().min_valid * size * size;
    std::size_t at = 0, tries = 0;
    while (const Candidate* candidate = next(at, tries)) {
        const StoredScene& scene = store_.scenes()[candidate->scene];
        const SkyCount sky =
            count_sky(*scene.quality, scene.layout->kind, {window.row, window.col, size});
        if (static_cast<double>(sky.clear) >= wanted) return candidate->scene;
    }
    return store_.scenes().size();
}

std::vector<SceneUse> SeasonScenes::used() const {
    std::vector<SceneUse> uses;
    for (const Candidate& candidate : candidates_)
        if (candidate.used) uses.push_back(use_of(store_.scenes()[candidate.scene]));
    return uses;
}

}  // namespace hls::chip
