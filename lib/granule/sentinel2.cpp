// SPDX-License-Identifier: Apache-2.0
#include "granule/sentinel2.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "granule/sentinel2_satellites.hpp"

namespace hls::granule {
namespace {

constexpr std::array<Sentinel2Band, kSentinel2Bands> kBands{{{"B01", 60},
                                                             {"B02", 10},
                                                             {"B03", 10},
                                                             {"B04", 10},
                                                             {"B05", 20},
                                                             {"B06", 20},
                                                             {"B07", 20},
                                                             {"B08", 10},
                                                             {"B8A", 20},
                                                             {"B09", 60},
                                                             {"B10", 60},
                                                             {"B11", 20},
                                                             {"B12", 20}}};

bool all_digits(std::string_view text) noexcept {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<int> digits(std::string_view text, int low, int high) noexcept {
    if (!all_digits(text)) return std::nullopt;
    const auto value = to_int(text);
    if (!value || *value < low || *value > high) return std::nullopt;
    return static_cast<int>(*value);
}

// 20200629T180000
std::optional<UtcTime> compact_time(std::string_view text) noexcept {
    using namespace std::chrono;
    if (text.size() != 15 || text[8] != 'T') return std::nullopt;
    const auto y = digits(text.substr(0, 4), 1900, 9999);
    const auto mo = digits(text.substr(4, 2), 1, 12);
    const auto d = digits(text.substr(6, 2), 1, 31);
    const auto h = digits(text.substr(9, 2), 0, 23);
    const auto mi = digits(text.substr(11, 2), 0, 59);
    const auto s = digits(text.substr(13, 2), 0, 60);
    if (!y || !mo || !d || !h || !mi || !s) return std::nullopt;
    const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)},
                              day{static_cast<unsigned>(*d)}};
    if (!date.ok()) return std::nullopt;
    return sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s};
}

std::string compact_text(UtcTime time) {
    std::string text = format_utc(time);  // 2020-06-29T18:00:00Z
    std::erase_if(text, [](char c) { return c == '-' || c == ':' || c == 'Z'; });
    return text;
}

bool is_satellite(std::string_view text) noexcept {
    return text.size() == 3 && text.starts_with("S2") && text[2] >= 'A' && text[2] <= 'Z';
}

// 11TMK: zone, latitude band, column, row (no I and O).
bool is_tile(std::string_view text) noexcept {
    const auto letter = [](char c) { return c >= 'A' && c <= 'Z' && c != 'I' && c != 'O'; };
    return text.size() == 5 && digits(text.substr(0, 2), 1, 60) && letter(text[2]) &&
           letter(text[3]) && letter(text[4]);
}

double table_number(std::string_view word, std::string_view line) {
    if (const auto value = to_double(word)) return *value;
    throw Error{Exit::bad_input,
                fmt::format("satellites.txt: '{}' is not a number in '{}'", word, line)};
}

}  // namespace

std::span<const Sentinel2Band, kSentinel2Bands> sentinel2_bands() noexcept {
    return kBands;
}

std::optional<int> sentinel2_band_index(std::string_view name) noexcept {
    if (name.starts_with('B')) name.remove_prefix(1);
    if (name == "8A" || name == "8a") return 8;
    if (name.size() > 2) return std::nullopt;
    const auto number = digits(name, 1, 12);
    if (!number) return std::nullopt;
    return *number <= 8 ? *number - 1 : *number;
}

std::optional<Sentinel2Baseline> parse_sentinel2_baseline(std::string_view text) noexcept {
    const bool dotted = text.size() == 5 && text[2] == '.';
    if (!dotted && text.size() != 4) return std::nullopt;
    const auto major = digits(text.substr(0, 2), 0, 99);
    const auto minor = digits(text.substr(text.size() - 2), 0, 99);
    if (!major || !minor) return std::nullopt;
    return Sentinel2Baseline{*major, *minor};
}

std::string format_sentinel2_baseline(Sentinel2Baseline baseline) {
    return fmt::format("{:02}.{:02}", baseline.major, baseline.minor);
}

std::optional<Sentinel2ProductId> parse_sentinel2_product_id(std::string_view text) noexcept {
    constexpr std::string_view kSuffix = ".SAFE";
    if (text.ends_with(kSuffix)) text.remove_suffix(kSuffix.size());
    // S2A_MSIL1C_20200629T180000_N0209_R127_T11TMK_20200629T220000: all pieces have fixed widths.
    if (text.size() != 60) return std::nullopt;
    for (const std::size_t at : {3U, 10U, 26U, 32U, 37U, 44U})
        if (text[at] != '_') return std::nullopt;
    const auto satellite = text.substr(0, 3);
    const auto level = text.substr(4, 6);
    const auto sensing = compact_time(text.substr(11, 15));
    const auto baseline = parse_sentinel2_baseline(text.substr(28, 4));
    const auto orbit = digits(text.substr(34, 3), 1, 143);
    const auto tile = text.substr(39, 5);
    const auto made = compact_time(text.substr(45, 15));
    const bool known = is_satellite(satellite) && (level == "MSIL1C" || level == "MSIL2A") &&
                       text[27] == 'N' && text[33] == 'R' && text[38] == 'T' && is_tile(tile);
    if (!known || !sensing || !baseline || !orbit || !made) return std::nullopt;
    return Sentinel2ProductId{std::string(satellite),
                              std::string(level),
                              *sensing,
                              *baseline,
                              *orbit,
                              std::string(tile),
                              *made};
}

std::string format_sentinel2_product_id(const Sentinel2ProductId& id) {
    return fmt::format("{}_{}_{}_N{:02}{:02}_R{:03}_T{}_{}", id.satellite, id.level,
                       compact_text(id.sensing), id.baseline.major, id.baseline.minor,
                       id.relative_orbit, id.tile, compact_text(id.discriminator));
}

std::optional<Sentinel2OperId> parse_sentinel2_oper_id(std::string_view text) noexcept {
    // The processing centre ("SGS_", "2APS", ...) may contain and end with underscores, so the
    // pieces are counted from both ends.
    const auto kind_at = text.find("_OPER_MSI_L1C_");
    if (kind_at != 3 || text.size() < 25) return std::nullopt;
    Sentinel2OperId id;
    id.satellite = text.substr(0, 3);
    const auto kind = text.substr(17, 3);
    if (!is_satellite(id.satellite) || (kind != "TL_" && kind != "DS_")) return std::nullopt;
    id.kind = kind[0];
    auto rest = text.substr(20);
    const auto cut_last = [&rest]() -> std::string_view {
        const auto at = rest.rfind('_');
        if (at == std::string_view::npos) return {};
        const auto last = rest.substr(at + 1);
        rest = rest.substr(0, at);
        return last;
    };
    auto last = cut_last();
    if (last.starts_with('N')) {
        const auto baseline = parse_sentinel2_baseline(last.substr(1));
        if (!baseline) return std::nullopt;
        id.baseline = *baseline;
        last = cut_last();
    }
    if (id.kind == 'D') {
        const auto sensing = last.starts_with('S') ? compact_time(last.substr(1)) : std::nullopt;
        if (!sensing) return std::nullopt;
        id.sensing = *sensing;
    } else {
        if (!last.starts_with('T') || !is_tile(last.substr(1))) return std::nullopt;
        id.tile = last.substr(1);
        const auto orbit_text = cut_last();
        const auto orbit =
            orbit_text.starts_with('A') ? digits(orbit_text.substr(1), 0, 999999) : std::nullopt;
        if (!orbit) return std::nullopt;
        id.absolute_orbit = *orbit;
    }
    const auto created = compact_time(cut_last());
    if (!created) return std::nullopt;
    id.created = *created;
    return id;
}

std::vector<Sentinel2Satellite> parse_sentinel2_satellites(std::string_view text) {
    std::vector<Sentinel2Satellite> satellites;
    for (const auto whole_line : split(text, '\n')) {
        const auto line = trim(whole_line);
        if (line.empty() || line.starts_with('#')) continue;
        const auto words = split_words(line);
        Sentinel2Satellite satellite;
        if (words.size() != 2 + 2 * satellite.bandpass.size() || !is_satellite(words[0]))
            throw Error{Exit::bad_input,
                        fmt::format("satellites.txt: not id, name and seven pairs: '{}'", line)};
        satellite.id = words[0];
        satellite.name = words[1];
        for (std::size_t i = 0; i < satellite.bandpass.size(); ++i)
            satellite.bandpass[i] = {table_number(words[2 + 2 * i], line),
                                     table_number(words[3 + 2 * i], line)};
        satellites.push_back(std::move(satellite));
    }
    return satellites;
}

std::span<const Sentinel2Satellite> sentinel2_satellites() {
    static const auto table = parse_sentinel2_satellites(sentinel2_satellites_text());
    return table;
}

const Sentinel2Satellite& sentinel2_satellite(std::string_view id_or_name) {
    const auto table = sentinel2_satellites();
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& satellite) {
        return satellite.id == id_or_name || satellite.name == id_or_name;
    });
    if (found != table.end()) return *found;
    std::vector<std::string> known;
    for (const auto& satellite : table) known.push_back(satellite.id);
    throw Error{Exit::not_accepted, fmt::format("unknown satellite '{}'", id_or_name),
                fmt::format("known are {}; a later version of hls-tools may know it",
                            fmt::join(known, ", "))};
}

}  // namespace hls::granule
