// SPDX-License-Identifier: Apache-2.0
#include "chip/scene_store.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "net/redact.hpp"

namespace hls::chip {
namespace {

// Faults of one scene, which another one can stand in for.
bool concerns_scene(const Error& error) {
    return error.code == Exit::bad_input || error.code == Exit::missing_input;
}

std::size_t bytes_of(const StoredScene& scene) {
    std::size_t bytes = 0;
    for (const BandPatch& band : scene.bands) bytes += band.pixels.size() * sizeof(std::uint16_t);
    return bytes;
}

}  // namespace

SceneStore::SceneStore(const Request& request, const std::vector<SceneItem>& items,
                       const PixelBox& box)
    : request_(request),
      profile_(request.table.profile(request.task.imagery.profile)),
      frame_(tile_frame(*geo::parse_mgrs_tile(request.task.cell.tile), request.task.shape)),
      box_(box) {
    for (const SceneItem& item : items) {
        if (item.tile != request.task.cell.tile ||
            item.cloud_percent.value_or(0) > request.task.imagery.cloud_max)
            continue;
        StoredScene scene;
        scene.item = &item;
        scene.layout = &request.table.layout_of(
            item.collection, [&](const std::string& key) { return item.assets.contains(key); });
        scenes_.push_back(std::move(scene));
    }
}

SceneWindow SceneStore::window_of(const StoredScene& scene) const {
    return {scene.item, scene.layout, frame_, request_.task.shape, box_};
}

void SceneStore::look(const std::vector<std::size_t>& indices) {
    std::vector<std::string> faults(indices.size());
    parallel_for(indices.size(), request_.source.threads, [&](std::size_t i) {
        StoredScene& scene = scenes_[indices[i]];
        if (scene.quality || scene.failed) return;
        try {
            scene.quality = read_quality(window_of(scene), request_.source);
        } catch (const Error& error) {
            if (!concerns_scene(error)) throw;
            scene.failed = true;
            faults[i] = net::redacted(error.message);
        }
    });
    for (std::size_t i = 0; i < indices.size(); ++i)
        if (!faults[i].empty())
            warnings_.emplace_back("W_SCENE", scenes_[indices[i]].item->id + ": " + faults[i]);
}

bool SceneStore::load(StoredScene& scene) {
    scene.last_use = ++uses_;
    if (scene.failed || scene.loaded) return !scene.failed;
    try {
        read(scene);
        scene.loaded = find_offset(scene);
        scene.failed = !scene.loaded;
    } catch (const Error& error) {
        if (!concerns_scene(error)) throw;
        warnings_.emplace_back("W_SCENE", scene.item->id + ": " + net::redacted(error.message));
        scene.failed = true;
    }
    if (scene.failed) scene.bands.clear();
    make_room(scene);
    return !scene.failed;
}

// A damaged block may be the fault of the way it came: it is read once more.
void SceneStore::read(StoredScene& scene) {
    try {
        scene.bands = read_bands(window_of(scene), profile_.bands, request_.source);
    } catch (const Error& error) {
        if (error.code != Exit::bad_input) throw;
        scene.bands = read_bands(window_of(scene), profile_.bands, request_.source);
    }
}

bool SceneStore::find_offset(StoredScene& scene) {
    const auto percentile = [&] {
        std::vector<const BandPatch*> bands;
        for (const char* name : {"blue", "red", "swir22"})
            if (const auto at = std::ranges::find(profile_.bands, name); at != profile_.bands.end())
                bands.push_back(
                    &scene.bands[static_cast<std::size_t>(at - profile_.bands.begin())]);
        return lowest_percentile(bands, *scene.quality, box_);
    };
    const OffsetAnswer answer = boa_offset(
        {request_.offset, scene.layout->offset, scene.item->baseline, scene.item->offset_applied},
        percentile);
    if (!answer.offset) {
        warnings_.emplace_back("W_OFFSET", scene.item->id + ": " + answer.rule);
        return false;
    }
    scene.offset = *answer.offset;
    scene.offset_rule = answer.rule;
    scene.offset_percentile = answer.percentile;
    return true;
}

void SceneStore::make_room(const StoredScene& scene) {
    while (true) {
        std::size_t bytes = 0;
        StoredScene* oldest = nullptr;
        for (StoredScene& other : scenes_) {
            bytes += bytes_of(other);
            if (!other.bands.empty() && &other != &scene &&
                (oldest == nullptr || other.last_use < oldest->last_use))
                oldest = &other;
        }
        if (bytes <= request_.kept_bytes || oldest == nullptr) return;
        spill(*oldest);
    }
}

void SceneStore::spill(StoredScene& scene) {
    for (const BandPatch& band : scene.bands) scene.spilled.push_back(spill_.put(band));
    scene.bands = {};
}

Plane<std::uint16_t> SceneStore::take_plane() {
    const int size = request_.task.shape.size_px;
    if (spare_.empty()) return {size, size};
    Plane<std::uint16_t> plane = std::move(spare_.back());
    spare_.pop_back();
    return plane;
}

void SceneStore::give_back(std::vector<Plane<std::uint16_t>> planes) {
    std::ranges::move(planes, std::back_inserter(spare_));
}

const BandPatch& SceneStore::band(const StoredScene& scene, std::size_t index,
                                  const PixelBox& box) {
    if (!scene.bands.empty()) return scene.bands[index];
    spill_.get(scene.spilled[index], box, part_);
    return part_;
}

}  // namespace hls::chip
