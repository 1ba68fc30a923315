// SPDX-License-Identifier: Apache-2.0
#include "simulate/world_ancillary.hpp"

#include <cmath>
#include <functional>

namespace hls::simulate {

void write_world_ancillary(const WorldRequest& world, const AncillaryArea& area,
                           const std::filesystem::path& folder, DayFile kind) {
    std::vector<ancillary::GeoPoint> points;
    for (const geo::LonLat& place : area.outline) points.push_back({place.lat_deg, place.lon_deg});
    const ancillary::CmgRectangle rectangle = ancillary::cmg_rectangle(points);
    const auto law_at = [&area](geo::LonLat place) {
        RatioLaw law = ratio_law_at(place);
        const auto add = [](Line& line, const Line& more) {
            line.slope += more.slope;
            line.intercept += more.intercept;
        };
        add(law.coastal, area.departure.coastal);
        add(law.blue, area.departure.blue);
        add(law.swir2, area.departure.swir2);
        return law;
    };
    const RatioLaw center = law_at(area.center);
    // A number of the law, x 1000, for every cell around the scene; beyond, that of its centre.
    const auto field = [&](const std::function<double(const RatioLaw&)>& number) {
        const auto stored = [number](const RatioLaw& law) {
            return static_cast<int>(std::lround(1000 * number(law)));
        };
        return CmgField{stored(center),
                        [stored, law_at](int row, int col) {
                            return stored(law_at({-179.975 + 0.05 * col, 89.975 - 0.05 * row}));
                        },
                        rectangle};
    };
    AncillaryFields fields;
    const AirColumn air = world.air.snapped();
    fields.elevation_m = {air.elevation_m};
    fields.ozone = {static_cast<int>(std::lround(air.ozone_cm_atm * 400))};
    fields.water = {static_cast<int>(std::lround(air.water_vapour_g_cm2 * 100))};
    RatioFields& ratios = fields.ratios;
    ratios.mean_ndwi = {static_cast<int>(1000 * kNdwiMean)};
    ratios.std_ndwi = {static_cast<int>(1000 * kNdwiDeviation)};
    ratios.ratio1 = field([](const RatioLaw& law) { return law.coastal(kNdwiMean); });
    ratios.ratio2 = field([](const RatioLaw& law) { return law.blue(kNdwiMean); });
    ratios.ratio7 = field([](const RatioLaw& law) { return law.swir2(kNdwiMean); });
    ratios.slope1 = field([](const RatioLaw& law) { return law.coastal.slope; });
    ratios.intercept1 = field([](const RatioLaw& law) { return law.coastal.intercept; });
    ratios.slope2 = field([](const RatioLaw& law) { return law.blue.slope; });
    ratios.intercept2 = field([](const RatioLaw& law) { return law.blue.intercept; });
    ratios.slope7 = field([](const RatioLaw& law) { return law.swir2.slope; });
    ratios.intercept7 = field([](const RatioLaw& law) { return law.swir2.intercept; });
    write_ancillary(folder, std::chrono::floor<std::chrono::days>(world.sensed), fields, kind);
}

}  // namespace hls::simulate
