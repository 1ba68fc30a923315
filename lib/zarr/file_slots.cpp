// SPDX-License-Identifier: Apache-2.0
#include "zarr/file_slots.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "zarr/time_axis.hpp"

namespace hls::zarr {

std::uint64_t daily_row(const Collection& collection, UtcTime time) {
    const std::int64_t days = days_since(collection.axis.origin, time);
    if (days < 0)
        throw Error{Exit::bad_input,
                    fmt::format("{} is before the axis starts, {}", format_utc(time),
                                format_utc(collection.axis.origin).substr(0, 10))};
    return static_cast<std::uint64_t>(days);
}

std::uint64_t daily_row_of(std::string_view slot) {
    return static_cast<std::uint64_t>(to_int(slot).value_or(0));
}

std::string daily_label(std::uint64_t row) {
    return fmt::format("{:07}", row);
}

std::string slot_label(const Collection& collection, UtcTime time,
                       const pattern::Captures& captures, std::int64_t record) {
    if (collection.axis.kind == AxisKind::daily) return daily_label(daily_row(collection, time));
    // Shifted so that times before 1970 sort as text, too.
    constexpr std::int64_t kShift = 1'000'000'000'000'000'000;
    std::string label = fmt::format("{:020}", time.time_since_epoch().count() + kShift);
    for (const std::string& part : collection.axis.slot) {
        if (part == "time") continue;
        const auto found = captures.find(part);
        label += '|';
        label += part == "record"          ? fmt::format("{:06}", record)
                 : found != captures.end() ? found->second
                                           : std::string();
    }
    return label;
}

Source& SourceFiles::open(const std::string& location) {
    auto& file = files_[location];
    if (!file) file = open_source(source_.readable(location));
    return *file;
}

std::vector<UtcTime> record_times(const Collection& collection, const KeyMatch& match,
                                  Source& file) {
    if (match.time) return {*match.time};
    const SourceVariable* variable = file.find(collection.axis.source);
    if (variable == nullptr)
        throw Error{Exit::bad_input, fmt::format("no time: neither in the key nor as variable {}",
                                                 collection.axis.source)};
    std::vector<UtcTime> times;
    for (const auto& time : file.read_times(*variable)) {
        if (!time)
            throw Error{Exit::bad_input,
                        fmt::format("{}[{}] is missing", variable->name, times.size())};
        times.push_back(*time);
    }
    return times;
}

std::optional<UtcTime> production_time(const Collection& collection, const KeyMatch& match,
                                       const Source& file) {
    if (match.production) return match.production;
    if (collection.production_attribute.empty()) return std::nullopt;
    const JsonValue* value = member(file.attributes(), collection.production_attribute);
    const auto* text = value == nullptr ? nullptr : value->get<std::string>();
    if (text == nullptr) return std::nullopt;
    for (const char* format : {"%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d"}) {
        try {
            return parse_time(*text, format);
        } catch (const Error&) {
            continue;
        }
    }
    return parse_utc(*text);
}

}  // namespace hls::zarr
