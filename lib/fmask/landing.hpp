// SPDX-License-Identifier: Apache-2.0
// The ground on which shadows of clouds fall: what is seen there, and what is shaded.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
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
};

// Evidence for a shadow: by how many samples dark ground outnumbers clear ground.
constexpr std::int64_t kAnyEvidence = std::numeric_limits<std::int64_t>::min();

class LandingGround {
 public:
    // `scene` must outlive this.
    LandingGround(const Objects& objects, const ShadowScene& scene, const UnknownPixels& rule,
                  int threads);

    // Whether the shadow is in the image with all its pixels.
    bool holds(const CloudShape& shape, const Moves& moves) const;
    // Of the samples of the object, moved; what lands on the object itself is not counted. Nothing
    // as soon as the evidence cannot be more than `beat`.
    std::optional<Landed> land(std::uint32_t object, const CloudShape& shape, const Moves& moves,
                               std::int64_t beat) const;

    // Sets the shadow of the object, whose pixels are `runs`, in a plane that other threads write
    // too: where the ground is dark or, unless `only_dark`, clear or unknown. False, and nothing
    // set, if all of it falls on water.
    bool paint(std::span<const Run> runs, const CloudShape& shape, const Moves& moves,
               bool only_dark, BitPlane& shadow) const;

 private:
    // Whether none of it is in the image.
    bool misses(const CloudShape& shape, const Moves& moves) const;
    void land_inside(std::uint32_t object, std::span<const Sample> samples, const Moves& moves,
                     Landed& landed) const;
    void land_at_edge(std::uint32_t object, std::span<const Sample> samples, const Moves& moves,
                      Landed& landed) const;

    const ShadowScene& scene_;
    Plane<std::uint32_t> ground_;  // a Ground, or kFirstCloud + object
};

}  // namespace hls::fmask
