// SPDX-License-Identifier: Apache-2.0
#include "zarr/collection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "zarr/config_object.hpp"

namespace hls::zarr {
namespace {

// Rewrites an error of reading as one of the configuration.
template <typename Body>
auto configured(const ConfigObject& object, std::string_view name, Body body) {
    try {
        return body();
    } catch (const Error& error) {
        throw Error{Exit::usage, fmt::format("{}: {}", object.place(name), error.message),
                    error.hint};
    }
}

// Names of a member's members as they stand in the text: dimensions have an order that our sorted
// objects forget. The text has been parsed before, so this cannot fail.
std::vector<std::string> names_in_order(std::string_view json, const char* name) {
    const auto document = nlohmann::ordered_json::parse(json);
    std::vector<std::string> names;
    for (const auto& [key, value] : document.at(name).items()) names.push_back(key);
    return names;
}

KeyPattern parse_match(const JsonValue& value, const std::string& place) {
    ConfigObject object(value, place);
    const std::string regex = object.text("regex");
    KeyPattern match{configured(object, "regex", [&] { return pattern::Pattern(regex); }),
                     object.text_or("time_format", ""), object.text_or("production_format", "")};
    object.finish();
    const auto has = [&](const char* name) {
        return std::ranges::binary_search(match.regex.names(), name);
    };
    for (const auto& [group, format] : {std::pair{"time", &match.time_format},
                                        std::pair{"production", &match.production_format}}) {
        const std::string member = std::string(group) + "_format";
        if (format->empty() != !has(group))
            object.fail(member,
                        fmt::format("and a group (?<{}>...) of the regex need each other", group));
        const std::string& text = *format;
        if (!text.empty()) configured(object, member, [&] { require_time_format(text); });
    }
    return match;
}

CollectionDimension parse_dimension(ConfigObject object, std::string name) {
    CollectionDimension dimension;
    dimension.name = std::move(name);
    dimension.chunk = object.count_or("chunk", 0);
    dimension.shard = object.count_or("shard", 0);
    dimension.size = object.count_or("size", 0);
    dimension.ragged = object.flag_or("ragged", false);
    dimension.crop = object.flag_or("crop", false);
    dimension.source = object.text_or("source", dimension.name);
    object.finish();
    if (dimension.shard != 0 && (dimension.chunk == 0 || dimension.shard % dimension.chunk != 0))
        object.fail("shard", "must be a multiple of chunk");
    if ((dimension.ragged || dimension.crop) && dimension.size == 0)
        object.fail("size", "is missing: a ragged dimension has a size of its own");
    return dimension;
}

void parse_slot(ConfigObject& object, AppendAxis& axis) {
    const bool irregular = axis.kind == AxisKind::irregular;
    if (auto slot = object.texts("slot")) {
        if (!irregular) object.fail("slot", "belongs to an irregular axis");
        axis.slot = std::move(*slot);
        if (std::ranges::find(axis.slot, "time") == axis.slot.end())
            object.fail("slot", "must hold \"time\"");
    }
    axis.acquisition = object.text_or("acquisition", "");
    if (irregular && !axis.acquisition.empty())
        object.fail("acquisition", "belongs to a daily axis");
}

// The dimension that grows carries the settings of the axis beside those of any dimension.
CollectionDimension parse_axis(ConfigObject object, const std::string& name, AppendAxis& axis) {
    CollectionDimension dimension;
    dimension.name = axis.dimension = name;
    object.flag_or("append", true);
    dimension.chunk = object.count_or("chunk", 1);
    dimension.shard = object.count_or("shard", 0);
    dimension.source = object.text_or("source", name);
    axis.source = object.text_or("coordinate", dimension.source);
    axis.kind = object.word_or("axis", {"daily", "irregular"}, 0) == 0 ? AxisKind::daily
                                                                       : AxisKind::irregular;
    axis.units = configured(object, "units", [&] {
        return parse_time_units(object.text_or("units", "seconds since 1970-01-01"));
    });
    if (axis.kind == AxisKind::daily)
        axis.origin =
            configured(object, "origin", [&] { return parse_utc(object.text("origin")); });
    axis.round_times = object.word_or("times", {"exact", "nearest"}, 0) == 1;
    axis.time_chunk = object.count_or("time_chunk", axis.time_chunk);
    parse_slot(object, axis);
    object.finish();
    if (dimension.shard != 0 && dimension.shard % dimension.chunk != 0)
        object.fail("shard", "must be a multiple of chunk");
    return dimension;
}

void parse_dimensions(ConfigObject& root, std::string_view json, Collection& collection) {
    ConfigObject dims = root.object("dims");
    for (const std::string& name : names_in_order(json, "dims")) {
        configured(dims, name, [&] { require_node_name(name); });
        const JsonValue* append = member(dims.require(name), "append");
        const auto* grows = append == nullptr ? nullptr : append->get<bool>();
        if (append != nullptr && grows == nullptr) dims.fail(name, "append must be true or false");
        if (grows == nullptr || !*grows) {
            collection.dimensions.push_back(parse_dimension(dims.object(name), name));
            continue;
        }
        if (!collection.axis.dimension.empty()) dims.fail(name, "is a second one with append");
        collection.dimensions.insert(collection.dimensions.begin(),
                                     parse_axis(dims.object(name), name, collection.axis));
    }
    if (collection.axis.dimension.empty()) root.fail("dims", "need one with \"append\": true");
}

GridConfig parse_grid(ConfigObject object) {
    GridConfig grid;
    grid.explicit_grid = object.word_or("from", {"first", "explicit"}, 0) == 1;
    object.word_or("on_mismatch", {"reject"}, 0);
    grid.crs = object.text_or("crs", "");
    grid.tolerance_px = object.number("tolerance_px").value_or(grid.tolerance_px);
    if (!(grid.tolerance_px >= 0 && grid.tolerance_px < 0.5))
        object.fail("tolerance_px", "must be from 0 to less than 0.5");
    const auto numbers = [&](std::string_view name, std::size_t count) {
        std::vector<double> values;
        const JsonValue* list = object.find(name);
        if (list == nullptr) return values;
        if (const auto* items = list->get<JsonArray>())
            for (const JsonValue& item : *items)
                values.push_back(configured(object, name, [&] { return number_of(item, "it"); }));
        if (values.size() != count)
            object.fail(name, fmt::format("must be a list of {} numbers", count));
        return values;
    };
    grid.transform = numbers("transform", 6);
    const auto shape = numbers("shape", 2);
    object.finish();
    if (grid.explicit_grid && (grid.crs.empty() || grid.transform.empty() || shape.empty()))
        object.fail("from", "explicit needs crs, transform and shape");
    if (!shape.empty()) {
        if (!(shape[0] >= 1 && shape[1] >= 1 && shape[0] < 1e9 && shape[1] < 1e9))
            object.fail("shape", "must be rows and columns");
        grid.rows = static_cast<std::uint64_t>(shape[0]);
        grid.cols = static_cast<std::uint64_t>(shape[1]);
    }
    return grid;
}

void parse_variable_source(ConfigObject& object, CollectionVariable& variable) {
    if (object.find("source") == nullptr) return;
    ConfigObject source = object.object("source");
    for (const std::string& name : source.names()) {
        const std::string value = source.text(name);
        if (name == "var")
            variable.source = value;
        else
            variable.conditions[name] = value;
    }
}

void parse_encoding(ConfigObject& object, CollectionVariable& variable) {
    if (object.find("dtype") != nullptr)
        variable.type =
            configured(object, "dtype", [&] { return data_type_from_name(object.text("dtype")); });
    if (const JsonValue* fill = object.find("fill")) {
        if (!variable.type) object.fail("fill", "needs dtype beside it");
        configured(object, "fill", [&] { fill_from_json(*variable.type, *fill); });
        variable.fill = *fill;
    }
    variable.scale = object.number("scale");
    variable.offset = object.number("offset");
    if (object.find("units") != nullptr) variable.units = object.text("units");
    if (const JsonValue* codec = object.find("codec")) variable.codec = *codec;
}

CollectionVariable parse_variable(ConfigObject object, std::string name,
                                  const Collection& collection) {
    CollectionVariable variable;
    variable.name = std::move(name);
    parse_variable_source(object, variable);
    parse_encoding(object, variable);
    std::vector<std::string> all;
    for (const auto& dimension : collection.dimensions) all.push_back(dimension.name);
    variable.dimensions = object.texts("dims").value_or(all);
    for (const std::string& dimension : variable.dimensions)
        if (collection.dimension(dimension) == nullptr)
            object.fail("dims", fmt::format("name '{}', which is not in dims", dimension));
    if (variable.dimensions.empty() || variable.dimensions.front() != collection.axis.dimension)
        object.fail("dims", fmt::format("must start with {}", collection.axis.dimension));
    if (std::set(variable.dimensions.begin(), variable.dimensions.end()).size() !=
        variable.dimensions.size())
        object.fail("dims", "name one twice");
    if (object.find("chunks") != nullptr) {
        ConfigObject chunks = object.object("chunks");
        for (const std::string& dimension : variable.dimensions)
            if (const auto count = chunks.count_or(dimension, 0))
                variable.chunks[dimension] = count;
        chunks.finish();
    }
    if (const JsonValue* attributes = object.find("attributes")) {
        if (attributes->get<JsonObject>() == nullptr)
            object.fail("attributes", "must be an object");
        variable.attributes = *attributes->get<JsonObject>();
    }
    object.finish();
    return variable;
}

void check_conditions(ConfigObject& root, const Collection& collection) {
    std::set<std::string> groups;
    for (const KeyPattern& match : collection.match)
        groups.insert(match.regex.names().begin(), match.regex.names().end());
    for (const auto& variable : collection.variables)
        for (const auto& [group, value] : variable.conditions)
            if (!groups.contains(group))
                root.fail("variables", fmt::format("{}: source.{}: no regex has a group {}",
                                                   variable.name, group, group));
    for (const std::string& part : collection.axis.slot)
        if (part != "time" && part != "record" && !groups.contains(part))
            root.fail("dims", fmt::format("slot: no regex has a group {}", part));
    for (const std::string& rule : collection.slot_winner) {
        const bool group = rule.starts_with("capture:") && groups.contains(rule.substr(8));
        const bool known = rule == "production_time" || rule == "sequencer" || rule == "key" ||
                           rule == "last_modified";
        if (!group && !known)
            root.fail("slot_winner",
                      fmt::format("'{}' is none of production_time, sequencer, last_modified, key, "
                                  "capture:GROUP",
                                  rule));
    }
}

void parse_variables(ConfigObject& root, std::string_view json, Collection& collection) {
    ConfigObject variables = root.object("variables");
    for (const std::string& name : names_in_order(json, "variables")) {
        configured(variables, name, [&] { require_node_name(name); });
        if (collection.dimension(name) != nullptr || name == collection.axis.acquisition ||
            name == "spatial_ref")
            variables.fail(name, "is the name of a coordinate");
        collection.variables.push_back(parse_variable(variables.object(name), name, collection));
    }
    if (collection.variables.empty()) root.fail("variables", "are none");
}

void parse_behaviour(ConfigObject& root, Collection& collection) {
    const auto late = root.word_or("late", {"insert", "rewrite-tail", "append", "reject"}, 0);
    collection.axis.late = static_cast<LatePolicy>(late);
    collection.axis.late_rows = root.count_or("late_rows", collection.axis.late_rows);
    if (auto rules = root.texts("slot_winner")) collection.slot_winner = std::move(*rules);
    collection.production_attribute = root.text_or("production_attribute", "");
    if (root.find("batch") != nullptr) {
        ConfigObject batch = root.object("batch");
        collection.batch.files = batch.count_or("files", collection.batch.files);
        collection.batch.bytes = batch.bytes_or("bytes", collection.batch.bytes);
        collection.batch.seconds = batch.number("seconds").value_or(collection.batch.seconds);
        if (!(collection.batch.seconds >= 0)) batch.fail("seconds", "must not be negative");
        collection.batch.complete_chunk_row = batch.flag_or("complete_chunk_row", true);
        batch.finish();
    }
    if (root.find("empty_chunk") != nullptr) {
        ConfigObject empty = root.object("empty_chunk");
        const std::vector<std::string_view> words{"delete", "write"};
        collection.empty_local = static_cast<EmptyChunks>(empty.word_or("local", words, 0));
        collection.empty_s3 = static_cast<EmptyChunks>(empty.word_or("s3", words, 1));
        empty.finish();
    }
    for (const std::string& convention :
         root.texts("geo").value_or(std::vector{std::string("cf")})) {
        if (convention != "cf" && convention != "geozarr")
            root.fail("geo", "may hold cf and geozarr");
        if (convention == "geozarr") collection.geozarr = true;
    }
}

void parse_places(ConfigObject& root, Collection& collection) {
    root.text_or("$schema", "");
    collection.name = root.text("collection");
    configured(root, "collection", [&] { require_node_name(collection.name); });
    collection.description = root.text_or("description", "");
    collection.store = root.text("store");
    collection.state = root.text_or("state", "");
    collection.source = root.text_or("source", "");
    collection.prefix = root.text_or("prefix", "");
    const auto version = root.count_or("zarr_format", 3);
    if (version != 2 && version != 3) root.fail("zarr_format", "must be 2 or 3");
    collection.format = static_cast<int>(version);
    collection.separator = root.word_or("separator", {"/", "."}, 0) == 0 ? '/' : '.';
}

}  // namespace

const CollectionDimension* Collection::dimension(std::string_view wanted) const {
    const auto found = std::ranges::find(dimensions, wanted, &CollectionDimension::name);
    return found == dimensions.end() ? nullptr : &*found;
}

const CollectionVariable* Collection::variable(std::string_view wanted) const {
    const auto found = std::ranges::find(variables, wanted, &CollectionVariable::name);
    return found == variables.end() ? nullptr : &*found;
}

Collection parse_collection(std::string_view json, std::string_view what) {
    JsonValue document;
    try {
        document = parse_json(json, what);
    } catch (const Error& error) {
        throw Error{Exit::usage, error.message, error.hint};
    }
    ConfigObject root(document, std::string(what));
    Collection collection;
    parse_places(root, collection);
    const auto* patterns = root.require("match").get<JsonArray>();
    if (patterns == nullptr || patterns->empty()) root.fail("match", "must be a list of patterns");
    for (std::size_t i = 0; i < patterns->size(); ++i)
        collection.match.push_back(
            parse_match((*patterns)[i], root.place(fmt::format("match[{}]", i))));
    parse_dimensions(root, json, collection);
    if (root.find("grid") != nullptr) collection.grid = parse_grid(root.object("grid"));
    parse_variables(root, json, collection);
    parse_behaviour(root, collection);
    if (const JsonValue* attributes = root.find("attributes")) {
        if (attributes->get<JsonObject>() == nullptr) root.fail("attributes", "must be an object");
        collection.attributes = *attributes->get<JsonObject>();
    }
    root.finish();
    check_conditions(root, collection);
    collection.text = format_json(document, JsonLayout::compact);
    return collection;
}

}  // namespace hls::zarr
