// SPDX-License-Identifier: Apache-2.0
#include "chip/plan_words.hpp"

#include <fmt/format.h>

#include <map>

#include "chip/plan_file.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::chip {
namespace {

constexpr double kExactMaxIou = 0.5;
// Whose collections a plan without a catalogue names.
constexpr const char *kSentinel2 = "earth-search", *kHls = "cmr-hls";

// "3=0.5" of a list.
template <typename T, typename Read>
std::map<int, T> by_class(const std::vector<std::string>& words, Read read) {
    std::map<int, T> values;
    for (const std::string& word : words) {
        const auto parts = split(word, '=');
        const auto klass = to_int(parts[0]);
        const auto value = parts.size() == 2 ? read(parts[1]) : std::nullopt;
        if (!klass || !value)
            throw Error{Exit::usage, fmt::format("'{}' is not <class>=<number>", word)};
        if (!values.try_emplace(static_cast<int>(*klass), *value).second)
            throw Error{Exit::usage, fmt::format("class {} is named twice", *klass)};
    }
    return values;
}

void choose_imagery(const PlanWords& words, const ImageryTable& table, PlanRequest& request) {
    auto& imagery = request.imagery;
    imagery.collections = words.collections;
    if (!words.catalogue.empty()) {
        const Catalogue catalogue = table.catalogue(words.catalogue);
        imagery.catalogue = catalogue.url;
        if (imagery.collections.empty()) imagery.collections = catalogue.collections;
        if (imagery.collections.empty())
            throw Error{Exit::usage,
                        fmt::format("{} is not a catalogue that is known", catalogue.url),
                        "say with --collections what to ask it for"};
    }
    const BandProfile& profile = table.profile(imagery.profile);
    if (imagery.collections.empty())
        imagery.collections =
            table.catalogue(profile.kind == ImageryKind::hls ? kHls : kSentinel2).collections;
    for (const std::string& collection : imagery.collections) {
        const auto& layout = table.layout_of(collection, [](const std::string&) { return true; });
        for (const std::string& band : profile.bands)
            if (layout.kind != profile.kind || !layout.bands.contains(band))
                throw Error{Exit::usage,
                            fmt::format("{} has not the bands of {}", collection, profile.name),
                            "choose another profile with --bands"};
    }
    request.shape.pixel_m = profile.pixel_m;
    request.shape.signed_northing = profile.kind == ImageryKind::hls;
}

}  // namespace

void apply_words(const PlanWords& words, const ImageryTable& table, PlanRequest& request) {
    request.grid = parse_cell_grid(words.grid);
    request.split = parse_split(words.split);
    request.probabilities = by_class<double>(words.probabilities, to_double);
    request.targets = by_class<std::int64_t>(words.targets, to_int);
    request.max_iou = words.max_iou.value_or(request.exact ? kExactMaxIou : 1);
    if (!words.bounds.empty())
        request.bounds = geo::Bounds{words.bounds.at(0), words.bounds.at(1), words.bounds.at(2),
                                     words.bounds.at(3)};
    if (words.series_from.empty() != words.series_to.empty())
        throw Error{Exit::usage, "a series has two ends", "give --series-from and --series-to"};
    if (!words.series_from.empty())
        request.series = parse_series(words.series_from, words.series_to, request.year);
    choose_imagery(words, table, request);
}

std::vector<std::string> plan_lines(const Plan& plan) {
    std::vector<std::string> lines{format_plan_summary(plan.summary, plan.tasks.size())};
    for (const Task& task : plan.tasks) lines.push_back(format_task(task));
    return lines;
}

}  // namespace hls::chip
