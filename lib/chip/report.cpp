// SPDX-License-Identifier: Apache-2.0
#include "chip/report.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <set>

#include "chip/data_set.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "io/raster.hpp"

namespace hls::chip {
namespace {

constexpr std::size_t kValues = 65536;
constexpr const char* kAll = "all";

using Counts = std::vector<std::int64_t>;  // by value

int bin_of(double share) {
    return std::clamp(static_cast<int>(share * kReportBins), 0, kReportBins - 1);
}

// The smallest value with at least that share of the pixels at or below it.
int quantile(const Counts& counts, std::int64_t pixels, double share) {
    const auto wanted = static_cast<std::int64_t>(std::ceil(share * static_cast<double>(pixels)));
    std::int64_t seen = 0;
    for (std::size_t value = 1; value < kValues; ++value) {
        seen += counts[value];
        if (seen >= std::max<std::int64_t>(wanted, 1)) return static_cast<int>(value);
    }
    return 0;
}

BandStatistics statistics(const std::string& band, const Counts& counts) {
    BandStatistics of;
    of.band = band;
    double sum = 0, squares = 0;
    for (std::size_t value = 1; value < kValues; ++value) {
        if (counts[value] == 0) continue;
        if (of.pixels == 0) of.lowest = static_cast<int>(value);
        of.highest = static_cast<int>(value);
        of.pixels += counts[value];
        const auto v = static_cast<double>(value), n = static_cast<double>(counts[value]);
        sum += n * v;
        squares += n * v * v;
    }
    if (of.pixels == 0) return of;
    const auto n = static_cast<double>(of.pixels);
    of.mean = sum / n;
    of.deviation = std::sqrt(std::max(0., squares / n - of.mean * of.mean));
    of.p2 = quantile(counts, of.pixels, .02);
    of.median = quantile(counts, of.pixels, .5);
    of.p98 = quantile(counts, of.pixels, .98);
    return of;
}

// Counts are whole numbers: their sum does not depend on the order of chips.
class BandCounts {
 public:
    // A band of all dates of a stack is one: what a classifier is normalised by.
    void add(const std::filesystem::path& image, const ChipRecord& chip) {
        const std::size_t bands = chip.bands.size();
        for (std::size_t b = 0; b < bands; ++b) {
            Counts counts(kValues);
            for (std::size_t d = 0; d < chip.dates.size(); ++d) {
                if (!chip.dates[d].scene) continue;
                const io::RasterReader reader(image.string(), static_cast<int>(d * bands + b) + 1);
                const auto pixels = reader.read<std::uint16_t>();
                for (const std::uint16_t value : pixels.cells()) ++counts[value];
            }
            const std::lock_guard lock(mutex_);
            auto& sum = counts_[chip.split];
            if (sum.size() < bands) sum.resize(bands, Counts(kValues));
            for (std::size_t v = 0; v < kValues; ++v) sum[b][v] += counts[v];
            names_[static_cast<int>(b)] = chip.bands[b];
        }
    }

    std::map<std::string, std::vector<BandStatistics>> result() const {
        std::map<std::string, std::vector<BandStatistics>> all;
        std::vector<Counts> total;
        for (const auto& [split, bands] : counts_) {
            if (total.size() < bands.size()) total.resize(bands.size(), Counts(kValues));
            for (std::size_t b = 0; b < bands.size(); ++b) {
                all[split].push_back(statistics(names_.at(static_cast<int>(b)), bands[b]));
                for (std::size_t v = 0; v < kValues; ++v) total[b][v] += bands[b][v];
            }
        }
        for (std::size_t b = 0; b < total.size(); ++b)
            all[kAll].push_back(statistics(names_.at(static_cast<int>(b)), total[b]));
        return all;
    }

 private:
    std::mutex mutex_;
    std::map<std::string, std::vector<Counts>> counts_;
    std::map<int, std::string> names_;
};

void count_chip(const ChipRecord& chip, DataSetReport& report) {
    const auto pixels = static_cast<double>(chip.size_px) * chip.size_px;
    auto& split = report.balance[chip.split];
    ++split[chip.klass].chips;
    double labelled = 0;
    for (const auto& [klass, count] : chip.label_px) {
        if (klass == 0) continue;
        split[klass].label_px += count;
        labelled += static_cast<double>(count);
    }
    ++report.chips;
    ++report.tiles[chip.tile];
    for (const SceneUse* scene : chip.scenes()) {
        ++report.months[scene->datetime.substr(0, 7)];
        ++report.scenes[scene->id];
        ++report.collections[scene->collection];
        if (scene->cloud_percent) ++report.scene_cloud[bin_of(*scene->cloud_percent / 100)];
    }
    if (chip.is_stack()) ++report.dates[static_cast<int>(chip.scenes().size())];
    ++report.valid[bin_of(chip.valid_fraction())];
    ++report.label[bin_of(labelled / pixels)];
    report.contested_px += chip.overlap_px;
    report.clamped_px += chip.clamped_px();
    report.pixels += static_cast<std::int64_t>(pixels);
}

// Classes that some split has chips of and another has not. A buffer need not have any.
void find_absent(DataSetReport& report) {
    std::set<int> classes;
    for (const auto& [split, of] : report.balance)
        for (const auto& [klass, balance] : of)
            if (balance.chips > 0) classes.insert(klass);
    for (const auto& [split, of] : report.balance) {
        if (split == "buffer") continue;
        for (const int klass : classes)
            if (const auto found = of.find(klass); found == of.end() || found->second.chips == 0)
                report.absent[split].push_back(klass);
    }
}

}  // namespace

DataSetReport make_report(const std::filesystem::path& folder, int threads,
                          const std::function<void(double)>& progress) {
    if (!std::filesystem::is_directory(folder / "parts"))
        throw Error(Exit::missing_input, folder.string() + " is no data set",
                    "hls-chip run makes one");
    DataSetReport report;
    const std::vector<TaskPart> parts = read_parts(folder);
    std::vector<const ChipRecord*> chips;
    for (const TaskPart& part : parts) {
        ++report.tasks[std::string(task_status_name(part.result.status))];
        for (const auto& [reason, count] : part.result.rejected) report.rejected[reason] += count;
        for (const ChipRecord& chip : part.chips) chips.push_back(&chip);
    }
    for (const ChipRecord* chip : chips) count_chip(*chip, report);
    find_absent(report);
    BandCounts counts;
    std::mutex mutex;
    std::size_t done = 0;
    parallel_for(chips.size(), threads, [&](std::size_t i) {
        counts.add(folder / chips[i]->image, *chips[i]);
        const std::lock_guard lock(mutex);
        progress(static_cast<double>(++done) / static_cast<double>(chips.size()));
    });
    report.bands = counts.result();
    return report;
}

}  // namespace hls::chip
