// SPDX-License-Identifier: Apache-2.0
// How far masks are from the truth of simulated scenes, or from another mask, scene by scene and
// all together. usage: mask_report [LIMIT=VALUE]... MASK TRUTH [MASK TRUTH]... LIMIT is one of
// those that the last table prints, as in cloud_recall=0.97; a smaller pooled value ends with 1.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "io/raster.hpp"

namespace {

using namespace hls;
using Mask = Plane<std::uint8_t>;

// Undecided is what the truth leaves open; the other codes are those of masks.
enum Class : std::uint8_t {
    kWater = 1,
    kShadow = 2,
    kSnow = 3,
    kCloud = 4,
    kUndecided = 5,
    kFill = 255
};
constexpr int kNearby = 3;  // pixels by which a shadow may be misplaced

struct Counts {
    std::int64_t found = 0;
    std::int64_t real = 0;
    std::int64_t both = 0;

    void operator+=(const Counts& o) {
        found += o.found;
        real += o.real;
        both += o.both;
    }
    double recall() const { return ratio(both, real); }
    double precision() const { return ratio(both, found); }
    double f1() const { return ratio(2 * both, found + real); }
    double iou() const { return ratio(both, found + real - both); }

 private:
    // What is not there cannot be missed.
    static double ratio(std::int64_t part, std::int64_t whole) {
        return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
    }
};

struct Judgement {
    std::map<int, Counts> classes;
    Counts near_shadow;  // real shadow with a found one nearby

    void operator+=(const Judgement& o) {
        for (const auto& [value, counts] : o.classes) classes[value] += counts;
        near_shadow += o.near_shadow;
    }
};

bool shadow_nearby(const Mask& mask, int row, int col) {
    for (int r = std::max(row - kNearby, 0); r <= std::min(row + kNearby, mask.rows() - 1); ++r)
        for (int c = std::max(col - kNearby, 0); c <= std::min(col + kNearby, mask.cols() - 1); ++c)
            if (mask(r, c) == kShadow) return true;
    return false;
}

Judgement judge(const Mask& mask, const Mask& truth) {
    Judgement all;
    for (int r = 0; r < truth.rows(); ++r)
        for (int c = 0; c < truth.cols(); ++c) {
            const std::uint8_t found = mask(r, c);
            const std::uint8_t real = truth(r, c);
            if (real == kFill || real == kUndecided || found == kFill) continue;
            ++all.classes[found].found;
            ++all.classes[real].real;
            if (found == real) ++all.classes[real].both;
            if (real != kShadow) continue;
            ++all.near_shadow.real;
            if (shadow_nearby(mask, r, c)) ++all.near_shadow.both;
        }
    return all;
}

using Figures = std::vector<std::pair<std::string_view, double>>;

Figures figures_of(Judgement judgement) {
    auto& classes = judgement.classes;
    return {{"cloud_recall", classes[kCloud].recall()},
            {"cloud_precision", classes[kCloud].precision()},
            {"shadow_recall_3px", judgement.near_shadow.recall()},
            {"water_f1", classes[kWater].f1()},
            {"snow_f1", classes[kSnow].f1()},
            {"cloud_iou", classes[kCloud].iou()},
            {"shadow_iou", classes[kShadow].iou()}};
}

std::string line_of(std::string_view name, const Figures& figures) {
    std::string line;
    for (const auto& [figure, value] : figures) line += fmt::format("  {} {:.4f}", figure, value);
    return line + fmt::format("  {}\n", name);
}

int run(const std::vector<std::string>& arguments) {
    std::map<std::string, double, std::less<>> limits;
    std::vector<std::string> files;
    for (const auto& argument : arguments) {
        const auto equals = argument.find('=');
        if (equals == std::string::npos)
            files.push_back(argument);
        else
            limits[argument.substr(0, equals)] = to_double(argument.substr(equals + 1)).value_or(2);
    }
    if (files.empty() || files.size() % 2 != 0)
        throw Error{Exit::usage, "pairs of MASK and TRUTH are needed"};
    Judgement pooled;
    for (std::size_t i = 0; i < files.size(); i += 2) {
        const auto mask = io::RasterReader(files[i]).read<std::uint8_t>();
        const auto truth = io::RasterReader(files[i + 1]).read<std::uint8_t>();
        if (mask.rows() != truth.rows() || mask.cols() != truth.cols())
            throw Error{Exit::bad_input, files[i] + ": not the size of its truth"};
        const Judgement one = judge(mask, truth);
        fmt::print("{}", line_of(files[i], figures_of(one)));
        pooled += one;
    }
    const Figures figures = figures_of(pooled);
    fmt::print("{}", line_of("all together", figures));
    bool kept = true;
    for (const auto& [figure, value] : figures) {
        const auto limit = limits.find(figure);
        if (limit == limits.end() || value >= limit->second) continue;
        fmt::print(stderr, "{} is {:.4f}, less than {}\n", figure, value, limit->second);
        kept = false;
    }
    return kept ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const Error& error) {
        fmt::print(stderr, "mask_report: {}\n", error.message);
        return static_cast<int>(error.code);
    }
}
