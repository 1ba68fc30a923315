// SPDX-License-Identifier: Apache-2.0
// A collection: which objects belong to a store, and where in it their pixels go. Configured in
// JSON (share/schemas/zarr-collection.schema.json, hls-zarr-update(1)).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pattern/pattern.hpp"
#include "zarr/array.hpp"
#include "zarr/time_axis.hpp"

namespace hls::zarr {

// One pattern on object keys. Its named groups say what a file is: `time` where it belongs,
// `production` how new it is, others which variables it feeds.
struct KeyPattern {
    pattern::Pattern regex;
    std::string time_format;        // of group `time`; empty: the file's coordinate says
    std::string production_format;  // of group `production`; empty: none
};

struct CollectionDimension {
    std::string name;
    std::uint64_t chunk = 0;  // elements; 0: the whole dimension
    std::uint64_t shard = 0;  // elements of one object, a multiple of chunk; 0: not sharded
    std::uint64_t size = 0;   // 0: what the first file has
    bool ragged = false;      // files may have fewer elements: padded with fill
    bool crop = false;        // files may have more: cut
    std::string source;       // dimension of the files, `name` unless given
};

enum class AxisKind {
    daily,      // one row a day from `origin` on: where a file belongs depends on its day alone
    irregular,  // one row for each time (and other parts of the slot) that came
};
enum class LatePolicy {
    insert,        // where it belongs; the rows behind it move by one
    rewrite_tail,  // the same, but only up to late_rows before the end
    append,        // behind the end, out of order
    reject,
};

// The dimension along which the store grows; it is the first of every variable that has it.
struct AppendAxis {
    std::string dimension;
    AxisKind kind = AxisKind::daily;
    UtcTime origin;  // daily: the day of row 0
    TimeUnits units;
    bool round_times = false;         // to whole units, rather than refuse what lies between
    std::uint64_t time_chunk = 1024;  // of the coordinate
    std::string acquisition;          // array that keeps the exact times of a daily axis, or empty
    std::string source;               // time coordinate in the files
    std::vector<std::string> slot{"time"};  // irregular: what tells rows apart, besides time
                                            // names of groups or "record"
    LatePolicy late = LatePolicy::insert;
    std::uint64_t late_rows = 64;
};

struct CollectionVariable {
    std::string name;
    std::string source;                             // variable of the files, or empty: the raster
    std::map<std::string, std::string> conditions;  // group -> value the key must have
    std::optional<DataType> type;                   // else as in the template
    std::optional<JsonValue> fill;
    std::optional<double> scale, offset;
    std::optional<std::string> units;
    std::vector<std::string> dimensions;
    std::map<std::string, std::uint64_t> chunks;  // where they differ from the dimensions'
    std::optional<JsonValue> codec;
    JsonObject attributes;
};

struct GridConfig {
    bool explicit_grid = false;     // else as in the template
    std::string crs;                // "EPSG:32610" or WKT
    std::vector<double> transform;  // GDAL's six or the affine six: a, b, c, d, e, f
    std::uint64_t rows = 0, cols = 0;
    double tolerance_px = 1e-6;
};

struct BatchLimits {
    std::uint64_t files = 100;
    double seconds = 300;
    std::uint64_t bytes = 2'000'000'000;
    bool complete_chunk_row = true;
};

struct Collection {
    std::string name;
    std::string description;
    std::string store;   // folder or s3://bucket/prefix
    std::string state;   // folder; empty: <store>.hls-state, of a bucket one below net::state_dir()
    std::string source;  // where keys lie: folder or s3://bucket
    std::string prefix;  // of the keys that reconcile lists
    int format = 3;
    char separator = '/';
    std::vector<KeyPattern> match;
    std::vector<CollectionDimension> dimensions;  // in the order of the arrays
    AppendAxis axis;
    GridConfig grid;
    std::vector<CollectionVariable> variables;
    std::vector<std::string> slot_winner{"production_time", "sequencer", "key"};
    std::string production_attribute;  // of the files, if no pattern has `production`
    BatchLimits batch;
    EmptyChunks empty_local = EmptyChunks::remove;
    EmptyChunks empty_s3 = EmptyChunks::write;
    bool geozarr = false;
    JsonObject attributes;  // of the root group
    std::string text;       // of the configuration, canonical
    // Not of the configuration: all writers of a store in a bucket share this state folder.
    bool single_writer = false;

    const CollectionDimension* dimension(std::string_view name) const;
    const CollectionVariable* variable(std::string_view name) const;
};

// Throws Error{usage} that names the place: anything missing, unknown or contradictory.
Collection parse_collection(std::string_view json, std::string_view what);

// A file, or a folder of which all *.json are read in the order of their names. Relative stores,
// states and sources count from the folder of their file. Throws Error{missing_input, permission,
// usage}, usage also for two collections of one name.
std::vector<Collection> load_collections(const std::filesystem::path& path);

// What a key says of its object.
struct KeyMatch {
    pattern::Captures captures;
    std::optional<UtcTime> time;
    std::optional<UtcTime> production;
    std::vector<std::string> variables;  // that the object feeds, in the order of the configuration
};

// nullopt if no pattern matches or no variable is fed. Throws Error{bad_input} for a time that is
// none and for patterns that give up.
std::optional<KeyMatch> match_key(const Collection& collection, std::string_view key);

}  // namespace hls::zarr
