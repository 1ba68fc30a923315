// SPDX-License-Identifier: Apache-2.0
#include "lasrc/job_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>
#include <utility>

#include "core/data_dir.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::lasrc {
namespace {

constexpr std::string_view kFixed = "fixed:";

float number_in(std::string_view text, double low, double high, std::string_view what) {
    const auto value = to_double(text);
    if (!value || *value < low || *value > high)
        throw Error{Exit::usage, fmt::format("{} must be a number from {} to {}, not '{}'", what,
                                             low, high, text)};
    return static_cast<float>(*value);
}

int reflective_band(std::string_view text) {
    const auto band = to_int(text);
    if (!band || *band < 1 || *band > 7)
        throw Error{Exit::usage, fmt::format("not a reflective band: '{}'", text),
                    "bands 1 to 7, as in 2-7 or 2,3,4"};
    return static_cast<int>(*band);
}

// What both sensors have.
template <typename Job>
void set_common(const JobText& text, Job& job) {
    job.granule = text.granule;
    job.output_dir = text.output;
    if (text.mask != "qa-pixel") job.mask = text.mask;
    job.ancillary = text.ancillary.empty() ? (data_dir() / "ancillary").string() : text.ancillary;
    job.aerosol = parse_aerosol(text.aerosol);
    job.quirks = text.quirks == "keep" ? Quirks::keep() : Quirks::fix();
}

void refuse_foreign(std::string_view option, std::string_view value, std::string_view unset,
                    std::string_view sensor) {
    if (value == unset) return;
    throw Error{Exit::usage, fmt::format("--{} is for {} granules", option, sensor)};
}

template <typename Value>
Value chosen(std::string_view option, std::string_view word,
             std::initializer_list<std::pair<std::string_view, Value>> words) {
    for (const auto& [known, value] : words)
        if (known == word) return value;
    throw Error{Exit::usage, fmt::format("--{} {} is not known", option, word)};
}

}  // namespace

LandsatJob parse_landsat_job(const JobText& text) {
    const JobText defaults;
    refuse_foreign("layout", text.layout, defaults.layout, "Sentinel-2");
    refuse_foreign("s2-fill", text.s2_fill, defaults.s2_fill, "Sentinel-2");
    refuse_foreign("s2-qa-fill", text.s2_qa_fill, defaults.s2_qa_fill, "Sentinel-2");
    refuse_foreign("angles", text.angles, defaults.angles, "Sentinel-2");
    LandsatJob job;
    set_common(text, job);
    if (!text.bands.empty()) job.bands = parse_reflective_bands(text.bands);
    job.accept = parse_accepted(text.accept);
    return job;
}

Sentinel2Job parse_sentinel2_job(const JobText& text) {
    refuse_foreign("bands", text.bands, "", "Landsat");
    refuse_foreign("accept", text.accept, "", "Landsat");
    Sentinel2Job job;
    set_common(text, job);
    job.layout = chosen<Sentinel2OutputLayout>("layout", text.layout,
                                               {{"native", Sentinel2OutputLayout::native},
                                                {"reference", Sentinel2OutputLayout::reference}});
    job.fill = chosen<Sentinel2Fill>("s2-fill", text.s2_fill,
                                     {{"any", Sentinel2Fill::any},
                                      {"all", Sentinel2Fill::all},
                                      {"converted", Sentinel2Fill::converted}});
    job.fill_flags = chosen<Sentinel2FillFlags>(
        "s2-qa-fill", text.s2_qa_fill,
        {{"all", Sentinel2FillFlags::all}, {"corner", Sentinel2FillFlags::corner}});
    job.angles = chosen<bool>("angles", text.angles, {{"all", true}, {"none", false}});
    return job;
}

AerosolMode parse_aerosol(std::string_view text) {
    if (text == "retrieve") return RetrieveAerosol{};
    const auto values = text.starts_with(kFixed) ? split(text.substr(kFixed.size()), ',')
                                                 : std::vector<std::string_view>{};
    if (values.empty() || values.size() > 2)
        throw Error{Exit::usage, fmt::format("not an aerosol choice: '{}'", text),
                    "retrieve, fixed:0.1 or fixed:0.1,1.5"};
    FixedAerosol fixed;
    fixed.aot550 = number_in(values[0], 0, 5, "aerosol optical thickness");
    if (values.size() == 2) fixed.eps = number_in(values[1], 0, 4, "Angstrom exponent");
    return fixed;
}

std::vector<int> parse_reflective_bands(std::string_view text) {
    std::set<int> bands;
    for (const auto part : split(text, ',')) {
        const auto ends = split(part, '-');
        const int first = reflective_band(ends.front());
        const int last = reflective_band(ends.back());
        if (ends.size() > 2 || first > last)
            throw Error{Exit::usage, fmt::format("not a range of bands: '{}'", part)};
        for (int band = first; band <= last; ++band) bands.insert(band);
    }
    return {bands.begin(), bands.end()};
}

std::vector<std::string> parse_accepted(std::string_view text) {
    constexpr std::array<std::string_view, 6> kKnown{"L1TP", "L1GT", "L1GS", "T1", "T2", "RT"};
    std::vector<std::string> accepted;
    if (text.empty()) return accepted;
    for (const auto word : split(text, ',')) {
        if (std::find(kKnown.begin(), kKnown.end(), word) == kKnown.end())
            throw Error{Exit::usage, fmt::format("not a level or category: '{}'", word),
                        fmt::format("one of {}", fmt::join(kKnown, ", "))};
        accepted.emplace_back(word);
    }
    return accepted;
}

}  // namespace hls::lasrc
