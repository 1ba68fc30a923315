// SPDX-License-Identifier: Apache-2.0
#include "chip/task_parcels.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <tuple>

#include "chip/pixel_polygon.hpp"
#include "core/error.hpp"

namespace hls::chip {
namespace {

constexpr double kMetresPerDegree = 110574;  // of latitude at the equator, where it is shortest

io::PolygonLayerOptions layer_options(const Task& task, const std::string& path) {
    return {path.empty() ? task.parcels.path : path,
            task.parcels.layer,
            task.parcels.where,
            {task.parcels.id_column, task.parcels.code_column, task.parcels.name_column},
            task.parcels.assume_crs};
}

// The bounding box of the points, grown by a chip: windows reach half of it beyond their point,
// plus the snap and the convergence of the meridian.
void limit_to_chips(io::PolygonLayer& layer, const Task& task) {
    const double metres = 0.75 * task.shape.size_px * task.shape.pixel_m;
    const double lat = metres / kMetresPerDegree;
    const double farthest = std::max(std::abs(task.south_deg), std::abs(task.north_deg)) + lat;
    const double lon = lat / std::cos(std::min(farthest, 85.) * std::numbers::pi / 180);
    layer.limit(task.west_deg - lon, task.south_deg - lat, task.east_deg + lon,
                task.north_deg + lat);
}

bool is_sampled(const Parcel& parcel, const Task& task, const std::set<std::string>& selected) {
    if (task.selected) return selected.contains(parcel.id);
    const auto p = task.sampling_probs.find(parcel.klass);
    return p != task.sampling_probs.end() && parcel.u < p->second;
}

LabelPolygon label_of(const io::PolygonFeature& feature, int klass, const Task& task,
                      const TileFrame& frame) {
    LabelPolygon label{klass, task.parcels.layer + '\x1f' + feature.id, 0, {}};
    for (const io::PolygonPart& part : feature.parts) {
        label.parts.push_back(to_pixels(part, frame, task.shape.pixel_m));
        label.area_px += polygon_area(label.parts.back());
    }
    return label;
}

}  // namespace

TaskParcels read_task_parcels(const Task& task, const ClassMap& map, const std::string& path) {
    io::PolygonLayer layer(layer_options(task, path));
    limit_to_chips(layer, task);
    const ParcelRules rules = task.rules();
    const TileFrame frame = tile_frame(*geo::parse_mgrs_tile(task.cell.tile), task.shape);
    std::set<std::string> selected;
    if (task.selected) selected.insert(task.selected->begin(), task.selected->end());
    TaskParcels parcels;
    io::PolygonFeature feature;
    while (layer.next(feature)) {
        Unfit why = Unfit::none;
        const auto klass = class_of(feature, map, task.climb_class_map, why);
        if (!klass || *klass == 0 || feature.parts.empty() || crosses_antimeridian(feature))
            continue;
        parcels.labels.push_back(label_of(feature, *klass, task, frame));
        const auto parcel = make_parcel(feature, map, rules, why);
        if (parcel && parcel->cell == task.cell && is_sampled(*parcel, task, selected))
            parcels.sampled.push_back(*parcel);
    }
    std::ranges::sort(parcels.sampled, {}, &Parcel::key);
    std::ranges::sort(parcels.labels, [](const LabelPolygon& a, const LabelPolygon& b) {
        return std::tie(b.area_px, a.key) < std::tie(a.area_px, b.key);
    });
    return parcels;
}

LabelPatch burn_labels(const std::vector<LabelPolygon>& labels, const PixelBox& box, bool fields) {
    LabelPatch patch{box, Plane<std::uint8_t>(box.rows, box.cols),
                     Plane<std::uint8_t>(box.rows, box.cols),
                     fields ? Plane<std::int32_t>(box.rows, box.cols) : Plane<std::int32_t>()};
    std::int32_t number = 0;
    for (const LabelPolygon& label : labels) {
        ++number;
        for (const auto& part : label.parts) {
            std::vector<PixelRing> rings = part;
            for (PixelRing& ring : rings)
                for (PixelPoint& point : ring) {
                    point.col -= box.col;
                    point.row -= box.row;
                }
            scan_polygon(rings, 0, box.rows, box.cols, [&](int row, int from, int to) {
                for (int col = from; col < to; ++col) {
                    std::uint8_t& cell = patch.classes(row, col);
                    if (cell != 0 && cell != label.klass) patch.contested(row, col) = 1;
                    cell = static_cast<std::uint8_t>(label.klass);
                    if (fields) patch.fields(row, col) = number;
                }
            });
        }
    }
    return patch;
}

}  // namespace hls::chip
