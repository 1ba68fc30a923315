// SPDX-License-Identifier: Apache-2.0
#include "joblog/unit_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hls::joblog {
namespace {

using std::chrono::microseconds;

// Cover that rounds to 0.0 % is no cover, as hls-mgrs-intersect says.
constexpr double kLeastPercent = 0.05;
// Between the centres of neighbouring rows by day, 23.87 to 23.89 s in published products.
constexpr microseconds kRowInterval{23'880'000};

// The day on which `row` of the granule's pass was seen. A pass over midnight UTC has two.
std::string date_of_row(const Granule& granule, int row) {
    if (!granule.sensed_at || row == granule.row) return granule.acq_date;
    return format_utc(*granule.sensed_at + (row - granule.row) * kRowInterval).substr(0, 10);
}

PlannedUnit tile_unit(const Granule& granule, const geo::MgrsTile& tile, const PlanRules& rules,
                      Overlaps& overlaps) {
    const auto& rows = overlaps.rows_of(tile, granule.path);
    PlannedUnit unit;
    unit.stage = "tile";
    unit.sensor = "L30";
    unit.tile = tile.id();
    unit.path = granule.path;
    const auto date_of = [&](int row) {
        return rules.join_midnight ? date_of_row(granule, row) : granule.acq_date;
    };
    unit.acq_date = rows.empty() ? granule.acq_date : date_of(rows.front().scene.row);
    unit.key = fmt::format("tile:{}/{:03}/{}", unit.tile, unit.path, unit.acq_date);
    bool listed = false;
    for (const auto& cover : rows) {
        const int row = cover.scene.row;
        listed = listed || row == granule.row;
        unit.needs.push_back({fmt::format("ac:{:03}/{:03}/{}", granule.path, row, date_of(row)),
                              Gate::member, cover.percent});
    }
    if (!listed) unit.needs.push_back({granule.ac_key(), Gate::member, 0.0});
    return unit;
}

void add_delivery(std::vector<PlannedUnit>& units, const PlanRules& rules) {
    if (!rules.deliver) return;
    const std::size_t products = units.size();
    for (std::size_t i = 0; i < products; ++i) {
        PlannedUnit unit = units[i];
        unit.needs = {{unit.key, Gate::need}};
        unit.key = "deliver:" + unit.key.substr(unit.key.find(':') + 1);
        unit.stage = "deliver";
        units.push_back(std::move(unit));
    }
}

}  // namespace

const std::vector<geo::TileCover>& Overlaps::tiles_of(geo::PathRow scene) {
    const auto [place, fresh] = tiles_of_.try_emplace(scene);
    if (fresh) {
        place->second = geo::covered_tiles(geo::scene_region(scene), *tiles_);
        std::erase_if(place->second, [](const auto& c) { return c.percent < kLeastPercent; });
    }
    return place->second;
}

const std::vector<geo::SceneCover>& Overlaps::rows_of(const geo::MgrsTile& tile, int path) {
    const auto [place, fresh] = rows_of_.try_emplace({tile, path});
    if (fresh) {
        place->second = geo::covering_scenes(tile, geo::Rows::day);
        std::erase_if(place->second, [path](const auto& cover) {
            return cover.scene.path != path || cover.percent < kLeastPercent;
        });
    }
    return place->second;
}

std::vector<PlannedUnit> plan_correction(const Granule& granule, const PlanRules& rules) {
    PlannedUnit ac{granule.ac_key(), "ac",         granule.sensor, granule.tile,
                   granule.acq_date, granule.path, granule.row};
    std::vector<PlannedUnit> before;
    const auto need = [&](std::string key, std::string stage) -> PlannedUnit& {
        PlannedUnit unit = ac;
        unit.key = key;
        unit.stage = std::move(stage);
        unit.needs.clear();
        ac.needs.push_back({std::move(key)});
        return before.emplace_back(std::move(unit));
    };
    const std::string fetch_key = "fetch:" + granule.id;
    if (rules.fetch) need(fetch_key, "fetch");
    if (rules.mask) {
        PlannedUnit& mask = need("mask:" + granule.id, "mask");
        if (rules.fetch) mask.needs.push_back({fetch_key});
    }
    if (rules.ancillary) {
        PlannedUnit& day = need("aux:" + granule.acq_date, "aux");
        day.sensor = day.tile = "";
        day.path = day.row = 0;
    }
    before.push_back(std::move(ac));
    return before;
}

std::vector<PlannedUnit> plan_products(const Granule& granule, const PlanRules& rules,
                                       Overlaps& overlaps) {
    std::vector<PlannedUnit> units;
    if (granule.mission == Mission::sentinel2) {
        PlannedUnit unit{
            fmt::format("s30:{}/{}/{}", granule.tile, granule.sensor, granule.sensing_name), "s30",
            granule.sensor, granule.tile, granule.acq_date};
        unit.needs.push_back({granule.ac_key(), Gate::member});
        units.push_back(std::move(unit));
    } else if (geo::is_day_row(granule.row)) {
        for (const auto& cover : overlaps.tiles_of({granule.path, granule.row}))
            units.push_back(tile_unit(granule, cover.tile, rules, overlaps));
    }
    add_delivery(units, rules);
    return units;
}

}  // namespace hls::joblog
