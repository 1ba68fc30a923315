// SPDX-License-Identifier: Apache-2.0
#include "fetch/box.hpp"

#include <algorithm>

namespace hls::fetch {

std::optional<Box> box_around(const std::vector<std::pair<double, double>>& points) {
    if (points.empty()) return std::nullopt;
    Box box{points[0].first, points[0].second, points[0].first, points[0].second};
    for (const auto& [lon, lat] : points)
        box = {std::min(box[0], lon), std::min(box[1], lat), std::max(box[2], lon),
               std::max(box[3], lat)};
    if (box[2] - box[0] <= 180) return box;
    box[0] = 180;
    box[2] = -180;
    for (const auto& [lon, lat] : points) {
        if (lon > 0) box[0] = std::min(box[0], lon);
        if (lon <= 0) box[2] = std::max(box[2], lon);
    }
    return box;
}

std::vector<Box> plain_boxes(const Box& box) {
    if (box[0] <= box[2]) return {box};
    return {{box[0], box[1], 180, box[3]}, {-180, box[1], box[2], box[3]}};
}

bool boxes_meet(const Box& a, const Box& b) noexcept {
    const auto meet = [](double a0, double a1, double b0, double b1) {
        return a0 <= b1 && b0 <= a1;
    };
    if (!meet(a[1], a[3], b[1], b[3])) return false;
    for (const double shift : {-360.0, 0.0, 360.0})
        if (meet(a[0], a[2] + (a[0] > a[2] ? 360 : 0), b[0] + shift,
                 b[2] + (b[0] > b[2] ? 360 : 0) + shift))
            return true;
    return false;
}

}  // namespace hls::fetch
