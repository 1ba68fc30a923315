// SPDX-License-Identifier: Apache-2.0
// The scenes of one task: every layer is read once, however many seasons and chips look at it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chip/band_spill.hpp"
#include "chip/boa_offset.hpp"
#include "chip/imagery_table.hpp"
#include "chip/scene_item.hpp"
#include "chip/scene_pixels.hpp"
#include "chip/task.hpp"

namespace hls::chip {

// Code and detail of what is worth knowing but no failure.
using Warning = std::pair<std::string, std::string>;

// Pixels of bands that are kept in memory at most; then those used longest ago go to a file.
inline constexpr std::size_t kKeptBandBytes = 160 << 20;

struct StoredScene {
    const SceneItem* item = nullptr;
    const CollectionLayout* layout = nullptr;
    std::optional<SceneQuality> quality;
    bool failed = false;  // cannot be used, warned of

    bool loaded = false;
    std::vector<BandPatch> bands;  // in the order of the profile, if in memory; else
    std::vector<BandSpill::Slot> spilled;
    int offset = 0;
    std::string offset_rule;
    std::optional<double> offset_percentile;
    std::uint64_t last_use = 0;
};

class SceneStore {
 public:
    struct Request {
        const Task& task;
        const ImageryTable& table;
        OffsetChoice offset;
        PixelSource source;
        std::size_t kept_bytes = kKeptBandBytes;
    };

    // Of `items` those of the task's tile under its cloud limit.
    SceneStore(const Request& request, const std::vector<SceneItem>& items, const PixelBox& box);

    std::vector<StoredScene>& scenes() { return scenes_; }
    const Task& task() const { return request_.task; }

    // Reads the quality layers of these scenes unless it is done; what cannot be read is failed.
    void look(const std::vector<std::size_t>& indices);
    // Reads the bands and finds the offset; false if that fails.
    bool load(StoredScene& scene);

    // A band of a loaded scene, at least what lies under the box; good until the next call.
    const BandPatch& band(const StoredScene& scene, std::size_t index, const PixelBox& box);
    std::size_t band_count() const { return profile_.bands.size(); }

    // A plane of a chip's size, with whatever pixels; planes that are no longer needed are given
    // back, so that chip after chip uses the same memory.
    Plane<std::uint16_t> take_plane();
    void give_back(std::vector<Plane<std::uint16_t>> planes);

    const std::vector<Warning>& warnings() const { return warnings_; }

 private:
    SceneWindow window_of(const StoredScene& scene) const;
    void read(StoredScene& scene);
    bool find_offset(StoredScene& scene);
    void make_room(const StoredScene& scene);
    void spill(StoredScene& scene);

    Request request_;
    BandProfile profile_;
    TileFrame frame_;
    PixelBox box_;
    std::vector<StoredScene> scenes_;
    std::vector<Warning> warnings_;
    std::uint64_t uses_ = 0;
    BandSpill spill_;
    BandPatch part_;  // of a band that was spilled
    std::vector<Plane<std::uint16_t>> spare_;
};

}  // namespace hls::chip
