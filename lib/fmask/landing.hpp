// SPDX-License-Identifier: Apache-2.0
// The ground on which shadows of clouds fall: what is seen there, and what is shaded.
#pragma once

#include <cstdint>
#include <span>

#include "core/view2d.hpp"
#include "fmask/cloud_shape.hpp"
#include "fmask/objects.hpp"
#include "fmask/profile.hpp"
#include "fmask/shadow_match.hpp"

namespace hls::fmask {

// Pixels on which a shadow falls.
struct Landed {
    std::int64_t clear = 0;
    std::int64_t dark = 0;
    std::int64_t unknown = 0;
    std::int64_t outside = 0;
    std::int64_t own = 0;  // on the cloud itself
};

class LandingGround {
 public:
    // `scene` must outlive this.
    LandingGround(const Objects& objects, const ShadowScene& scene, const UnknownPixels& rule,
                  int threads);

    // Whether the shadow is in the image with all its pixels.
    bool holds(const CloudShape& shape, std::span<const Move> moves) const;
    // Of the samples of the object, moved.
    Landed land(std::uint32_t object, const CloudShape& shape, std::span<const Move> moves) const;

    // Sets the shadow of the object, whose pixels are `runs`, in a plane that other threads write
    // too: where the ground is dark or, unless `only_dark`, clear or unknown. False, and nothing
    // set, if all of it falls on water.
    bool paint(std::span<const Run> runs, const CloudShape& shape, std::span<const Move> moves,
               bool only_dark, BitPlane& shadow) const;

 private:
    template <bool kMayLeave>
    Landed land_samples(std::uint32_t object, const CloudShape& shape,
                        std::span<const Move> moves) const;

    const ShadowScene& scene_;
    Plane<std::uint8_t> targets_;
    Plane<std::uint32_t> labels_;
};

}  // namespace hls::fmask
