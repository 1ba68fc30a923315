// SPDX-License-Identifier: Apache-2.0
// Reading chips of one task: windows of each chip from files opened anew, as a loop over chips
// does, beside one window of the task from which all chips are cut. bench_chip TASKS ITEMS takes
// the task with the most chips of a plan and the items of its scenes.
#include <fmt/format.h>
#include <gdal.h>
#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <iostream>

#include "chip/scene_finder.hpp"
#include "chip/season_scenes.hpp"
#include "chip/shipped.hpp"
#include "chip/task_parcels.hpp"
#include "core/error.hpp"
#include "fs/read_text.hpp"

namespace {

using namespace hls;
using namespace hls::chip;

constexpr std::size_t kMostNaive = 100;  // chips, evenly from all: each takes a tenth of a second

struct Cost {
    double wall_s = 0, cpu_s = 0;
};

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <typename Body>
Cost cost_of(Body body) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    body();
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
            cpu_seconds() - cpu};
}

// A band of a chip as a loop over chips gets it: open, window, close. Bands of 20 m are asked for
// at 10 m, which GDAL answers with the nearest pixel.
std::uint64_t read_window(const std::string& path, const ChipWindow& window, int size) {
    GDALDatasetH dataset = GDALOpen(path.c_str(), GA_ReadOnly);
    if (dataset == nullptr) throw Error(Exit::bad_input, path);
    const int factor = 10980 / GDALGetRasterXSize(dataset);
    std::vector<std::uint16_t> pixels(static_cast<std::size_t>(size) *
                                      static_cast<std::size_t>(size));
    const auto result = GDALRasterIO(GDALGetRasterBand(dataset, 1), GF_Read, window.col / factor,
                                     window.row / factor, size / factor, size / factor,
                                     pixels.data(), size, size, GDT_UInt16, 0, 0);
    GDALClose(dataset);
    if (result != CE_None) throw Error(Exit::bad_input, path);
    std::uint64_t sum = 0;
    for (const auto pixel : pixels) sum += pixel;
    return sum;
}

Task busiest_task(const std::string& file) {
    std::ifstream in(file);
    std::optional<Task> best;
    double most = -1;
    std::string line;
    std::getline(in, line);  // the plan
    while (std::getline(in, line)) {
        Task task = parse_task(line);
        double expected = 0;
        for (const auto& [klass, count] : task.expected) expected += count;
        if (expected > most) best = std::move(task);
        most = std::max(most, expected);
    }
    if (!best) throw Error(Exit::empty, "no task");
    return *best;
}

PixelBox box_of(const std::vector<ChipWindow>& windows, int size) {
    int left = 1 << 20, top = left, right = 0, bottom = 0;
    for (const ChipWindow& window : windows) {
        left = std::min(left, window.col);
        top = std::min(top, window.row);
        right = std::max(right, window.col + size);
        bottom = std::max(bottom, window.row + size);
    }
    return {left, top, right - left, bottom - top};
}

void compare(const std::string& tasks, const std::string& folder) {
    const Task task = busiest_task(tasks);
    const ImageryTable table = parse_imagery_table(shipped_imagery(), "imagery.json");
    const ClassMap map = parse_class_map(shipped_class_map(), "classes");
    ImageryAccess access(table);
    const auto found = find_in_folder(folder, {})(task);
    const int size = task.shape.size_px;
    std::vector<ChipWindow> windows;
    for (const Parcel& parcel : read_task_parcels(task, map, "").sampled)
        windows.push_back(parcel.window);
    const auto& bands = table.profile(task.imagery.profile).bands;
    const SeasonWindow& season = task.imagery.seasons.front();

    GDALAllRegister();
    std::size_t cut = 0;
    std::uint64_t sum = 0;
    std::string scene;
    const Cost ours = cost_of([&] {
        NetTally tally;
        SceneStore store({task, table, OffsetChoice::automatic, {access, tally, 1}}, found.items,
                         box_of(windows, size));
        SeasonScenes scenes(store, season);
        for (const ChipWindow& window : windows) {
            std::string rejected;
            auto chip = scenes.cut(window, rejected);
            if (!chip) continue;
            ++cut;
            scene = chip->scene.id;
            for (const auto& plane : chip->bands)
                for (const auto pixel : plane.cells()) sum += pixel;
            store.give_back(std::move(chip->bands));
        }
    });
    std::uint64_t naive_sum = 0;
    const std::size_t step = windows.size() / kMostNaive + 1;
    double naive_chips = 0;
    const Cost naive = cost_of([&] {
        for (std::size_t i = 0; i < windows.size(); i += step, ++naive_chips)
            for (const std::string& band : bands)
                naive_sum +=
                    read_window(fmt::format("{}/{}/{}.tif", folder, scene, band), windows[i], size);
    });
    const auto chips = static_cast<double>(windows.size());
    fmt::print(
        "{} chips ({} cut), {} bands: window of each chip {:.1f} ms CPU, {:.1f} ms wall a chip; "
        "window of the task {:.2f} ms CPU, {:.2f} ms wall: {:.0f} times faster (bar 30), {:.0f} "
        "by the clock\n",
        windows.size(), cut, bands.size(), 1e3 * naive.cpu_s / naive_chips,
        1e3 * naive.wall_s / naive_chips, 1e3 * ours.cpu_s / chips, 1e3 * ours.wall_s / chips,
        naive.cpu_s / naive_chips / ours.cpu_s * chips,
        naive.wall_s / naive_chips / ours.wall_s * chips);
    if (cut != windows.size() || sum == 0 || naive_sum == 0)
        throw Error(Exit::internal, "not the same chips were read");
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 3) {
        std::cerr << "usage: bench_chip TASKS ITEMS\n";
        return 2;
    }
    compare(argv[1], argv[2]);
    return 0;
} catch (const std::exception& error) {
    std::cerr << "bench_chip: " << error.what() << '\n';
    return 1;
}
