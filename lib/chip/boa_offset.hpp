// SPDX-License-Identifier: Apache-2.0
// Whether reflectances carry the offset of 1000 that Sentinel-2 products have since processing
// baseline 04.00, which catalogues state wrongly often enough to look at the pixels.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chip/imagery_table.hpp"

namespace hls::chip {

struct ProcessingBaseline {
    int major = 0, minor = 0;

    auto operator<=>(const ProcessingBaseline&) const = default;
};
// "04.00", "5.11"; two numbers, not a decimal fraction.
std::optional<ProcessingBaseline> parse_baseline(std::string_view text);

enum class OffsetChoice { automatic, trust_flag, none, minus_1000 };

struct OffsetQuestion {
    OffsetChoice choice = OffsetChoice::automatic;
    OffsetRule rule = OffsetRule::baseline;
    std::optional<ProcessingBaseline> baseline;
    std::optional<bool> applied_flag;  // the item says that the offset was removed
};

// DN to add to valid pixels, and why.
struct OffsetAnswer {
    std::optional<int> offset;  // nullopt: cannot be told, the scene is not to be used
    std::string rule;
    std::optional<double> percentile;  // that decided, DN
};

// `lowest_percentile` is asked only where the pixels must decide: the smallest over bands of the
// half percent quantile of valid pixels, nullopt without any.
template <typename Percentile>
OffsetAnswer boa_offset(const OffsetQuestion& question, Percentile lowest_percentile);

// From pixels alone: below 500 the offset is gone, from 800 on it is there.
OffsetAnswer offset_by_pixels(std::optional<double> lowest_percentile);
// Without pixels; nullopt if they must decide.
std::optional<OffsetAnswer> offset_by_metadata(const OffsetQuestion& question);

template <typename Percentile>
OffsetAnswer boa_offset(const OffsetQuestion& question, Percentile lowest_percentile) {
    if (auto known = offset_by_metadata(question)) return *known;
    return offset_by_pixels(lowest_percentile());
}

}  // namespace hls::chip
