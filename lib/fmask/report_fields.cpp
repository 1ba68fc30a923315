// SPDX-License-Identifier: Apache-2.0
#include "fmask/report_fields.hpp"

#include <optional>

namespace hls::fmask {

Fields parameter_fields(const MaskReport& report) {
    Fields fields{{"profile", report.profile.name},
                  {"buffer_cloud", std::int64_t{report.profile.dilate_cloud}},
                  {"buffer_shadow", std::int64_t{report.profile.dilate_shadow}}};
    for (const auto& [name, value] : report.notes) fields.emplace_back(name, value);
    for (const auto& stage : report.timings) fields.emplace_back(stage.stage + "_s", stage.wall_s);
    return fields;
}

Fields gate_fields(const MaskReport& report) {
    const auto percent = [&](std::int64_t pixels) {
        return 100. * static_cast<double>(pixels) / static_cast<double>(report.valid_pixels);
    };
    const auto& pixels = report.pixels;
    const SceneStatistics& statistics = report.statistics;
    Fields fields{{"clear_v4", report.clear_v4()},
                  {"clear_v5", report.clear_v5()},
                  {"cloud_percent", percent(pixels[kCloudClass])},
                  {"shadow_percent", percent(pixels[kShadow])},
                  {"snow_percent", percent(pixels[kSnow])},
                  {"water_percent", percent(pixels[kWater])},
                  {"land_percent", percent(pixels[kLand])},
                  {"unbuffered_cloud_percent", percent(report.unbuffered_cloud_pixels)},
                  {"tested_water_pixels", report.tested_water_pixels},
                  {"valid_pixels", report.valid_pixels},
                  {"potential_clear_pixels", statistics.clear_pixels},
                  {"enough_clear", statistics.enough_clear},
                  {"cloud_objects", report.objects.clouds},
                  {"cloud_objects_matched", report.objects.matched},
                  {"land_threshold", statistics.land_threshold}};
    const auto add = [&](const char* name, const std::optional<double>& value) {
        if (value) fields.emplace_back(name, *value);
    };
    add("water_threshold", statistics.water_threshold);
    add("land_low_c", statistics.land_low_c);
    add("land_high_c", statistics.land_high_c);
    add("water_high_c", statistics.water_high_c);
    return fields;
}

}  // namespace hls::fmask
