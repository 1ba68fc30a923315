// SPDX-License-Identifier: Apache-2.0
#include "simulate/truth_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "io/raster.hpp"
#include "scene/ac_scene.hpp"
#include "simulate/landsat_granule.hpp"
#include "simulate/scene_renderer.hpp"

namespace hls::simulate {
namespace {

// "<id>_TRUTH_FMASK.tif" of the folder tells the product id.
std::string product_id_of(const std::filesystem::path& truth) {
    constexpr std::string_view kEnd = "_TRUTH_FMASK.tif";
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(truth, gone)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(kEnd)) return name.substr(0, name.size() - kEnd.size());
    }
    throw Error{Exit::missing_input, fmt::format("{}: holds no *{}", truth.string(), kEnd),
                "give the truth folder that hls-simulate landsat wrote"};
}

template <typename T>
Plane<T> read_like(const std::filesystem::path& path, int rows, int cols) {
    const io::RasterReader reader(path.string());
    if (reader.rows() != rows || reader.cols() != cols)
        throw Error{Exit::bad_input,
                    fmt::format("{}: {} x {} pixels, the truth has {} x {}", path.string(),
                                reader.rows(), reader.cols(), rows, cols)};
    return reader.read<T>();
}

double reflectance(std::uint16_t stored) noexcept {
    return stored * scene::kReflectanceScale + scene::kReflectanceOffset;
}

}  // namespace

double TruthReport::worst_bias() const {
    double worst = 0;
    for (const ErrorStatistics& band : bands) worst = std::max(worst, std::fabs(band.bias));
    return worst;
}

double TruthReport::worst_rmse() const {
    double worst = 0;
    for (const ErrorStatistics& band : bands) worst = std::max(worst, band.rmse);
    return worst;
}

TruthReport compare_with_truth(const std::filesystem::path& scene_folder,
                               const std::filesystem::path& truth) {
    TruthReport report;
    report.product_id = product_id_of(truth);
    const auto true_path = [&](std::string_view layer) {
        return truth / truth_file_name(report.product_id, layer);
    };
    const auto scene_path = [&](std::string_view layer) {
        return scene_folder / scene::ac_file_name(report.product_id, layer);
    };
    const auto mask = io::RasterReader(true_path("FMASK").string()).read<std::uint8_t>();
    const auto cover = read_like<std::uint8_t>(true_path("COVER"), mask.rows(), mask.cols());
    std::array<ErrorSum, kCovers> by_cover;
    for (int band = 1; band <= kReflectiveBands; ++band) {
        const auto expected =
            read_like<std::uint16_t>(true_path(fmt::format("B{}", band)), mask.rows(), mask.cols());
        const auto found = read_like<std::uint16_t>(scene_path(fmt::format("SR_B{}", band)),
                                                    mask.rows(), mask.cols());
        ErrorSum errors;
        for (std::size_t i = 0; i < mask.size(); ++i) {
            if (mask.cells()[i] != kTruthLand) continue;
            if (found.cells()[i] == scene::kReflectanceFill) {
                if (band == 1) ++report.lost;
                continue;
            }
            const double error = reflectance(found.cells()[i]) - reflectance(expected.cells()[i]);
            errors.add(error);
            if (band == 4) by_cover[cover.cells()[i]].add(error);
        }
        report.bands[static_cast<std::size_t>(band - 1)] = errors.result();
    }
    const auto expected = read_like<std::int16_t>(true_path("AOT"), mask.rows(), mask.cols());
    const auto found = read_like<std::int16_t>(scene_path("AOT"), mask.rows(), mask.cols());
    ErrorSum errors, level;
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (mask.cells()[i] != kTruthLand || found.cells()[i] == scene::kAotFill) continue;
        errors.add((found.cells()[i] - expected.cells()[i]) * scene::kAotScale);
        level.add(expected.cells()[i] * scene::kAotScale);
    }
    report.aot = errors.result();
    report.mean_true_aot = level.result().bias;
    for (std::size_t i = 0; i < kCovers; ++i) report.red_by_cover[i] = by_cover[i].result();
    if (report.aot.count == 0)
        throw Error{Exit::empty,
                    fmt::format("{}: no clear land to compare", scene_folder.string())};
    return report;
}

std::string report_table(const TruthReport& report) {
    std::string text = fmt::format("{}: {} pixels of clear land, mean AOT {:.3f}\n",
                                   report.product_id, report.aot.count, report.mean_true_aot);
    if (report.lost > 0) text += fmt::format("{} more are fill in the scene\n", report.lost);
    text += table_head();
    for (std::size_t i = 0; i < report.bands.size(); ++i)
        text += table_line(fmt::format("B{}", i + 1), report.bands[i]);
    text += table_line("AOT", report.aot);
    for (std::size_t i = 0; i < kCovers; ++i)
        if (report.red_by_cover[i].count > 0)
            text += table_line(fmt::format("B4 {}", cover_name(static_cast<Cover>(i))),
                               report.red_by_cover[i]);
    return text;
}

std::string report_json(const TruthReport& report) {
    std::string text = fmt::format(R"({{"product_id":"{}","land_pixels":{},"lost":{},"bands":[)",
                                   report.product_id, report.aot.count, report.lost);
    for (std::size_t i = 0; i < report.bands.size(); ++i)
        text += fmt::format(R"({}{{"band":{},{}}})", i == 0 ? "" : ",", i + 1,
                            json_of(report.bands[i]));
    return text + fmt::format(R"(],"aot":{{"mean_true":{:.6f},{}}}}})", report.mean_true_aot,
                              json_of(report.aot));
}

}  // namespace hls::simulate
