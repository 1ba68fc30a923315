// SPDX-License-Identifier: Apache-2.0
// Whether a file's values mean what the store's do. Anything else is refused: a shifted grid or
// another scale would be silent damage.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "io/crs.hpp"
#include "zarr/conventions.hpp"
#include "zarr/numbers.hpp"
#include "zarr/store_layout.hpp"

namespace hls::zarr {
namespace {

[[noreturn]] void refuse(std::string_view what, const std::string& store, const std::string& file) {
    throw Error{Exit::bad_input,
                fmt::format("{} is {} in the file and {} in the store", what, file, store)};
}

std::string text_of(const JsonValue& value) {
    return format_json(value, JsonLayout::compact);
}

std::string text_of(double number) {
    return fmt::format("{}", number);
}

double attribute_number(const ArrayMetadata& array, std::string_view name, double fallback) {
    const JsonValue* value = member(array.attributes, name);
    return value == nullptr ? fallback : number_of(*value, name);
}

// Scale factors are often kept in single precision.
bool same_number(double a, double b) {
    return std::abs(a - b) <= 1e-6 * std::max(std::abs(a), std::abs(b));
}

void require_same_encoding(const CollectionVariable& variable, const ArrayMetadata& array,
                           const SourceVariable& source) {
    const auto what = [&](const char* property) {
        return fmt::format("{} of {}", property, variable.name);
    };
    if (source.type != array.type)
        refuse(what("dtype"), data_type_name(array.type), data_type_name(source.type));
    if (source.fill && *source.fill != array.fill)
        refuse(what("fill"), text_of(fill_to_json(array.type, array.fill)),
               text_of(fill_to_json(source.type, *source.fill)));
    const double scale = attribute_number(array, "scale_factor", 1);
    if (source.scale && !same_number(*source.scale, scale))
        refuse(what("scale"), text_of(scale), text_of(*source.scale));
    const double offset = attribute_number(array, "add_offset", 0);
    if (source.offset && !same_number(*source.offset, offset))
        refuse(what("offset"), text_of(offset), text_of(*source.offset));
    const JsonValue* units = member(array.attributes, "units");
    const auto* known = units == nullptr ? nullptr : units->get<std::string>();
    if (!source.units.empty() && known != nullptr && source.units != *known)
        refuse(what("units"), *known, source.units);
}

void require_same_shape(const Collection& collection, const CollectionVariable& variable,
                        const ArrayMetadata& array, const SourceVariable& source) {
    // A file of one time may do without the dimension that grows.
    const std::size_t skipped = variable.dimensions.size() - source.dimensions.size();
    if (source.dimensions.size() > variable.dimensions.size() || skipped > 1)
        refuse(fmt::format("rank of {}", variable.name), std::to_string(array.shape.size()),
               std::to_string(source.shape.size()));
    for (std::size_t i = 1; i < variable.dimensions.size(); ++i) {
        const CollectionDimension& dimension = *collection.dimension(variable.dimensions[i]);
        const std::uint64_t have = source.shape[i - skipped];
        const std::uint64_t want = array.shape[i];
        const bool fits =
            have == want || (dimension.ragged && have < want) || (dimension.crop && have > want);
        if (!fits)
            refuse(fmt::format("size of {} of {}", dimension.name, variable.name),
                   std::to_string(want), std::to_string(have));
    }
}

// Values along a dimension as the file has them; empty if it says nothing.
std::vector<double> file_coordinate(const CollectionDimension& dimension, bool rows, bool cols,
                                    const std::optional<SourceGrid>& grid, Source& file) {
    if (const SourceVariable* given = file.find(dimension.source))
        if (given->shape.size() == 1) return to_numbers(given->type, file.read_all(*given));
    if (!grid || (!rows && !cols)) return {};
    GeoGrid cells;
    cells.transform = grid->transform;
    cells.rows = grid->rows;
    cells.cols = grid->cols;
    return rows ? cell_centres_y(cells) : cell_centres_x(cells);
}

void require_same_coordinate(const CollectionDimension& dimension, double tolerance,
                             const std::vector<double>& store, const std::vector<double>& file) {
    if (store.size() != file.size())
        refuse("size of " + dimension.name, std::to_string(store.size()),
               std::to_string(file.size()));
    for (std::size_t i = 0; i < store.size(); ++i) {
        const double step = store.size() < 2 ? std::abs(store[0])
                            : i == 0         ? std::abs(store[1] - store[0])
                                             : std::abs(store[i] - store[i - 1]);
        if (!(std::abs(store[i] - file[i]) <= tolerance * step))
            refuse(fmt::format("{}[{}]", dimension.name, i), text_of(store[i]), text_of(file[i]));
    }
}

void require_same_crs(const StoreLayout& layout, const std::optional<SourceGrid>& grid) {
    const ArrayMetadata* mapping = layout.hierarchy.array(kGridMapping);
    if (mapping == nullptr || !grid || grid->crs.empty()) return;
    const JsonValue* wkt = member(mapping->attributes, "crs_wkt");
    const auto* known = wkt == nullptr ? nullptr : wkt->get<std::string>();
    if (known == nullptr || io::same_crs(*known, grid->crs)) return;
    const auto name = [](const std::string& definition) {
        const auto crs = io::describe_crs(definition);
        return crs.epsg == 0 ? crs.wkt.substr(0, 60) : fmt::format("EPSG:{}", crs.epsg);
    };
    refuse("reference system", name(*known), name(grid->crs));
}

}  // namespace

void require_fits(const Collection& collection, const StoreLayout& layout, Source& file,
                  const std::vector<std::string>& variables) {
    for (const std::string& name : variables) {
        const CollectionVariable& variable = *collection.variable(name);
        const SourceVariable& source = source_of(variable, file);
        const ArrayMetadata array = layout.array(collection, name, 0);
        require_same_encoding(variable, array, source);
        require_same_shape(collection, variable, array, source);
    }
    const auto grid = file.grid(source_of(*collection.variable(variables.front()), file));
    require_same_crs(layout, grid);
    const std::size_t count = collection.dimensions.size();
    for (std::size_t i = 1; i < count; ++i) {
        const CollectionDimension& dimension = collection.dimensions[i];
        const auto constant = layout.constants.find(dimension.name);
        if (constant == layout.constants.end()) continue;
        const auto given = file_coordinate(dimension, count >= 3 && i == count - 2,
                                           count >= 3 && i == count - 1, grid, file);
        if (given.empty()) continue;
        const DataType& type = layout.hierarchy.array(dimension.name)->type;
        require_same_coordinate(dimension, collection.grid.tolerance_px,
                                to_numbers(type, constant->second), given);
    }
}

}  // namespace hls::zarr
