// SPDX-License-Identifier: Apache-2.0
#include "tile/twins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/error.hpp"
#include "core/log.hpp"
#include "io/raster.hpp"
#include "tile/landsat_pass.hpp"
#include "tile/stored_value.hpp"

namespace hls::tile {
namespace {

constexpr std::string_view kTwinHint = "give the granules of one tile and datatake";

void require_same(const scene::Sentinel2AcScene& a, const scene::Sentinel2AcScene& b,
                  std::string_view what, const std::string& of_a, const std::string& of_b) {
    if (of_a == of_b) return;
    throw Error{
        Exit::bad_input,
        fmt::format("{} is of {} {}, {} of {}", b.product_id, what, of_b, a.product_id, of_a),
        std::string(kTwinHint)};
}

void require_twins(const scene::Sentinel2AcScene& a, const scene::Sentinel2AcScene& b) {
    require_same(a, b, "tile", a.tile, b.tile);
    require_same(a, b, "satellite", a.spacecraft, b.spacecraft);
    require_same(a, b, "orbit", std::to_string(a.relative_orbit), std::to_string(b.relative_orbit));
    require_same(a, b, "the datatake of", format_utc(a.datatake_start),
                 format_utc(b.datatake_start));
}

void require_different(const std::vector<scene::Sentinel2AcScene>& ordered) {
    const auto twice =
        std::ranges::adjacent_find(ordered, {}, &scene::Sentinel2AcScene::product_id);
    if (twice == ordered.end()) return;
    throw Error{Exit::bad_input,
                fmt::format("{} and {} are the same granule", twice->folder.string(),
                            std::next(twice)->folder.string()),
                "give each granule once"};
}

// Why the granule is not used, if so.
std::optional<Error> refusal(const scene::Sentinel2AcScene& scene) {
    if (scene.sun_zenith_deg > kHighestSunZenith)
        return Error{
            Exit::low_sun,
            fmt::format("{}: the sun stands {:.1f} deg high, less than {} deg", scene.product_id,
                        90 - scene.sun_zenith_deg, 90 - kHighestSunZenith)};
    // The mask needs to be read only where the metadata are that bad.
    if (scene.cloud_cover_percent.value_or(0) <= kHighestCloudPercent || !scene.has("FMASK"))
        return std::nullopt;
    const double clear = clear_percent(scene);
    if (clear >= kLowestClearPercent) return std::nullopt;
    return Error{Exit::cloudy, fmt::format("{}: {:.2f} % clear, cloud cover {:.1f} %",
                                           scene.product_id, clear, *scene.cloud_cover_percent)};
}

}  // namespace

double clear_percent(const scene::Sentinel2AcScene& scene) {
    constexpr int kChunk = 256;
    constexpr std::uint8_t kCloudClass = 4;
    const io::RasterReader reader(scene.layer_path("FMASK"));
    std::int64_t valid = 0;
    std::int64_t cloud = 0;
    Plane<std::uint8_t> rows(std::min(kChunk, reader.rows()), reader.cols());
    for (int row = 0; row < reader.rows(); row += kChunk) {
        const auto part = rows.view().rows(0, std::min(kChunk, reader.rows() - row));
        reader.read_rows(row, part);
        for (int r = 0; r < part.rows(); ++r) {
            valid += part.cols() - std::ranges::count(part.row(r), kMaskFill);
            cloud += std::ranges::count(part.row(r), kCloudClass);
        }
    }
    if (valid == 0) return 0;
    return 100 * (1 - static_cast<double>(cloud) / static_cast<double>(valid));
}

Twins make_twins(std::vector<scene::Sentinel2AcScene> scenes) {
    if (scenes.empty()) throw Error{Exit::usage, "no scene given"};
    for (const auto& other : scenes) require_twins(scenes.front(), other);
    std::ranges::sort(scenes, {}, &scene::Sentinel2AcScene::product_id);
    require_different(scenes);
    Twins twins;
    std::optional<Error> worst;
    for (auto& scene : scenes) {
        auto reason = refusal(scene);
        if (!reason) {
            twins.scenes.push_back(std::move(scene));
            continue;
        }
        twins.left_out.push_back(
            {scene.product_id, reason->code == Exit::cloudy ? "cloudy" : "low sun"});
        if (!worst || reason->code == Exit::cloudy) worst = std::move(reason);
    }
    if (twins.scenes.empty()) throw *worst;
    for (const auto& out : twins.left_out)
        log_info("{} is left out: {}", out.product_id, out.reason);
    return twins;
}

}  // namespace hls::tile
