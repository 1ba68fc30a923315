// SPDX-License-Identifier: Apache-2.0
#include "chip/season_scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include "core/error.hpp"

namespace hls::chip {
namespace {

constexpr std::size_t kMaxTries = 4;
constexpr double kClearStep = 2;  // percent

std::chrono::sys_days day_of(const SceneItem& item) {
    return std::chrono::floor<std::chrono::days>(item.datetime);
}

// A message of one line without the secrets that a link may carry.
std::string without_query(std::string text) {
    for (auto at = text.find('?'); at != text.npos; at = text.find('?', at + 1)) {
        const auto end = text.find_first_of(" :'\"\n", at);
        text.erase(at, end == text.npos ? end : end - at);
    }
    return text;
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

SeasonScenes::SeasonScenes(const Request& request, const std::vector<SceneItem>& items,
                           const PixelBox& box)
    : request_(request),
      profile_(request.table.profile(request.task.imagery.profile)),
      tile_(*geo::parse_mgrs_tile(request.task.cell.tile)),
      box_(box) {
    const Task& task = request.task;
    std::vector<Scene> found;
    std::vector<RankedScene> ranked;
    for (const SceneItem& item : items) {
        if (item.tile != task.cell.tile || !request.season.fallback.holds(day_of(item)) ||
            item.cloud_percent.value_or(0) > task.imagery.cloud_max)
            continue;
        try {
            const CollectionLayout& layout = request.table.layout_of(item.collection);
            Scene scene;
            scene.item = &item;
            scene.layout = &layout;
            scene.quality = read_quality(item, layout, tile_, task.shape, box_);
            ranked.push_back({&item, scene.quality.clear_percent});
            found.push_back(std::move(scene));
        } catch (const Error& error) {
            if (error.code != Exit::bad_input && error.code != Exit::missing_input) throw;
            warnings_.emplace_back("W_SCENE", item.id + ": " + without_query(error.message));
        }
    }
    rank_scenes(ranked, request.season, task.imagery.collections);
    for (const RankedScene& best : ranked) {
        auto scene = std::ranges::find(found, best.item, &Scene::item);
        scene->use = {request.season.name,
                      best.item->id,
                      best.item->collection,
                      format_utc(best.item->datetime),
                      best.item->cloud_percent,
                      best.clear_percent,
                      0,
                      "",
                      {}};
        scenes_.push_back(std::move(*scene));
    }
}

bool SeasonScenes::load(Scene& scene) {
    if (scene.loaded || scene.failed) return scene.loaded;
    const Task& task = request_.task;
    try {
        const OffsetAnswer offset = boa_offset(
            {request_.offset, scene.layout->offset, scene.item->baseline,
             scene.item->offset_applied},
            [&] { return lowest_percentile(*scene.item, *scene.layout, tile_, task.shape, box_); });
        if (!offset.offset) {
            warnings_.emplace_back("W_OFFSET", scene.item->id + ": " + offset.rule);
            scene.failed = true;
            return false;
        }
        scene.use.offset = *offset.offset;
        scene.use.offset_rule = offset.rule;
        scene.use.offset_percentile = offset.percentile;
        scene.bands = read_bands(*scene.item, *scene.layout, profile_.bands, tile_, task.shape,
                                 box_, request_.threads);
        scene.loaded = true;
    } catch (const Error& error) {
        if (error.code != Exit::bad_input && error.code != Exit::missing_input) throw;
        warnings_.emplace_back("W_SCENE", scene.item->id + ": " + without_query(error.message));
        scene.failed = true;
    }
    return scene.loaded;
}

double SeasonScenes::clear_fraction(const Scene& scene, const ChipWindow& window) const {
    const int size = request_.task.shape.size_px;
    std::int64_t clear = 0;
    for (int r = 0; r < size; ++r)
        for (int c = 0; c < size; ++c)
            clear += sky_of(scene.layout->kind,
                            scene.quality.raster.at(window.row + r, window.col + c)) == Sky::clear
                         ? 1
                         : 0;
    return static_cast<double>(clear) / (static_cast<double>(size) * size);
}

ChipCut SeasonScenes::cut_from(Scene& scene, const ChipWindow& window) const {
    const int size = request_.task.shape.size_px;
    ChipCut cut{{}, scene.use, 0, 0};
    Plane<std::uint8_t> invalid(size, size);
    for (const BandPatch& band : scene.bands) {
        auto& plane = cut.pixels.bands.emplace_back(size, size);
        for (int r = 0; r < size; ++r)
            for (int c = 0; c < size; ++c) {
                const int stored = band.at(window.row + r, window.col + c);
                if (stored == 0) {
                    invalid(r, c) = 1;
                    continue;
                }
                const int value = stored + scene.use.offset;
                if (value < 1) ++cut.clamped_px;
                plane(r, c) = static_cast<std::uint16_t>(std::clamp(value, 1, 65535));
            }
    }
    std::int64_t valid = 0;
    for (int r = 0; r < size; ++r)
        for (int c = 0; c < size; ++c)
            if (invalid(r, c) == 0 &&
                sky_of(scene.layout->kind,
                       scene.quality.raster.at(window.row + r, window.col + c)) == Sky::clear)
                ++valid;
    cut.valid_fraction = static_cast<double>(valid) / (static_cast<double>(size) * size);
    return cut;
}

std::optional<ChipCut> SeasonScenes::cut(const ChipWindow& window) {
    std::size_t tries = 0;
    for (Scene& scene : scenes_) {
        if (scene.failed) continue;
        if (tries++ == kMaxTries) break;
        if (clear_fraction(scene, window) < request_.task.min_valid || !load(scene)) continue;
        ChipCut made = cut_from(scene, window);
        if (made.valid_fraction < request_.task.min_valid) continue;
        scene.used = true;
        return made;
    }
    return std::nullopt;
}

std::vector<SceneUse> SeasonScenes::used() const {
    std::vector<SceneUse> uses;
    for (const Scene& scene : scenes_)
        if (scene.used) uses.push_back(scene.use);
    return uses;
}

}  // namespace hls::chip
