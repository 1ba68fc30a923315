// SPDX-License-Identifier: Apache-2.0
#include "chip/task_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <utility>

#include "chip/chip_labels.hpp"
#include "chip/late_sync.hpp"
#include "chip/stack_scenes.hpp"
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

std::vector<Parcel> of_season(const std::vector<Parcel>& parcels, const SeasonWindow& season) {
    std::vector<Parcel> members;
    std::ranges::copy_if(parcels, std::back_inserter(members), [&](const Parcel& parcel) {
        return std::ranges::find(season.classes, parcel.klass) != season.classes.end();
    });
    return members;
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
                          {*settings_.access, tally, settings_.io_threads},
                          task_.imagery.series ? settings_.stack_bytes : kKeptBandBytes},
                         found.items, box);
        if (const auto& series = task_.imagery.series) {
            StackScenes scenes(store, parts_of(*series), series->least_dates);
            make_chips(parcels.sampled, labels, scenes, store);
        } else {
            for (const SeasonWindow& season : task_.imagery.seasons) {
                const auto members = of_season(parcels.sampled, season);
                if (members.empty()) continue;
                StackScenes scenes(store, {season}, 1);
                make_chips(members, labels, scenes, store);
            }
            count_without_season(parcels.sampled);
        }
        warn(store.warnings());
        result_.requests = tally.requests;
        result_.bytes_read = tally.bytes;
    }

    void warn(const std::vector<Warning>& warnings) {
        result_.warnings.insert(result_.warnings.end(), warnings.begin(), warnings.end());
    }

    void count_without_season(const std::vector<Parcel>& parcels) {
        const auto& seasons = task_.imagery.seasons;
        const auto missing = std::ranges::count_if(parcels, [&](const Parcel& parcel) {
            return std::ranges::none_of(seasons, [&](const SeasonWindow& season) {
                return std::ranges::find(season.classes, parcel.klass) != season.classes.end();
            });
        });
        if (missing > 0) result_.rejected["no_season"] += missing;
    }

    // Chips of the same scenes together: their pixels need not be kept for long.
    void make_chips(const std::vector<Parcel>& parcels, const LabelPatch& labels,
                    StackScenes& scenes, SceneStore& store) {
        std::vector<std::pair<std::vector<std::size_t>, const Parcel*>> members;
        for (const Parcel& parcel : parcels)
            members.emplace_back(scenes.first_choices(parcel.window), &parcel);
        std::ranges::stable_sort(members, {}, &decltype(members)::value_type::first);
        for (const auto& [choices, parcel] : members) make_chip(*parcel, labels, scenes, store);
        const auto used = scenes.used();
        result_.scenes.insert(result_.scenes.end(), used.begin(), used.end());
    }

    void make_chip(const Parcel& parcel, const LabelPatch& labels, StackScenes& scenes,
                   SceneStore& store) {
        throw_if_cancelled();
        std::string rejected;
        auto stack = scenes.cut(parcel.window, rejected);
        if (!stack) {
            ++result_.rejected[rejected];
            return;
        }
        ChipRecord record = describe(parcel, *stack, scenes.windows());
        ChipPixels pixels = stack_pixels(*stack, record, store);
        label_chip(parcel.window, labels, pixels, record);
        if (settings_.qa) pixels.quality = quality_under(parcel.window, *stack);
        if (settings_.fields) name_fields(parcel.window, labels, *polygons_, pixels, record);
        if (settings_.original_worker)
            record.chip = original_chip_name(*settings_.original_worker, task_.task_id,
                                             record.klass, numbers_.at(parcel.key));
        write_chip(settings_.output, pixels,
                   {settings_.compression, settings_.flat || settings_.original_worker,
                    settings_.fields, settings_.qa, &settings_.imagery},
                   record);
        store.give_back(std::move(pixels.bands));
        ++result_.chips_saved;
        ++result_.chips_per_class[record.klass];
        for (const auto& [klass, count] : record.label_px) result_.pixels_per_class[klass] += count;
        records_.push_back(std::move(record));
    }

    ChipRecord describe(const Parcel& parcel, const ChipStack& stack,
                        const std::vector<SeasonWindow>& windows) const {
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
        record.split = split_of_chip(record, frame, task_.split, task_.seed);
        record.bands = settings_.imagery.profile(task_.imagery.profile).bands;
        for (std::size_t i = 0; i < stack.size(); ++i) {
            auto& date = record.dates.emplace_back();
            if (stack.size() > 1) {
                date.from = format_day(windows[i].best.from);
                date.to = format_day(windows[i].best.to);
            }
            if (!stack[i]) continue;
            date.scene = stack[i]->scene;
            date.valid_fraction = stack[i]->valid_fraction;
            date.clamped_px = stack[i]->clamped_px;
        }
        return record;
    }

    // Bands of the first date first; of a date without a scene they are 0.
    static ChipPixels stack_pixels(ChipStack& stack, const ChipRecord& record, SceneStore& store) {
        ChipPixels pixels;
        for (auto& cut : stack) {
            if (cut)
                std::ranges::move(cut->bands, std::back_inserter(pixels.bands));
            else
                for (std::size_t b = 0; b < record.bands.size(); ++b)
                    std::ranges::fill(pixels.bands.emplace_back(store.take_plane()).cells(), 0);
        }
        return pixels;
    }

    // What the quality layers of the dates say; of a date without a scene that there is no data.
    std::vector<Plane<std::uint8_t>> quality_under(const ChipWindow& window,
                                                   const ChipStack& stack) const {
        const int size = task_.shape.size_px;
        const auto kind = settings_.imagery.profile(task_.imagery.profile).kind;
        std::vector<Plane<std::uint8_t>> layers;
        for (const auto& cut : stack) {
            auto& layer = layers.emplace_back(size, size, no_quality(kind));
            if (!cut) continue;
            const auto& raster = cut->stored->quality->raster;
            for (int r = 0; r < size; ++r)
                for (int c = 0; c < size; ++c)
                    layer(r, c) = raster.at(window.row + r, window.col + c);
        }
        return layers;
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
    } catch (const std::bad_alloc&) {
        set_error(result, Error{Exit::resource, "out of memory", "fewer --jobs"});
    } catch (const std::exception& error) {  // one task that nobody foresaw ends none of the others
        set_error(result, Error{Exit::failure, error.what()});
    }
    return finish(std::move(result));
}

}  // namespace hls::chip
