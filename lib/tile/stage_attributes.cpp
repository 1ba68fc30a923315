// SPDX-License-Identifier: Apache-2.0
#include "tile/stage_attributes.hpp"

#include <nlohmann/json.hpp>

#include "granule/sentinel2.hpp"
#include "product/tags.hpp"

namespace hls::tile {
namespace {

using Json = nlohmann::ordered_json;

Json granule_attributes(const scene::Sentinel2AcScene& scene, const CoverageCounts& counts,
                        const io::Grid& tile) {
    const std::int64_t pixels = std::int64_t{9} * tile.rows * tile.cols;
    return {{"PRODUCT_URI", scene.product_uri},
            {"spatial_coverage", counts.spatial_percent(pixels, false)},
            {"cloud_coverage", counts.cloud_percent()},
            {"npix", counts.valid},
            {"ncloud", counts.cloudy}};
}

}  // namespace

std::string stage_attributes(const S30Plan& plan, const S30Report& report) {
    Json all = Json::object();
    for (std::size_t g = 0; g < plan.twins.scenes.size(); ++g) {
        const auto& scene = plan.twins.scenes[g];
        const auto& coverage = report.summary.granules[g];
        all[granule_letter(g) + "_after_mask"] =
            granule_attributes(scene, coverage.combined, plan.grid);
        all[granule_letter(g) + "_after_trim"] =
            granule_attributes(scene, coverage.trimmed, plan.grid);
    }
    all["counts_10m_after_consolidate"] = {{"npix", report.summary.coverage.valid},
                                           {"ncloud", report.summary.coverage.cloudy}};
    Json& tags =
        all["bandpass_" + granule::sentinel2_satellite(plan.twins.scenes.front().spacecraft).id] =
            Json::object();
    for (const auto& [name, value] : product::global_tags(report.info)) tags[name] = value;
    return all.dump(1) + "\n";
}

}  // namespace hls::tile
