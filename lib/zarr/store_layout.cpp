// SPDX-License-Identifier: Apache-2.0
#include "zarr/store_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.hpp"
#include "zarr/array.hpp"
#include "zarr/conventions.hpp"
#include "zarr/encoding_config.hpp"

namespace hls::zarr {
namespace {

// Readers fetch a coordinate whole: one object, up to this many elements.
constexpr std::uint64_t kCoordinateChunk = 65'536;

template <typename T>
Bytes bytes_of(const T& value) {
    Bytes bytes(sizeof(T));
    std::memcpy(bytes.data(), &value, sizeof(T));
    return bytes;
}

Bytes bytes_of_numbers(const std::vector<double>& numbers) {
    Bytes bytes(numbers.size() * sizeof(double));
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
    return bytes;
}

// What a missing chunk reads as when neither configuration nor file say: what data rarely hold.
Bytes usual_fill(const DataType& type) {
    if (type == kFloat32) return bytes_of(std::numeric_limits<float>::quiet_NaN());
    if (type == kFloat64) return bytes_of(std::numeric_limits<double>::quiet_NaN());
    Bytes fill(type.bytes,
               type.kind == TypeKind::unsigned_integer ? std::byte{0xff} : std::byte{0});
    if (type.kind == TypeKind::integer) fill.back() = std::byte{0x80};  // the least, little-endian
    return fill;
}

ArrayMetadata coordinate(const Collection& collection, std::string_view name, DataType type,
                         std::uint64_t size) {
    ArrayMetadata array;
    array.format = collection.format;
    array.type = type;
    array.shape = {size};
    array.fill = usual_fill(type);
    array.dimensions = std::vector{std::string(name)};
    set_encoding(array, {std::clamp<std::uint64_t>(size, 1, kCoordinateChunk)}, {},
                 collection.separator, std::nullopt, "coordinates");
    return array;
}

ArrayMetadata time_array(const Collection& collection, const char* long_name) {
    const AppendAxis& axis = collection.axis;
    ArrayMetadata array = coordinate(collection, axis.dimension, kInt64, 0);
    set_encoding(array, {axis.time_chunk}, {}, collection.separator, std::nullopt, "time");
    array.attributes = {{"units", axis.units.text},
                        {"calendar", "proleptic_gregorian"},
                        {"standard_name", "time"},
                        {"long_name", long_name}};
    return array;
}

// GDAL's order x0 dx 0 y0 0 dy; the affine order dx 0 x0 0 dy y0 is told apart by its zeros.
std::array<double, 6> gdal_order(const std::vector<double>& t) {
    if (t[1] == 0 && t[3] == 0) return {t[2], t[0], t[1], t[5], t[3], t[4]};
    return {t[0], t[1], t[2], t[3], t[4], t[5]};
}

// The grid of the first variable that has one, or the configured one.
std::optional<GeoGrid> grid_of(const Collection& collection, const Source& first) {
    const GridConfig& config = collection.grid;
    const std::size_t count = collection.dimensions.size();
    if (count < 3) return std::nullopt;
    GeoGrid grid;
    grid.y = collection.dimensions[count - 2].name;
    grid.x = collection.dimensions[count - 1].name;
    if (config.explicit_grid) {
        grid.crs = config.crs;
        grid.transform = gdal_order(config.transform);
        grid.rows = config.rows;
        grid.cols = config.cols;
        return grid;
    }
    for (const SourceVariable& variable : first.variables()) {
        const auto found = first.grid(variable);
        if (!found) continue;
        grid.crs = found->crs.empty() ? config.crs : found->crs;
        grid.transform = found->transform;
        grid.rows = found->rows;
        grid.cols = found->cols;
        return grid;
    }
    return std::nullopt;
}

class LayoutMaker {
 public:
    LayoutMaker(const Collection& collection, Source& first)
        : collection_(collection), first_(first), grid_(grid_of(collection, first)) {}

    StoreLayout make() {
        layout_.hierarchy.format = collection_.format;
        layout_.hierarchy.consolidated = true;
        for (const auto& dimension : collection_.dimensions)
            if (dimension.name != collection_.axis.dimension) add_dimension(dimension);
        if (has_crs()) add_grid_mapping();
        for (const auto& variable : collection_.variables) add_variable(variable);
        add_times();
        add_root();
        return std::move(layout_);
    }

 private:
    void add(const std::string& name, ArrayMetadata array, Bytes content) {
        layout_.hierarchy.nodes[name] = std::move(array);
        layout_.constants[name] = std::move(content);
    }

    bool has_crs() const { return grid_ && !grid_->crs.empty(); }

    void add_dimension(const CollectionDimension& dimension) {
        const bool rows = grid_ && dimension.name == grid_->y;
        const bool cols = grid_ && dimension.name == grid_->x;
        const SourceVariable* given = first_.find(dimension.source);
        if (given != nullptr && given->shape.size() != 1) given = nullptr;
        const bool computed =
            (rows || cols) && (collection_.grid.explicit_grid || given == nullptr);
        std::uint64_t& size = sizes_[dimension.name];
        if (computed) {
            GridArrays arrays = grid_arrays(*grid_, collection_.format);
            const auto numbers = rows ? cell_centres_y(*grid_) : cell_centres_x(*grid_);
            size = numbers.size();
            add(dimension.name, rows ? std::move(arrays.y) : std::move(arrays.x),
                bytes_of_numbers(numbers));
        } else if (given != nullptr && !dimension.ragged) {
            size = given->shape[0];
            ArrayMetadata array = coordinate(collection_, dimension.name, given->type, size);
            array.attributes = given->attributes;
            if (!given->units.empty()) array.attributes["units"] = given->units;
            add(dimension.name, std::move(array), first_.read_all(*given));
        } else {
            size = dimension.size != 0 ? dimension.size : size_in_file(dimension);
        }
        if (dimension.size != 0 && size != dimension.size)
            throw Error{Exit::bad_input, fmt::format("{} has {} elements, not {}", dimension.name,
                                                     size, dimension.size)};
    }

    std::uint64_t size_in_file(const CollectionDimension& dimension) const {
        for (const SourceVariable& variable : first_.variables())
            for (std::size_t i = 0; i < variable.dimensions.size(); ++i)
                if (variable.dimensions[i] == dimension.source) return variable.shape[i];
        throw Error{Exit::bad_input,
                    fmt::format("the first file has no dimension {}", dimension.source),
                    "name it with dims." + dimension.name + ".source, or give its size"};
    }

    void add_grid_mapping() {
        add(kGridMapping, grid_arrays(*grid_, collection_.format).spatial_ref,
            bytes_of(std::int32_t{0}));
    }

    void add_variable(const CollectionVariable& variable) {
        const SourceVariable* source = variable.source.empty() && first_.find("") == nullptr
                                           ? first_.find(variable.name)
                                           : first_.find(variable.source);
        // A raster that feeds another variable says nothing of this one but its grid.
        const bool own = source != nullptr && (variable.conditions.empty() || !variable.type);
        if (source == nullptr && !variable.type)
            throw Error{Exit::bad_input,
                        fmt::format("the first file has no variable for {}", variable.name),
                        "give its dtype in the configuration"};
        ArrayMetadata array;
        array.format = collection_.format;
        array.type = variable.type ? *variable.type : source->type;
        array.fill = variable.fill         ? fill_from_json(array.type, *variable.fill)
                     : own && source->fill ? *source->fill
                                           : usual_fill(array.type);
        if (array.fill.size() != array.type.bytes) array.fill = usual_fill(array.type);
        array.dimensions = variable.dimensions;
        set_shape(variable, array);
        set_attributes(variable, own ? source : nullptr, array);
        layout_.hierarchy.nodes[variable.name] = std::move(array);
    }

    void set_shape(const CollectionVariable& variable, ArrayMetadata& array) const {
        Shape chunks;
        Shape shards;
        for (const std::string& name : variable.dimensions) {
            const CollectionDimension& dimension = *collection_.dimension(name);
            const bool grows = name == collection_.axis.dimension;
            const std::uint64_t size = grows ? 0 : sizes_.at(name);
            const auto own = variable.chunks.find(name);
            std::uint64_t chunk = own != variable.chunks.end() ? own->second : dimension.chunk;
            if (chunk == 0) chunk = std::max<std::uint64_t>(size, 1);
            array.shape.push_back(size);
            chunks.push_back(chunk);
            shards.push_back(own != variable.chunks.end() ? 0 : dimension.shard);
        }
        set_encoding(array, chunks, shards, collection_.separator, variable.codec,
                     "variables." + variable.name + ".codec");
    }

    void set_attributes(const CollectionVariable& variable, const SourceVariable* source,
                        ArrayMetadata& array) const {
        if (source != nullptr) array.attributes = source->attributes;
        const auto set = [&](const char* name, const auto& wanted, const auto& given) {
            if (wanted)
                array.attributes[name] = *wanted;
            else if (given)
                array.attributes[name] = *given;
        };
        const SourceVariable none;
        const SourceVariable& given = source != nullptr ? *source : none;
        set("scale_factor", variable.scale, given.scale);
        set("add_offset", variable.offset, given.offset);
        set("units", variable.units,
            given.units.empty() ? std::nullopt : std::optional(given.units));
        for (const auto& [name, value] : variable.attributes) array.attributes[name] = value;
        if (has_crs() && lies_on_grid(variable)) array.attributes["grid_mapping"] = kGridMapping;
        set_fill_attribute(array);
    }

    bool lies_on_grid(const CollectionVariable& variable) const {
        const auto has = [&](const std::string& name) {
            return std::ranges::find(variable.dimensions, name) != variable.dimensions.end();
        };
        return has(grid_->y) && has(grid_->x);
    }

    void add_times() {
        const AppendAxis& axis = collection_.axis;
        ArrayMetadata array = time_array(
            collection_, axis.kind == AxisKind::daily ? "start of the day" : "time of observation");
        array.attributes["axis"] = "T";
        layout_.hierarchy.nodes[axis.dimension] = std::move(array);
        if (!axis.acquisition.empty()) {
            ArrayMetadata exact = time_array(
                collection_, "time of acquisition; start of the day where there is none");
            set_fill_attribute(exact);
            layout_.hierarchy.nodes[axis.acquisition] = std::move(exact);
        }
    }

    void add_root() {
        GroupMetadata root;
        root.format = collection_.format;
        root.attributes = collection_.attributes;
        root.attributes.emplace("Conventions", "CF-1.10");
        if (!collection_.description.empty())
            root.attributes.emplace("title", collection_.description);
        if (collection_.geozarr && collection_.format == 3 && has_crs())
            for (const auto& [name, value] : geozarr_attributes(*grid_))
                root.attributes.insert_or_assign(name, value);
        layout_.hierarchy.nodes[""] = std::move(root);
    }

    const Collection& collection_;
    Source& first_;
    std::optional<GeoGrid> grid_;
    std::map<std::string, std::uint64_t> sizes_;
    StoreLayout layout_;
};

}  // namespace

ArrayMetadata StoreLayout::array(const Collection& collection, const std::string& name,
                                 std::uint64_t length) const {
    const ArrayMetadata* found = hierarchy.array(name);
    if (found == nullptr)
        throw Error{Exit::bad_input, fmt::format("the store has no array {}", name)};
    ArrayMetadata array = *found;
    if (array.dimensions && !array.dimensions->empty() &&
        array.dimensions->front() == collection.axis.dimension)
        array.shape.front() = length;
    return array;
}

std::vector<Document> StoreLayout::documents(const Collection& collection,
                                             std::uint64_t length) const {
    Hierarchy grown = hierarchy;
    for (auto& [name, node] : grown.nodes)
        if (std::holds_alternative<ArrayMetadata>(node)) node = array(collection, name, length);
    return metadata_documents(grown, {collection.axis.dimension});
}

StoreLayout make_layout(const Collection& collection, Source& first) {
    StoreLayout layout = LayoutMaker(collection, first).make();
    // What could not be read again is not made.
    for (const auto& [name, node] : layout.hierarchy.nodes)
        if (const auto* array = std::get_if<ArrayMetadata>(&node)) Array(name, *array);
    return layout;
}

StoreLayout read_layout(const Collection& collection, const ObjectStore& store) {
    StoreLayout layout;
    layout.hierarchy = read_hierarchy(store, MetadataSource::consolidated);
    layout.hierarchy.consolidated = true;
    for (auto& [name, node] : layout.hierarchy.nodes) {
        auto* array = std::get_if<ArrayMetadata>(&node);
        if (array == nullptr) continue;
        const bool grows = array->dimensions && !array->dimensions->empty() &&
                           array->dimensions->front() == collection.axis.dimension;
        if (grows)
            array->shape.front() = 0;
        else
            layout.constants[name] = Array(name, *array).read(store, whole(array->shape));
    }
    for (const auto& variable : collection.variables)
        if (layout.hierarchy.array(variable.name) == nullptr)
            throw Error{Exit::bad_input,
                        fmt::format("{} has no array {} of collection {}", store.name(),
                                    variable.name, collection.name),
                        "it was made with another configuration"};
    if (layout.hierarchy.array(collection.axis.dimension) == nullptr)
        throw Error{Exit::bad_input,
                    fmt::format("{} has no array {}", store.name(), collection.axis.dimension)};
    return layout;
}

const SourceVariable& source_of(const CollectionVariable& variable, const Source& file) {
    const SourceVariable* found = file.find(variable.source);
    if (found == nullptr && variable.source.empty()) found = file.find(variable.name);
    if (found == nullptr)
        throw Error{Exit::bad_input,
                    fmt::format("no variable {}",
                                variable.source.empty() ? variable.name : variable.source)};
    return *found;
}

}  // namespace hls::zarr
