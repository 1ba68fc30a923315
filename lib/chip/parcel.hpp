// SPDX-License-Identifier: Apache-2.0
// A field as a candidate for a chip: its class, its chance, its cell and its window. All of it
// follows from the field and the rules of the data set, never from the order of work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chip/class_map.hpp"
#include "chip/window.hpp"
#include "io/polygon_layer.hpp"

namespace hls::chip {

// Cells of one task: "deg:0.05", or "mgrs:2048" for blocks of pixels of a tile.
struct CellGrid {
    enum class Kind { degrees, tile_blocks };
    Kind kind = Kind::degrees;
    double size = 0.05;  // degrees or pixels
};
// Throws Error{usage}.
CellGrid parse_cell_grid(std::string_view text);
std::string format_cell_grid(const CellGrid& grid);

// A polygon belongs to the cell of its point (half open cells) and the tile of its window, so that
// it has exactly one task.
struct CellKey {
    std::string tile;
    int col = 0, row = 0;

    auto operator<=>(const CellKey&) const = default;
};

struct ParcelRules {
    std::string layer;  // part of every key
    std::uint64_t seed = 42;
    CellGrid grid;
    ChipShape shape;
    double min_area_m2 = 2500;
    bool climb_class_map = false;
};

struct Parcel {
    std::string key;  // layer, unit separator, id
    std::string id;
    int klass = 0;
    double u = 0;  // draw() of the key
    geo::LonLat point;
    bool centroid = true;  // false: the centroid lies outside, the point is another one
    CellKey cell;
    ChipWindow window;
    double area_m2 = 0;
};

enum class Unfit { none, geometry, antimeridian, code, unmapped, other_class, small, edge };

// Rings that jump from one side of the world to the other. Such a field has no window, and its
// outline would run around the globe.
bool crosses_antimeridian(const io::PolygonFeature& feature) noexcept;

// The class of a feature; nullopt with the reason in `why`.
std::optional<int> class_of(const io::PolygonFeature& feature, const ClassMap& map, bool climb,
                            Unfit& why);

// nullopt with the reason in `why` for a feature that gets no chip.
std::optional<Parcel> make_parcel(const io::PolygonFeature& feature, const ClassMap& map,
                                  const ParcelRules& rules, Unfit& why);

}  // namespace hls::chip
