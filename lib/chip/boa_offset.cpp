// SPDX-License-Identifier: Apache-2.0
#include "chip/boa_offset.hpp"

#include "core/parse.hpp"

namespace hls::chip {
namespace {

constexpr int kOffset = -1000;
constexpr ProcessingBaseline kFirstWithOffset{4, 0};
constexpr double kSurelyGone = 500, kSurelyThere = 800;  // DN

}  // namespace

std::optional<ProcessingBaseline> parse_baseline(std::string_view text) {
    const auto parts = split(trim(text), '.');
    if (parts.size() != 2) return std::nullopt;
    const auto major = to_int(parts[0]), minor = to_int(parts[1]);
    if (!major || !minor || *major < 0 || *minor < 0 || *major > 99 || *minor > 99)
        return std::nullopt;
    return ProcessingBaseline{static_cast<int>(*major), static_cast<int>(*minor)};
}

std::optional<OffsetAnswer> offset_by_metadata(const OffsetQuestion& question) {
    if (question.choice == OffsetChoice::none) return OffsetAnswer{0, "option", {}};
    if (question.choice == OffsetChoice::minus_1000) return OffsetAnswer{kOffset, "option", {}};
    if (question.rule == OffsetRule::none) return OffsetAnswer{0, "collection", {}};
    if (question.baseline && *question.baseline < kFirstWithOffset)
        return OffsetAnswer{0, "baseline", {}};
    if (question.rule == OffsetRule::baseline)
        return question.baseline ? OffsetAnswer{kOffset, "baseline", {}}
                                 : OffsetAnswer{{}, "no baseline", {}};
    if (question.applied_flag.value_or(false)) return OffsetAnswer{0, "flag", {}};
    if (question.choice == OffsetChoice::trust_flag) return OffsetAnswer{kOffset, "flag", {}};
    return std::nullopt;
}

OffsetAnswer offset_by_pixels(std::optional<double> lowest_percentile) {
    if (!lowest_percentile) return {{}, "no valid pixels", {}};
    if (*lowest_percentile >= kSurelyThere) return {kOffset, "pixels", lowest_percentile};
    if (*lowest_percentile < kSurelyGone) return {0, "pixels", lowest_percentile};
    return {{}, "ambiguous", lowest_percentile};
}

}  // namespace hls::chip
