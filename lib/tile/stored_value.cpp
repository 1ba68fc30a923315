// SPDX-License-Identifier: Apache-2.0
#include "tile/stored_value.hpp"

#include "scene/ac_scene.hpp"

namespace hls::tile {
namespace {

constexpr double kReflectanceCounts = 1e4;  // per unit
constexpr double kThermalCounts = 100;      // per degree
constexpr double kCelsiusZero = 273.16;

template <typename Convert>
StoredTable make_table(Convert convert) {
    StoredTable table{};
    table[0] = kFill;
    for (std::size_t u = 1; u < table.size(); ++u)
        table[u] = round_half_up(convert(static_cast<double>(u)));
    return table;
}

}  // namespace

const StoredTable& reflectance_table() {
    static const StoredTable table = make_table([](double u) {
        return (u * scene::kReflectanceScale + scene::kReflectanceOffset) * kReflectanceCounts;
    });
    return table;
}

const StoredTable& thermal_table() {
    static const StoredTable table = make_table([](double u) {
        return ((u * scene::kThermalScale + scene::kThermalOffset) - kCelsiusZero) * kThermalCounts;
    });
    return table;
}

}  // namespace hls::tile
