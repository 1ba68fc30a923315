// SPDX-License-Identifier: Apache-2.0
// NetCDF files as sources.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "io/array_file.hpp"
#include "zarr/source_kinds.hpp"

namespace hls::zarr {
namespace {

DataType type_of(io::ArrayType type) {
    switch (type) {
        case io::ArrayType::i8:
            return kInt8;
        case io::ArrayType::u8:
            return kUint8;
        case io::ArrayType::i16:
            return kInt16;
        case io::ArrayType::u16:
            return kUint16;
        case io::ArrayType::i32:
            return kInt32;
        case io::ArrayType::u32:
            return kUint32;
        case io::ArrayType::i64:
            return kInt64;
        case io::ArrayType::u64:
            return kUint64;
        case io::ArrayType::f32:
            return kFloat32;
        case io::ArrayType::f64:
            return kFloat64;
        case io::ArrayType::text:
            return {TypeKind::variable_text, 0};
    }
    return kFloat32;
}

JsonValue json_of(const std::string& text) {
    return text;
}
JsonValue json_of(const std::vector<std::string>& texts) {
    return JsonArray(texts.begin(), texts.end());
}
JsonValue json_of(const std::vector<std::int64_t>& numbers) {
    if (numbers.size() == 1) return numbers.front();
    return JsonArray(numbers.begin(), numbers.end());
}
// JSON has no NaN: xarray's spelling of such an attribute is its text.
JsonValue json_of(double number) {
    if (std::isfinite(number)) return number;
    return std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
}
JsonValue json_of(const std::vector<double>& numbers) {
    if (numbers.size() == 1) return json_of(numbers.front());
    JsonArray list;
    for (const double number : numbers) list.push_back(json_of(number));
    return list;
}

JsonObject json_of(const io::Attributes& attributes) {
    JsonObject object;
    for (const auto& [name, value] : attributes)
        object[name] = std::visit([](const auto& one) { return json_of(one); }, value);
    return object;
}

// Moves an attribute out of `attributes`.
std::optional<JsonValue> take(JsonObject& attributes, std::string_view name) {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return std::nullopt;
    auto value = std::move(found->second);
    attributes.erase(found);
    return value;
}

std::optional<double> take_number(JsonObject& attributes, std::string_view name) {
    const auto value = take(attributes, name);
    if (!value) return std::nullopt;
    return number_of(*value, name);
}

bool is_true(const JsonValue& value) {
    const auto* text = value.get<std::string>();
    return text != nullptr && (*text == "true" || *text == "True" || *text == "TRUE");
}

// A signed fill of unsigned bytes is the same bits.
JsonValue as_unsigned(const JsonValue& value) {
    const auto* number = value.get<std::int64_t>();
    return number != nullptr && *number < 0 ? JsonValue(*number + 256) : value;
}

SourceVariable variable_of(const io::ArrayInfo& array) {
    SourceVariable variable;
    variable.name = array.name;
    variable.type = type_of(array.type);
    for (const auto& dimension : array.dimensions) {
        variable.shape.push_back(dimension.size);
        variable.dimensions.push_back(dimension.name);
    }
    auto attributes = json_of(array.attributes);
    const auto is_unsigned = take(attributes, "_Unsigned");
    auto fill = take(attributes, "_FillValue");
    if (auto missing = take(attributes, "missing_value"); !fill) fill = std::move(missing);
    if (fill && is_unsigned && is_true(*is_unsigned)) fill = as_unsigned(*fill);
    if (fill && variable.type.kind != TypeKind::variable_text)
        variable.fill = fill_from_json(variable.type, *fill);
    variable.scale = take_number(attributes, "scale_factor");
    variable.offset = take_number(attributes, "add_offset");
    if (const auto units = take(attributes, "units"); units && units->get<std::string>())
        variable.units = *units->get<std::string>();
    // Which arrays describe a NetCDF dimension is not for a store to say.
    for (const char* name : {"DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME", "_Netcdf4Dimid",
                             "_Netcdf4Coordinates"})
        attributes.erase(name);
    variable.attributes = std::move(attributes);
    return variable;
}

// First value and step of evenly spaced numbers; nullopt for others and for fewer than two.
std::optional<std::pair<double, double>> even_spacing(const std::vector<double>& values) {
    if (values.size() < 2) return std::nullopt;
    const auto last = static_cast<double>(values.size() - 1);
    const double step = (values.back() - values.front()) / last;
    // Coordinates are often float32, a part of a cell off: a thousandth does not move a cell.
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!(std::abs(values[i] - (values.front() + step * static_cast<double>(i))) <=
              1e-3 * std::abs(step)))
            return std::nullopt;
    if (step == 0) return std::nullopt;
    return std::pair{values.front(), step};
}

class NetcdfSource final : public Source {
 public:
    explicit NetcdfSource(const std::string& path)
        : file_(path), attributes_(json_of(file_.attributes())) {
        for (const auto& array : file_.arrays()) {
            try {
                variables_.push_back(variable_of(array));
            } catch (const Error& error) {
                throw Error{error.code, fmt::format("{}: {}: {}", path, array.name, error.message),
                            error.hint};
            }
        }
    }

    const std::string& path() const override { return file_.path(); }
    const std::vector<SourceVariable>& variables() const override { return variables_; }
    const JsonObject& attributes() const override { return attributes_; }

    std::optional<SourceGrid> grid(const SourceVariable& variable) const override {
        const std::size_t rank = variable.shape.size();
        if (rank < 2) return std::nullopt;
        const auto y = even_spacing(coordinates(variable.dimensions[rank - 2]));
        const auto x = even_spacing(coordinates(variable.dimensions[rank - 1]));
        if (!y || !x) return std::nullopt;
        return SourceGrid{
            variable.shape[rank - 2],
            variable.shape[rank - 1],
            {x->first - x->second / 2, x->second, 0, y->first - y->second / 2, 0, y->second},
            crs_of(variable)};
    }

    void read(const SourceVariable& variable, const Region& region,
              std::span<std::byte> out) override {
        require_inside(region, variable.shape, path());
        file_.read(array_of(variable), region.start, region.count, out);
    }

    std::vector<std::string> read_text(const SourceVariable& variable,
                                       const Region& region) override {
        require_inside(region, variable.shape, path());
        return file_.read_text(array_of(variable), region.start, region.count);
    }

 private:
    const io::ArrayInfo& array_of(const SourceVariable& variable) const {
        const auto* array = file_.find(variable.name);
        if (array == nullptr)
            throw Error{Exit::internal, fmt::format("{}: no {}", path(), variable.name)};
        return *array;
    }

    // Values of the coordinate variable of a dimension, empty if there is none.
    std::vector<double> coordinates(const std::string& dimension) const {
        const auto* variable = find(dimension);
        if (variable == nullptr || variable->shape.size() != 1 ||
            variable->type.kind == TypeKind::variable_text)
            return {};
        // Reading changes nothing that another call could see.
        return const_cast<NetcdfSource*>(this)->read_numbers(*variable, whole(variable->shape));
    }

    std::string crs_of(const SourceVariable& variable) const {
        if (const auto* name = member(variable.attributes, "grid_mapping");
            name != nullptr && name->get<std::string>() != nullptr) {
            const auto* mapping = find(*name->get<std::string>());
            for (const char* attribute : {"crs_wkt", "spatial_ref"}) {
                const auto* wkt =
                    mapping == nullptr ? nullptr : member(mapping->attributes, attribute);
                if (wkt != nullptr && wkt->get<std::string>() != nullptr)
                    return *wkt->get<std::string>();
            }
        }
        const auto* x = find(variable.dimensions.back());
        const bool degrees = x != nullptr && x->units.starts_with("degree");
        return degrees ? "EPSG:4326" : "";
    }

    io::ArrayFile file_;
    std::vector<SourceVariable> variables_;
    JsonObject attributes_;
};

}  // namespace

std::unique_ptr<Source> open_netcdf_source(const std::string& path) {
    return std::make_unique<NetcdfSource>(path);
}

}  // namespace hls::zarr
