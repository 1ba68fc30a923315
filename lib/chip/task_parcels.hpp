// SPDX-License-Identifier: Apache-2.0
// The parcels of a task: those that get a chip, and all that lie under the chips.
#pragma once

#include <string>
#include <vector>

#include "chip/burn.hpp"
#include "chip/class_map.hpp"
#include "chip/scene_pixels.hpp"
#include "chip/task.hpp"

namespace hls::chip {

struct LabelPolygon {
    int klass = 0;
    std::string key;
    double area_px = 0;
    std::vector<std::vector<PixelRing>> parts;  // in pixels of the task's tile
};

struct TaskParcels {
    std::vector<Parcel> sampled;       // by key
    std::vector<LabelPolygon> labels;  // large ones first, then by key
};

// Reads the layer around the task's cell. `path` replaces that of the task if not empty.
TaskParcels read_task_parcels(const Task& task, const ClassMap& map, const std::string& path);

// Classes of a box of the tile: later polygons, the smaller ones, lie on top. `overlaps` counts
// per pixel whether two classes claim it.
struct LabelPatch {
    PixelBox box;
    Plane<std::uint8_t> classes;
    Plane<std::uint8_t> contested;  // 1 where two classes meet
    Plane<std::int32_t> fields;     // 1 + index of the polygon on top; empty unless asked for
};
LabelPatch burn_labels(const std::vector<LabelPolygon>& labels, const PixelBox& box,
                       bool fields = false);

}  // namespace hls::chip
