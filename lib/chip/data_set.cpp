// SPDX-License-Identifier: Apache-2.0
#include "chip/data_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "chip/plan_file.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/parse.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "fs/file_lock.hpp"
#include "fs/read_text.hpp"
#include "io/raster.hpp"

namespace hls::chip {
namespace {

constexpr std::size_t kMaxPartBytes = 256 << 20;
constexpr std::size_t kMaxPlanBytes = 16 << 20;
constexpr auto kStale = std::chrono::hours(1);

std::vector<std::filesystem::path> part_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_directory(folder / "parts"))
        for (const auto& entry : std::filesystem::directory_iterator(folder / "parts"))
            if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

TaskPart read_part(const std::filesystem::path& path) {
    const std::string text = fs::read_text(path, kMaxPartBytes);
    TaskPart part;
    bool first = true;
    try {
        for (const auto line : split(text, '\n')) {
            if (line.empty()) continue;
            if (first)
                part.result = parse_task_result(line);
            else
                part.chips.push_back(parse_chip_record(line));
            first = false;
        }
    } catch (const Error& error) {
        throw Error(Exit::bad_input, fmt::format("{}: {}", path.string(), error.message));
    }
    if (first) throw Error(Exit::bad_input, fmt::format("{} is empty", path.string()));
    return part;
}

std::string check_image(const io::RasterReader& image, const ChipRecord& record) {
    const auto grid = image.grid();
    if (image.rows() != record.size_px || image.cols() != record.size_px)
        return fmt::format("{} x {} pixels", image.cols(), image.rows());
    if (!grid || grid->epsg != record.epsg || grid->ulx_m != record.ulx_m ||
        grid->uly_m != record.uly_m || grid->pixel_m != record.pixel_m)
        return "lies elsewhere";
    return {};
}

io::PixelType type_of(const std::string& kind) {
    if (kind == "image") return io::PixelType::u16;
    return kind == "fields" ? io::PixelType::i32 : io::PixelType::u8;
}

// All bands of all dates; those of a missing date are empty, and no others.
std::string check_dates(const std::string& path, int bands, const ChipRecord& record) {
    if (static_cast<std::size_t>(bands) != record.bands.size() * record.dates.size())
        return fmt::format("{} bands", bands);
    if (!record.is_stack()) return {};
    for (std::size_t d = 0; d < record.dates.size(); ++d) {
        const int first = static_cast<int>(d * record.bands.size()) + 1;
        const auto pixels = io::RasterReader(path, first).read<std::uint16_t>();
        const bool empty = std::ranges::none_of(pixels.cells(), [](auto v) { return v != 0; });
        if (empty == record.dates[d].scene.has_value())
            return fmt::format("date {} is {}", d + 1, empty ? "empty" : "not empty");
    }
    return {};
}

std::string check_file(const std::filesystem::path& folder, const ChipFile& file,
                       const ChipRecord& record) {
    const auto path = folder / file.path;
    if (!std::filesystem::exists(path)) return "missing";
    try {
        if (fs::digest_of_file(fs::DigestKind::sha256, path) != file.sha256)
            return "digest differs";
        const io::RasterReader reader(path.string());
        if (const std::string wrong = check_image(reader, record); !wrong.empty()) return wrong;
        if (reader.type() != type_of(file.kind))
            return fmt::format("type {}", io::pixel_type_name(reader.type()));
        if (file.kind == "image") return check_dates(path.string(), reader.bands(), record);
        const std::size_t layers = file.kind == "qa" ? record.dates.size() : 1;
        if (static_cast<std::size_t>(reader.bands()) != layers)
            return fmt::format("{} bands", reader.bands());
        if (file.kind != "mask") return {};
        std::map<int, std::int64_t> counts;
        const auto classes = reader.read<std::uint8_t>();
        for (const std::uint8_t value : classes.cells()) ++counts[value];
        return counts == record.label_px ? "" : "classes differ from the record";
    } catch (const Error& error) {
        return error.message;
    }
}

// Files below the folders of chips that no record names.
std::vector<std::string> strays(const std::filesystem::path& folder,
                                const std::set<std::string>& known) {
    std::vector<std::string> found;
    for (const char* kind : {"images", "masks", "fields", "qa"}) {
        if (!std::filesystem::is_directory(folder / kind)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / kind)) {
            if (!entry.is_regular_file()) continue;
            const std::string name = entry.path().lexically_relative(folder).string();
            const bool young =
                std::filesystem::file_time_type::clock::now() - entry.last_write_time() < kStale;
            const bool temporary = entry.path().filename().string().starts_with(".");
            if (!known.contains(name) && !(temporary && young)) found.push_back(name);
        }
    }
    std::ranges::sort(found);
    return found;
}

// No pixel may be seen in training and tested: windows of two sets must not meet.
void check_splits(const std::vector<const ChipRecord*>& chips, std::vector<Fault>& faults) {
    std::map<std::tuple<std::string, int, int>, std::vector<const ChipRecord*>> buckets;
    for (const ChipRecord* chip : chips) {
        if (chip->split == "buffer") continue;
        const int size = chip->size_px;
        for (int r = -1; r <= 1; ++r)
            for (int c = -1; c <= 1; ++c) {
                const auto found =
                    buckets.find({chip->tile, chip->col / size + c, chip->row / size + r});
                if (found == buckets.end()) continue;
                for (const ChipRecord* other : found->second)
                    if (other->split != chip->split && std::abs(other->col - chip->col) < size &&
                        std::abs(other->row - chip->row) < size)
                        faults.push_back({chip->image, fmt::format("shares pixels with {} of {}",
                                                                   other->chip, other->split)});
            }
        buckets[{chip->tile, chip->col / size, chip->row / size}].push_back(chip);
    }
}

// Names of the chips of a manifest, one a line.
std::string listed_chips(const std::filesystem::path& manifest) {
    if (!std::filesystem::exists(manifest)) return {};
    const std::string text = fs::read_text(manifest, kMaxPartBytes);
    std::string names;
    for (const auto line : split(text, '\n'))
        if (!line.empty()) names += parse_chip_record(line).chip + "\n";
    return names;
}

}  // namespace

std::vector<TaskPart> read_parts(const std::filesystem::path& folder) {
    std::vector<TaskPart> parts;
    for (const auto& file : part_files(folder)) parts.push_back(read_part(file));
    return parts;
}

std::vector<ChipRecord> read_chips(const std::filesystem::path& folder) {
    std::vector<ChipRecord> chips;
    for (TaskPart& part : read_parts(folder))
        std::ranges::move(part.chips, std::back_inserter(chips));
    return chips;
}

void check_plan(const std::filesystem::path& folder, const std::string& plan_id) {
    const auto path = folder / "plan.json";
    if (!std::filesystem::exists(path)) return;
    const std::string there = plan_id_of(fs::read_text(path, kMaxPlanBytes), path.string());
    if (there != plan_id)
        throw Error(
            Exit::bad_input,
            fmt::format("{} holds chips of plan {}, not {}", folder.string(), there, plan_id),
            "take another folder");
}

void adopt_plan(const std::filesystem::path& folder, const std::string& plan_line,
                std::string_view class_map_csv) {
    const auto path = folder / "plan.json";
    const std::string id = plan_id_of(plan_line, "the first line");
    check_plan(folder, id);
    if (std::filesystem::exists(path)) return;
    fs::prepare_output(path, fs::IfExists::replace);
    fs::write_text_atomically(folder / "classes.csv", class_map_csv, fs::IfExists::replace);
    fs::write_text_atomically(path, plan_line + "\n", fs::IfExists::replace);
}

void merge_manifest(const std::filesystem::path& folder) {
    const fs::FileLock lock(folder / ".manifest.lock");
    std::map<std::string, std::string> lines;
    for (const TaskPart& part : read_parts(folder))
        for (const ChipRecord& chip : part.chips) lines[chip.chip] = format_chip_record(chip);
    std::string text;
    for (const auto& [name, line] : lines) text += line + "\n";
    fs::write_text_atomically(folder / "manifest.jsonl", text, fs::IfExists::replace);
}

VerifyReport verify_data_set(const std::filesystem::path& folder, int threads, bool fix,
                             const std::function<void(double)>& progress) {
    if (!std::filesystem::exists(folder / "plan.json") &&
        !std::filesystem::is_directory(folder / "parts"))
        throw Error{Exit::missing_input, fmt::format("{} is no data set", folder.string()),
                    "hls-chip run makes one"};
    VerifyReport report;
    const std::vector<TaskPart> parts = read_parts(folder);
    std::vector<const ChipRecord*> chips;
    std::map<const ChipRecord*, std::string> task_of;
    std::set<std::string> known, names;
    for (const TaskPart& part : parts)
        for (const ChipRecord& chip : part.chips) {
            chips.push_back(&chip);
            task_of[&chip] = part.result.task_id;
            for (const ChipFile& file : files_of(chip)) known.insert(file.path);
            if (!names.insert(chip.chip).second)
                report.faults.push_back({chip.image, "two tasks claim it"});
        }
    report.chips = static_cast<std::int64_t>(chips.size());
    report.tasks = static_cast<std::int64_t>(parts.size());
    std::vector<std::vector<Fault>> found(chips.size());
    std::mutex mutex;
    std::size_t done = 0;
    parallel_for(chips.size(), threads, [&](std::size_t i) {
        const ChipRecord& chip = *chips[i];
        for (const ChipFile& file : files_of(chip))
            if (const std::string wrong = check_file(folder, file, chip); !wrong.empty())
                found[i].push_back({file.path, wrong});
        const std::lock_guard lock(mutex);
        progress(static_cast<double>(++done) / static_cast<double>(chips.size()));
    });
    std::set<std::string> broken_tasks;
    for (std::size_t i = 0; i < chips.size(); ++i) {
        if (!found[i].empty()) broken_tasks.insert(task_of.at(chips[i]));
        report.faults.insert(report.faults.end(), found[i].begin(), found[i].end());
    }
    check_splits(chips, report.faults);
    for (const std::string& stray : strays(folder, known)) {
        report.faults.push_back({stray, "belongs to no chip"});
        if (fix) std::filesystem::remove(folder / stray);
    }
    std::string manifest;
    for (const std::string& name : names) manifest += name + "\n";
    if (listed_chips(folder / "manifest.jsonl") != manifest)
        report.faults.push_back({"manifest.jsonl", "differs from the parts"});
    if (fix) {
        for (const std::string& task : broken_tasks)
            std::filesystem::remove(folder / "parts" / (task + ".jsonl"));
        merge_manifest(folder);
    }
    return report;
}

}  // namespace hls::chip
