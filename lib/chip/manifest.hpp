// SPDX-License-Identifier: Apache-2.0
// What is known of every chip, and of every task that made some: the lines of manifest.jsonl and of
// parts/<task id>.jsonl (hls-formats(5)).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "geo/utm.hpp"

namespace hls::chip {

struct SceneUse {
    std::string season, id, collection, datetime;
    std::optional<double> cloud_percent;
    double clear_percent = 0;  // of the task's window
    int offset = 0;
    std::string offset_rule;
    std::optional<double> offset_percentile;
};

// One date of a chip: its scene, or that none would do and the pixels are 0.
struct ChipDate {
    std::string from, to;  // the part of the series it stands for; empty for chips of one date
    std::optional<SceneUse> scene;
    double valid_fraction = 0;
    std::int64_t clamped_px = 0;
};

struct ChipRecord {
    std::string chip;  // name without folder and extension
    int klass = 0;
    std::string split;  // train, val, test or buffer
    std::string key, parcel_id;
    double u = 0;
    geo::LonLat point;
    std::string center;  // "centroid" or "interior"
    std::string tile;
    int col = 0, row = 0, size_px = 0;
    int epsg = 0;
    double ulx_m = 0, uly_m = 0, pixel_m = 0;
    std::vector<ChipDate> dates;     // in order, at least one with a scene
    std::vector<std::string> bands;  // of each date; the image has those of the first date first
    std::int64_t overlap_px = 0;     // two classes claim the pixel
    std::map<int, std::int64_t> label_px;
    std::string image, image_sha256, mask, mask_sha256;  // paths below the data set's folder
    std::string fields, fields_sha256, qa, qa_sha256;    // empty where they were not asked for
    std::vector<std::string> field_ids;                  // parcel of value i + 1 of `fields`

    bool is_stack() const { return dates.size() > 1; }
    // Of the dates that there are, in order; never empty.
    std::vector<const SceneUse*> scenes() const;
    // Of all dates; a missing one counts as no valid pixel.
    double valid_fraction() const;
    std::int64_t clamped_px() const;
};

// A raster of a chip: "image", "mask", "fields" or "qa", its path and digest.
struct ChipFile {
    std::string kind, path, sha256;
};
std::vector<ChipFile> files_of(const ChipRecord& record);

std::string format_chip_record(const ChipRecord& record);
// Throws Error{bad_input}.
ChipRecord parse_chip_record(std::string_view line);

enum class TaskStatus { ok, empty, partial, retry, failed };
std::string_view task_status_name(TaskStatus status);

struct TaskError {
    std::string code, message, where;
    bool transient = false;
};

struct TaskResult {
    std::string plan_id, task_id, worker, started;
    int attempt = 1;
    TaskStatus status = TaskStatus::ok;
    double seconds = 0;
    std::int64_t chips_saved = 0, chips_skipped_existing = 0;
    std::int64_t requests = 0, bytes_read = 0;  // over the net
    std::map<int, std::int64_t> chips_per_class, pixels_per_class, sampled;
    std::map<std::string, std::int64_t> rejected;  // cloud, nodata, scene, ...
    std::vector<SceneUse> scenes;
    std::vector<std::string> files;
    std::vector<std::pair<std::string, std::string>> warnings;  // code, detail
    std::optional<TaskError> error;
};

// `deterministic` leaves out worker, clocks and what depends on an earlier run.
std::string format_task_result(const TaskResult& result, bool deterministic);
TaskResult parse_task_result(std::string_view line);

}  // namespace hls::chip
