// SPDX-License-Identifier: Apache-2.0
#include "zarr/store_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.hpp"
#include "io/crs.hpp"
#include "zarr/base64.hpp"
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
    Bytes fill(type.bytes, type.kind == TypeKind::unsigned_integer ? std::byte{0xff} : std::byte{0});
    if (type.kind == TypeKind::integer) fill.back() = std::byte{0x80};  // the least, little-endian
    return fill;
}

// Version 3 has no fill value that says "missing": xarray reads attribute _FillValue, for floating
// types the base64 of the little-endian double.
void add_fill_attribute(ArrayMetadata& array) {
    if (array.format == 2) return;
    if (array.type.kind == TypeKind::floating)
        array.attributes["_FillValue"] =
            base64_encode(bytes_of(to_numbers(array.type, array.fill).front()));
    else
        array.attributes["_FillValue"] = fill_to_json(array.type, array.fill);
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

// Cell centres, half a pixel inside the corner.
std::vector<double> centres(double corner, double step, std::uint64_t count) {
    std::vector<double> numbers(count);
    for (std::uint64_t i = 0; i < count; ++i)
        numbers[i] = corner + (static_cast<double>(i) + 0.5) * step;
    return numbers;
}

// GDAL's order x0 dx 0 y0 0 dy; the affine order dx 0 x0 0 dy y0 is told apart by its zeros.
std::array<double, 6> gdal_order(const std::vector<double>& t) {
    if (t[1] == 0 && t[3] == 0) return {t[2], t[0], t[1], t[5], t[3], t[4]};
    return {t[0], t[1], t[2], t[3], t[4], t[5]};
}

std::optional<SourceGrid> grid_of(const Collection& collection, const SourceFile& first) {
    const GridConfig& config = collection.grid;
    if (!config.explicit_grid) return first.grid();
    SourceGrid grid;
    grid.crs = config.crs;
    grid.transform = gdal_order(config.transform);
    grid.rows = config.rows;
    grid.cols = config.cols;
    grid.has_transform = true;
    if (grid.transform[2] != 0 || grid.transform[4] != 0 || grid.transform[1] == 0 ||
        grid.transform[5] == 0)
        throw Error{Exit::usage, "grid.transform is neither x0 dx 0 y0 0 dy nor dx 0 x0 0 dy y0"};
    return grid;
}

// The two dimensions of the grid are the last two of the collection.
bool is_rows(const Collection& collection, const CollectionDimension& dimension) {
    const std::size_t count = collection.dimensions.size();
    return count >= 3 && collection.dimensions[count - 2].name == dimension.name;
}
bool is_cols(const Collection& collection, const CollectionDimension& dimension) {
    return collection.dimensions.size() >= 3 && collection.dimensions.back().name == dimension.name;
}

std::string number_text(double number) {
    return format_json(JsonValue(number), JsonLayout::compact);
}

class LayoutMaker {
 public:
    LayoutMaker(const Collection& collection, SourceFile& first)
        : collection_(collection), first_(first), grid_(grid_of(collection, first)) {
        if (grid_ && !grid_->crs.empty()) crs_ = io::describe_crs(grid_->crs);
    }

    StoreLayout make() {
        layout_.hierarchy.format = collection_.format;
        layout_.hierarchy.consolidated = true;
        for (const auto& dimension : collection_.dimensions)
            if (dimension.name != collection_.axis.dimension) add_dimension(dimension);
        if (crs_) add_grid_mapping();
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

    void add_dimension(const CollectionDimension& dimension) {
        const bool rows = is_rows(collection_, dimension);
        const bool cols = is_cols(collection_, dimension);
        const SourceVariable* given = first_.find(dimension.source);
        const bool computed = grid_ && grid_->has_transform && (rows || cols) &&
                              (collection_.grid.explicit_grid || given == nullptr);
        if (computed) {
            const auto& t = grid_->transform;
            const auto numbers = rows ? centres(t[3], t[5], grid_->rows)
                                      : centres(t[0], t[1], grid_->cols);
            sizes_[dimension.name] = numbers.size();
            ArrayMetadata array =
                coordinate(collection_, dimension.name, kFloat64, numbers.size());
            array.attributes = axis_attributes(rows);
            add(dimension.name, std::move(array), bytes_of_numbers(numbers));
        } else if (given != nullptr && given->shape.size() == 1 && !dimension.ragged) {
            sizes_[dimension.name] = given->shape[0];
            ArrayMetadata array =
                coordinate(collection_, dimension.name, given->type, given->shape[0]);
            array.attributes = given->attributes;
            if (given->units) array.attributes["units"] = *given->units;
            add(dimension.name, std::move(array), first_.read(*given, whole(given->shape)));
        } else {
            sizes_[dimension.name] = dimension.size != 0 ? dimension.size : size_in_file(dimension);
        }
        if (dimension.size != 0 && sizes_[dimension.name] != dimension.size)
            throw Error{Exit::bad_input, fmt::format("{} has {} elements, not {}", dimension.name,
                                                     sizes_[dimension.name], dimension.size)};
    }

    std::uint64_t size_in_file(const CollectionDimension& dimension) const {
        for (const SourceVariable& variable : first_.variables())
            for (std::size_t i = 0; i < variable.dimensions.size(); ++i)
                if (variable.dimensions[i] == dimension.source) return variable.shape[i];
        throw Error{Exit::bad_input,
                    fmt::format("the first file has no dimension {}", dimension.source),
                    "name it with dims." + dimension.name + ".source, or give its size"};
    }

    JsonObject axis_attributes(bool rows) const {
        if (crs_ && crs_->geographic)
            return {{"standard_name", rows ? "latitude" : "longitude"},
                    {"units", rows ? "degrees_north" : "degrees_east"},
                    {"axis", rows ? "Y" : "X"}};
        return {{"standard_name", rows ? "projection_y_coordinate" : "projection_x_coordinate"},
                {"units", "m"},
                {"axis", rows ? "Y" : "X"}};
    }

    void add_grid_mapping() {
        ArrayMetadata array;
        array.format = collection_.format;
        array.type = kInt32;
        array.fill = usual_fill(kInt32);
        array.dimensions = std::vector<std::string>{};
        set_encoding(array, {}, {}, collection_.separator, JsonValue("none"), kGridMapping);
        for (const auto& [name, value] : crs_->cf_attributes)
            std::visit([&](const auto& content) { array.attributes[name] = content; }, value);
        array.attributes["crs_wkt"] = crs_->wkt;
        if (grid_->has_transform) {
            std::string text;
            for (const double number : grid_->transform)
                text += (text.empty() ? "" : " ") + number_text(number);
            array.attributes["GeoTransform"] = text;
        }
        add(kGridMapping, std::move(array), bytes_of(std::int32_t{0}));
    }

    void add_variable(const CollectionVariable& variable) {
        const SourceVariable* source =
            variable.source.empty() && first_.find("") == nullptr ? first_.find(variable.name)
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
        array.fill = variable.fill                ? fill_from_json(array.type, *variable.fill)
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
        set("units", variable.units, given.units);
        for (const auto& [name, value] : variable.attributes) array.attributes[name] = value;
        if (crs_ && lies_on_grid(variable)) array.attributes["grid_mapping"] = kGridMapping;
        add_fill_attribute(array);
    }

    bool lies_on_grid(const CollectionVariable& variable) const {
        const std::size_t count = collection_.dimensions.size();
        return count >= 3 &&
               std::ranges::find(variable.dimensions, collection_.dimensions[count - 1].name) !=
                   variable.dimensions.end() &&
               std::ranges::find(variable.dimensions, collection_.dimensions[count - 2].name) !=
                   variable.dimensions.end();
    }

    void add_times() {
        const AppendAxis& axis = collection_.axis;
        ArrayMetadata array = time_array(collection_, axis.kind == AxisKind::daily
                                                          ? "start of the day"
                                                          : "time of observation");
        array.attributes["axis"] = "T";
        layout_.hierarchy.nodes[axis.dimension] = std::move(array);
        if (!axis.acquisition.empty()) {
            ArrayMetadata exact = time_array(collection_, "time of acquisition");
            add_fill_attribute(exact);
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
        if (collection_.geozarr && collection_.format == 3 && crs_) add_conventions(root);
        layout_.hierarchy.nodes[""] = std::move(root);
    }

    // The registered conventions "proj:" and "spatial:".
    void add_conventions(GroupMetadata& root) const {
        const auto convention = [](const std::string& name, const char* purpose) {
            const std::string base = "zarr-conventions/" + name;
            const std::string short_name = name == "geo-proj" ? "proj:" : "spatial:";
            return JsonObject{
                {"name", short_name},
                {"description", purpose},
                {"schema_url",
                 "https://raw.githubusercontent.com/" + base + "/refs/tags/v1/schema.json"},
                {"spec_url", "https://github.com/" + base + "/blob/v1/README.md"}};
        };
        auto& attributes = root.attributes;
        attributes["zarr_conventions"] =
            JsonArray{convention("geo-proj", "Coordinate reference system of the arrays"),
                      convention("spatial", "From array indices to coordinates")};
        if (crs_->code.empty())
            attributes["proj:wkt2"] = crs_->wkt;
        else
            attributes["proj:code"] = crs_->code;
        const std::size_t count = collection_.dimensions.size();
        attributes["spatial:dimensions"] = JsonArray{collection_.dimensions[count - 2].name,
                                                     collection_.dimensions[count - 1].name};
        if (!grid_->has_transform) return;
        const auto& t = grid_->transform;
        attributes["spatial:transform"] = JsonArray{t[1], t[2], t[0], t[4], t[5], t[3]};
        attributes["spatial:shape"] = JsonArray{grid_->rows, grid_->cols};
        const double x1 = t[0] + t[1] * static_cast<double>(grid_->cols);
        const double y1 = t[3] + t[5] * static_cast<double>(grid_->rows);
        attributes["spatial:bbox"] = JsonArray{std::min(t[0], x1), std::min(t[3], y1),
                                               std::max(t[0], x1), std::max(t[3], y1)};
    }

    const Collection& collection_;
    SourceFile& first_;
    std::optional<SourceGrid> grid_;
    std::optional<io::CrsDescription> crs_;
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

StoreLayout make_layout(const Collection& collection, SourceFile& first) {
    return LayoutMaker(collection, first).make();
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
        throw Error{Exit::bad_input, fmt::format("{} has no array {}", store.name(),
                                                 collection.axis.dimension)};
    return layout;
}

const SourceVariable& source_of(const CollectionVariable& variable, const SourceFile& file) {
    const SourceVariable* found = file.find(variable.source);
    if (found == nullptr && variable.source.empty()) found = file.find(variable.name);
    if (found == nullptr)
        throw Error{Exit::bad_input,
                    fmt::format("no variable {}",
                                variable.source.empty() ? variable.name : variable.source)};
    return *found;
}

}  // namespace hls::zarr
