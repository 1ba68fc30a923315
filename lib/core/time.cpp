// SPDX-License-Identifier: Apache-2.0
#include "core/time.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls {
namespace {

using namespace std::chrono;

// Takes exactly `digits` decimal digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

microseconds take_fraction(std::string_view& text) {
    std::int64_t micros = 0;
    std::int64_t unit = 100000;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        micros += unit * (text.front() - '0');
        unit /= 10;
        text.remove_prefix(1);
    }
    return microseconds{micros};
}

std::optional<sys_days> take_date(std::string_view& text) {
    const auto y = take_digits(text, 4);
    if (!y || !take(text, '-')) return std::nullopt;
    const auto m = take_digits(text, 2);
    if (!m || !take(text, '-')) return std::nullopt;
    const auto d = take_digits(text, 2);
    if (!d) return std::nullopt;
    const auto date = year{*y} / month{static_cast<unsigned>(*m)} / day{static_cast<unsigned>(*d)};
    if (!date.ok()) return std::nullopt;
    return sys_days{date};
}

std::optional<microseconds> take_clock(std::string_view& text) {
    const auto h = take_digits(text, 2);
    if (!h || *h > 23 || !take(text, ':')) return std::nullopt;
    const auto m = take_digits(text, 2);
    if (!m || *m > 59 || !take(text, ':')) return std::nullopt;
    const auto s = take_digits(text, 2);
    if (!s || *s > 60) return std::nullopt;
    microseconds clock = hours{*h} + minutes{*m} + seconds{*s};
    if (take(text, '.')) clock += take_fraction(text);
    return clock;
}

std::optional<UtcTime> try_parse(std::string_view text) {
    const auto date = take_date(text);
    if (!date) return std::nullopt;
    if (text.empty()) return UtcTime{*date};
    if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
    const auto clock = take_clock(text);
    if (!clock || !(text.empty() || text == "Z" || text == "+00:00")) return std::nullopt;
    return UtcTime{*date} + *clock;
}

}  // namespace

UtcTime parse_utc(std::string_view text) {
    if (const auto time = try_parse(text)) return *time;
    throw Error{Exit::bad_input, fmt::format("not a UTC time: '{}'", text),
                "expected e.g. 2020-08-26T14:53:01Z"};
}

std::string format_utc(UtcTime time, int digits) {
    const auto day_start = floor<days>(time);
    const year_month_day date{day_start};
    const hh_mm_ss clock{time - day_start};
    auto out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                           static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                           clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    if (digits > 0) {
        const auto fraction = fmt::format("{:06}", clock.subseconds().count());
        out += '.' + fraction.substr(0, static_cast<std::size_t>(digits));
    }
    return out + 'Z';
}

CivilDate civil_date(UtcTime time) {
    const auto day_start = floor<days>(time);
    const year_month_day date{day_start};
    const auto new_year = sys_days{date.year() / January / 1};
    return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day())),
            static_cast<int>((day_start - new_year).count()) + 1};
}

UtcTime utc_now() {
    return floor<microseconds>(system_clock::now());
}

UtcTime processing_time() {
    const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
    if (epoch == nullptr) return utc_now();
    const auto value = to_int(epoch);
    if (!value)
        throw Error{Exit::usage, fmt::format("SOURCE_DATE_EPOCH is not a number: '{}'", epoch)};
    return UtcTime{seconds{*value}};
}

}  // namespace hls
