// SPDX-License-Identifier: Apache-2.0
#include "lasrc/scene_ancillary.hpp"

#include "lasrc/window_places.hpp"

namespace hls::lasrc {

ancillary::Ancillary load_scene_ancillary(const std::string& choice, const io::Grid& grid,
                                          std::chrono::year_month_day date, const Quirks& quirks) {
    constexpr int kSteps = 16;  // a side of a scene bends between its corners
    std::vector<ancillary::GeoPoint> outline;
    for (int r = 0; r <= kSteps; ++r)
        for (int c = 0; c <= kSteps; ++c)
            if (r % kSteps == 0 || c % kSteps == 0)
                outline.push_back(place_of(grid, static_cast<double>(grid.rows) * r / kSteps,
                                           static_cast<double>(grid.cols) * c / kSteps));
    const auto water = quirks.half_water_vapour ? ancillary::WaterVapour::as_lasrc
                                                : ancillary::WaterVapour::physical;
    return ancillary::load_ancillary(choice, {date, ancillary::cmg_rectangle(outline), water});
}

std::vector<std::string> source_texts(const ancillary::Ancillary& ancillary) {
    std::vector<std::string> texts;
    for (const auto& source : ancillary.sources)
        texts.push_back(source.path.empty() ? source.what : source.path);
    return texts;
}

}  // namespace hls::lasrc
