// SPDX-License-Identifier: Apache-2.0
// Fills what a VIIRS day does not know from means of months (lasrc.md 14.6), and what these do not
// know either along the row as on MODIS days.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "ancillary/modis_day.hpp"

namespace hls::ancillary {

// Shares of the month before, the month of the day and the month after, in thirtieths: the middle
// of a month (day 16) is all its own, the first day half the month before's. The reference holds
// them as decimal percentages, which come to 99.9999995 on day 16 and, by a loop that never stops,
// to nonsense on day 15; these are what is meant.
struct MonthShares {
    int before = 0, own = 0, after = 0;
    bool operator==(const MonthShares&) const = default;
};
MonthShares month_shares(unsigned day_of_month);

// Months whose means may stand for each of the three, best first: the month before has happened
// this year, the others are those of the year before. Failing these, one year earlier.
struct MonthChoices {
    std::array<std::chrono::year_month, 2> before, own, after;
};
MonthChoices month_choices(std::chrono::year_month_day date);

// Means of the three months; nullptr for a month without any.
struct MonthlyMeans {
    const VapourGrid* before = nullptr;
    const VapourGrid* own = nullptr;
    const VapourGrid* after = nullptr;
};

struct GapFill {
    std::int64_t unknown = 0;      // cells before
    std::int64_t from_months = 0;  // cells filled
    std::int64_t along_rows = 0;
    std::int64_t left = 0;  // cells unknown still, none of them in the filled rows
};

// Value for shares and means, 0 if all means are. The share of a month that is 0 goes to the
// heavier of the other two (to the earlier one if they are equal), or to the only one there is.
int blend(const MonthShares& shares, int before, int own, int after) noexcept;

// Both fields of every cell without ozone. Throws Error{bad_input} when more than half of the Earth
// is unknown, or a row of the filled ones (40 degrees north to south) knows nothing at all.
GapFill fill_gaps(VapourGrid& grid, const MonthlyMeans& means, unsigned day_of_month);

// Copies the VIIRS file `source` to `output` with its gaps filled; everything else in it stays.
// Reads `output` again and throws Error{internal} unless it holds what it should. Throws as
// read_day_grid() and fill_gaps(), Error{bad_input} for fields that require_usable() refuses.
GapFill fill_viirs_day(const std::filesystem::path& source, const std::filesystem::path& output,
                       const MonthlyMeans& means, unsigned day_of_month);

}  // namespace hls::ancillary
