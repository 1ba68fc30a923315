// SPDX-License-Identifier: Apache-2.0
// From the first look at every pixel to classes: the whole sequence of steps, without files.
#pragma once

#include <functional>
#include <optional>

#include "fmask/bit_plane.hpp"
#include "fmask/clear_pixels.hpp"
#include "fmask/cloud_probability.hpp"
#include "fmask/objects.hpp"
#include "fmask/profile.hpp"
#include "fmask/scene_statistics.hpp"
#include "fmask/shadow_match.hpp"
#include "fmask/surface.hpp"
#include "fmask/view_field.hpp"

namespace hls::fmask {

// Fmask's codes.
enum MaskClass : std::uint8_t { kLand, kWater, kShadow, kSnow, kCloudClass, kFill = 255 };

struct ClassifyRequest {
    const SceneTraits& traits;
    const Profile& profile;
    const Ground& ground;
    const ViewField& view;
    // Of a larger scene that this one is a part of; else they are found here.
    std::optional<SceneStatistics> statistics;
    int threads = 1;
    // Called once each, where there is something to tell.
    std::function<void(const CloudProbability&, const Surface&, const SceneStatistics&)>
        on_probability;
    std::function<void(const Objects&, const ShadowMatch&)> on_heights;
    std::function<void(const char* stage)> on_stage_end;
};

struct ObjectCounts {
    std::int64_t clouds = 0;
    std::int64_t matched = 0;  // clouds whose shadow was found
};

struct Classification {
    SceneStatistics statistics;
    // Before precedence is applied; cloud and shadow with their buffers, all within `valid`.
    BitPlane valid, water, snow, shadow, cloud;
    std::int64_t unbuffered_cloud = 0;  // pixels
    ObjectCounts objects;

    // One row of classes, in increasing precedence land, water, snow, shadow, cloud, fill.
    void fill_row(int row, std::span<std::uint8_t> classes) const;
};

// Uses the surface up.
Classification classify(Surface surface, const ClassifyRequest& request);

}  // namespace hls::fmask
