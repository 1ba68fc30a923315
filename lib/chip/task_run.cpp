// SPDX-License-Identifier: Apache-2.0
#include "chip/task_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "chip/late_sync.hpp"
#include "chip/season_scenes.hpp"
#include "chip/task_parcels.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"
#include "fs/atomic_output.hpp"
#include "fs/read_text.hpp"
#include "net/redact.hpp"

namespace hls::chip {
namespace {

constexpr std::size_t kMaxPartBytes = 256 << 20;
// Ten bands of so many pixels take 184 MB.
constexpr std::int64_t kMostBoxPixels = 16 << 20;

std::filesystem::path part_path(const RunSettings& settings, const Task& task) {
    return settings.output / "parts" / (task.task_id + ".jsonl");
}

PixelBox box_of(const std::vector<Parcel>& parcels, const ChipShape& shape) {
    int left = shape.tile_px(), top = left, right = 0, bottom = 0;
    for (const Parcel& parcel : parcels) {
        left = std::min(left, parcel.window.col);
        top = std::min(top, parcel.window.row);
        right = std::max(right, parcel.window.col + shape.size_px);
        bottom = std::max(bottom, parcel.window.row + shape.size_px);
    }
    const PixelBox box{left, top, right - left, bottom - top};
    if (std::int64_t{box.cols} * box.rows > kMostBoxPixels)
        throw Error(Exit::bad_input, "the cell is too large for one task", "plan smaller cells");
    return box;
}

// Whether an earlier run made the rasters that are wanted now, under the names wanted now.
bool is_as_asked(const TaskResult& result, const RunSettings& settings) {
    const auto made = [&](std::string_view start) {
        return std::ranges::any_of(
            result.files, [&](const std::string& file) { return file.starts_with(start); });
    };
    if (result.files.empty()) return true;
    return made("fields/") == settings.fields && made("qa/") == settings.qa &&
           made("images/worker") == settings.original_worker.has_value();
}

// What an earlier run left, if it is whole: the part file commits a task, and its chips are there.
std::optional<TaskResult> earlier_result(const Task& task, const RunSettings& settings) {
    const auto path = part_path(settings, task);
    if (settings.force || !std::filesystem::exists(path)) return std::nullopt;
    try {
        const std::string text = fs::read_text(path, kMaxPartBytes);
        TaskResult result = parse_task_result(text.substr(0, text.find('\n')));
        const bool whole = std::ranges::all_of(result.files, [&](const std::string& file) {
            return std::filesystem::exists(settings.output / file);
        });
        if (!whole || result.task_id != task.task_id || !is_as_asked(result, settings))
            return std::nullopt;
        result.chips_skipped_existing = result.chips_saved;
        return result;
    } catch (const Error&) {
        return std::nullopt;
    }
}

class TaskWork {
 public:
    TaskWork(const Task& task, const RunSettings& settings, TaskResult& result)
        : task_(task), settings_(settings), result_(result) {}

    void run() {
        if ("sha256:" + settings_.class_map.digest != task_.class_map_digest)
            throw Error(Exit::bad_input, "the class map is not the one of the plan",
                        "name that one with --class-map");
        const TaskParcels parcels =
            read_task_parcels(task_, settings_.class_map, settings_.parcels);
        polygons_ = &parcels.labels;
        std::map<int, int> next;
        for (const Parcel& parcel : parcels.sampled) numbers_[parcel.key] = next[parcel.klass]++;
        for (const Parcel& parcel : parcels.sampled) ++result_.sampled[parcel.klass];
        if (!parcels.sampled.empty()) cut_all(parcels);
        result_.status = result_.chips_saved > 0 ? TaskStatus::ok : TaskStatus::empty;
        commit();
    }

 private:
    void cut_all(const TaskParcels& parcels) {
        const PixelBox box = box_of(parcels.sampled, task_.shape);
        const LabelPatch labels = burn_labels(parcels.labels, box, settings_.fields);
        const FoundScenes found = settings_.find_scenes(task_);
        warn(found.warnings);
        NetTally tally;
        SceneStore store({task_,
                          settings_.imagery,
                          settings_.offset,
                          {*settings_.access, tally, settings_.io_threads}},
                         found.items, box);
        for (const SeasonWindow& season : task_.imagery.seasons) {
            const auto of_season = [&](const Parcel& parcel) {
                return std::ranges::find(season.classes, parcel.klass) != season.classes.end();
            };
            if (std::ranges::none_of(parcels.sampled, of_season)) continue;
            SeasonScenes scenes(store, season);
            // Chips of a scene together: its pixels need not be kept for long.
            std::vector<std::pair<std::size_t, const Parcel*>> members;
            for (const Parcel& parcel : parcels.sampled)
                if (of_season(parcel))
                    members.emplace_back(scenes.first_choice(parcel.window), &parcel);
            std::ranges::stable_sort(members, {}, &decltype(members)::value_type::first);
            for (const auto& [scene, parcel] : members) make_chip(*parcel, labels, scenes);
            const auto used = scenes.used();
            result_.scenes.insert(result_.scenes.end(), used.begin(), used.end());
        }
        warn(store.warnings());
        result_.requests = tally.requests;
        result_.bytes_read = tally.bytes;
    }

    void warn(const std::vector<Warning>& warnings) {
        result_.warnings.insert(result_.warnings.end(), warnings.begin(), warnings.end());
    }

    void make_chip(const Parcel& parcel, const LabelPatch& labels, SeasonScenes& scenes) {
        throw_if_cancelled();
        std::string rejected;
        auto cut = scenes.cut(parcel.window, rejected);
        if (!cut) {
            ++result_.rejected[rejected];
            return;
        }
        ChipRecord record = describe(parcel, *cut);
        label(parcel.window, labels, cut->pixels, record);
        if (settings_.qa) cut->pixels.quality = quality_under(parcel.window, *cut);
        if (settings_.fields) name_fields(parcel.window, labels, cut->pixels, record);
        if (settings_.original_worker)
            record.chip = original_chip_name(*settings_.original_worker, task_.task_id,
                                             record.klass, numbers_.at(parcel.key));
        const BandProfile& profile = settings_.imagery.profile(task_.imagery.profile);
        write_chip(settings_.output, cut->pixels,
                   {settings_.compression, settings_.flat || settings_.original_worker,
                    settings_.fields, settings_.qa, &profile, &settings_.imagery},
                   record);
        ++result_.chips_saved;
        ++result_.chips_per_class[record.klass];
        for (const auto& [klass, count] : record.label_px) result_.pixels_per_class[klass] += count;
        records_.push_back(std::move(record));
    }

    ChipRecord describe(const Parcel& parcel, const ChipCut& cut) const {
        const ChipShape& shape = task_.shape;
        const TileFrame frame = tile_frame(parcel.window.tile, shape);
        ChipRecord record;
        record.klass = parcel.klass;
        record.key = parcel.key;
        record.parcel_id = parcel.id;
        record.u = parcel.u;
        record.point = parcel.point;
        record.center = parcel.centroid ? "centroid" : "interior";
        record.tile = parcel.window.tile.id();
        record.col = parcel.window.col;
        record.row = parcel.window.row;
        record.size_px = shape.size_px;
        record.epsg = frame.epsg;
        record.pixel_m = shape.pixel_m;
        record.ulx_m = frame.upper_left.x_m + shape.pixel_m * parcel.window.col;
        record.uly_m = frame.upper_left.y_m - shape.pixel_m * parcel.window.row;
        record.split = split_of_window(record, frame);
        record.scene = cut.scene;
        record.valid_fraction = cut.valid_fraction;
        record.clamped_px = cut.clamped_px;
        return record;
    }

    // "buffer" where a corner lies in a block of another set: no pixel may be in two of them.
    std::string split_of_window(const ChipRecord& record, const TileFrame& frame) const {
        const std::string own(split_of(record.point, task_.split, task_.seed));
        const double side = record.pixel_m * record.size_px;
        for (const double x : {0., side})
            for (const double y : {0., side}) {
                const auto corner = frame.utm.inverse({record.ulx_m + x, record.uly_m - y});
                if (split_of(corner, task_.split, task_.seed) != own) return "buffer";
            }
        return own;
    }

    void label(const ChipWindow& window, const LabelPatch& labels, ChipPixels& pixels,
               ChipRecord& record) const {
        const int size = task_.shape.size_px;
        pixels.mask = Plane<std::uint8_t>(size, size);
        for (int r = 0; r < size; ++r)
            for (int c = 0; c < size; ++c) {
                const int row = window.row - labels.box.row + r;
                const int col = window.col - labels.box.col + c;
                const std::uint8_t klass = labels.classes(row, col);
                pixels.mask(r, c) = klass;
                ++record.label_px[klass];
                record.overlap_px += labels.contested(row, col);
            }
    }

    Plane<std::uint8_t> quality_under(const ChipWindow& window, const ChipCut& cut) const {
        const int size = task_.shape.size_px;
        Plane<std::uint8_t> quality(size, size);
        for (int r = 0; r < size; ++r)
            for (int c = 0; c < size; ++c)
                quality(r, c) = cut.stored->quality->raster.at(window.row + r, window.col + c);
        return quality;
    }

    // Values of `fields` count the parcels of the chip in the order of their keys.
    void name_fields(const ChipWindow& window, const LabelPatch& labels, ChipPixels& pixels,
                     ChipRecord& record) const {
        const int size = task_.shape.size_px;
        pixels.fields = Plane<std::int32_t>(size, size);
        std::map<std::string, std::int32_t> ranks;
        const auto key_at = [&](int r, int c) -> const std::string* {
            const auto number =
                labels.fields(window.row - labels.box.row + r, window.col - labels.box.col + c);
            return number == 0 ? nullptr : &(*polygons_)[static_cast<std::size_t>(number - 1)].key;
        };
        for (int r = 0; r < size; ++r)
            for (int c = 0; c < size; ++c)
                if (const auto* key = key_at(r, c)) ranks.emplace(*key, 0);
        for (auto& [key, rank] : ranks) {
            record.field_ids.push_back(key.substr(key.find('\x1f') + 1));
            rank = static_cast<std::int32_t>(record.field_ids.size());
        }
        for (int r = 0; r < size; ++r)
            for (int c = 0; c < size; ++c)
                if (const auto* key = key_at(r, c)) pixels.fields(r, c) = ranks.at(*key);
    }

    // The part file is the last thing written: with it the task is done.
    void commit() {
        std::ranges::sort(records_, {}, &ChipRecord::chip);
        for (const ChipRecord& record : records_)
            for (const ChipFile& file : files_of(record)) result_.files.push_back(file.path);
        std::vector<std::filesystem::path> written;
        for (const std::string& file : result_.files) written.push_back(settings_.output / file);
        sync_late(written);
        std::string text = format_task_result(result_, true) + "\n";
        for (const ChipRecord& record : records_) text += format_chip_record(record) + "\n";
        const auto path = part_path(settings_, task_);
        fs::prepare_output(path, fs::IfExists::replace);
        fs::write_text_atomically(path, text, fs::IfExists::replace);
    }

    const Task& task_;
    const RunSettings& settings_;
    TaskResult& result_;
    std::vector<ChipRecord> records_;
    const std::vector<LabelPolygon>* polygons_ = nullptr;
    std::map<std::string, int> numbers_;  // of a parcel within its class, by key
};

void set_error(TaskResult& result, const Error& error) {
    const bool transient = error.code == Exit::temporary || error.code == Exit::resource;
    result.status = transient ? TaskStatus::retry : TaskStatus::failed;
    std::string message = net::redacted(error.message);
    if (!error.hint.empty()) message += "; " + error.hint;
    result.error = TaskError{error_code(error.code), message, result.task_id, transient};
}

}  // namespace

std::string error_code(Exit exit) {
    std::string code = "E_";
    for (const char c : exit == Exit::io_error ? "disk" : exit_info(exit).word)
        code += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return code;
}

TaskResult run_task(const Task& task, const RunSettings& settings) {
    const auto start = std::chrono::steady_clock::now();
    const std::string started = format_utc(utc_now());
    const auto finish = [&](TaskResult result) {
        result.plan_id = task.plan_id;
        result.attempt = task.attempt;
        result.worker = settings.worker;
        result.started = started;
        result.seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        return result;
    };
    if (auto earlier = earlier_result(task, settings)) return finish(std::move(*earlier));
    TaskResult result;
    result.plan_id = task.plan_id;
    result.task_id = task.task_id;
    result.attempt = task.attempt;
    try {
        TaskWork(task, settings, result).run();
    } catch (const Error& error) {
        if (cancel_signal() != 0) throw;
        set_error(result, error);
    }
    return finish(std::move(result));
}

}  // namespace hls::chip
