// SPDX-License-Identifier: Apache-2.0
#include "ancillary/gap_fill.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ancillary/cmg.hpp"
#include "ancillary/day_grid.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "io/hdf5.hpp"

namespace hls::ancillary {
namespace {

constexpr int kWhole = 30;  // of MonthShares
constexpr int kMiddleOfMonth = 16;
const std::vector<int> kShape{kCmgRows, kCmgCols};

int ozone_of(const VapourGrid* mean, std::size_t i) {
    return mean == nullptr ? 0 : mean->ozone[i];
}
int water_of(const VapourGrid* mean, std::size_t i) {
    return mean == nullptr ? 0 : mean->water_vapour[i];
}

// Cells filled. A cell whose ozone no month knows stays unknown in both fields.
std::int64_t fill_from_months(VapourGrid& grid, const MonthlyMeans& means,
                              const MonthShares& shares) {
    std::int64_t filled = 0;
    for (std::size_t i = 0; i < grid.ozone.size(); ++i) {
        if (grid.ozone[i] != 0) continue;
        const int ozone = blend(shares, ozone_of(means.before, i), ozone_of(means.own, i),
                                ozone_of(means.after, i));
        if (ozone == 0) continue;
        grid.ozone[i] = static_cast<std::uint8_t>(ozone);
        grid.water_vapour[i] = static_cast<std::uint16_t>(blend(
            shares, water_of(means.before, i), water_of(means.own, i), water_of(means.after, i)));
        ++filled;
    }
    return filled;
}

std::int64_t fill_belt_along_rows(VapourGrid& grid) {
    std::int64_t filled = 0;
    for (int row = kFirstFilledRow; row < kEndFilledRow; ++row) {
        const auto first = static_cast<std::size_t>(row) * kCmgCols;
        const std::span ozone(grid.ozone.data() + first, kCmgCols);
        filled += fill_row(ozone, {grid.water_vapour.data() + first, kCmgCols});
        if (ozone.front() == 0)
            throw Error{Exit::bad_input,
                        fmt::format("no ozone at all at latitude {:.3f}: the gaps cannot be filled",
                                    89.975 - 0.05 * row),
                        "make monthly means with hls-aux-modis climatology, or wait for the next "
                        "production of the day"};
    }
    return filled;
}

}  // namespace

MonthShares month_shares(unsigned day_of_month) {
    const int day = static_cast<int>(day_of_month);
    if (day <= kMiddleOfMonth) {
        const int own = kWhole / 2 + day - 1;
        return {kWhole - own, own, 0};
    }
    const int after = day - kMiddleOfMonth;
    return {0, kWhole - after, after};
}

MonthChoices month_choices(std::chrono::year_month_day date) {
    using namespace std::chrono;
    const year_month own = date.year() / date.month();
    const auto choices = [](year_month newest) { return std::array{newest, newest - years{1}}; };
    // A December's month after is the January of its own year, which is a year back already.
    return {choices(own - months{1}), choices(own - years{1}), choices(own - years{1} + months{1})};
}

int blend(const MonthShares& shares, int before, int own, int after) noexcept {
    std::array<int, 3> share{shares.before, shares.own, shares.after};
    const std::array<int, 3> mean{before, own, after};
    if (own == 0 || before == 0 || after == 0) {
        for (std::size_t absent = 0; absent < 3; ++absent) {
            if (mean[absent] != 0) continue;
            const std::size_t first = absent == 0 ? 1 : 0;
            const std::size_t second = absent == 2 ? 1 : 2;
            const bool take_second =
                mean[first] == 0 || (mean[second] != 0 && share[second] > share[first]);
            share[take_second ? second : first] += share[absent];
            share[absent] = 0;
        }
    }
    // Shares that ended at a month without a mean count nothing: then all means are 0.
    return (share[0] * before + share[1] * own + share[2] * after) / kWhole;
}

GapFill fill_gaps(VapourGrid& grid, const MonthlyMeans& means, unsigned day_of_month) {
    GapFill result;
    const auto unknown = [&] { return std::count(grid.ozone.begin(), grid.ozone.end(), 0); };
    result.unknown = unknown();
    if (2 * result.unknown > static_cast<std::int64_t>(grid.ozone.size()))
        throw Error{Exit::bad_input,
                    fmt::format("{:.0f} % of the Earth have no ozone",
                                100.0 * static_cast<double>(result.unknown) /
                                    static_cast<double>(grid.ozone.size())),
                    "wait for the next production of the day"};
    result.from_months = fill_from_months(grid, means, month_shares(day_of_month));
    throw_if_cancelled();
    result.along_rows = fill_belt_along_rows(grid);
    result.left = unknown();
    return result;
}

GapFill fill_viirs_day(const std::filesystem::path& source, const std::filesystem::path& output,
                       const MonthlyMeans& means, unsigned day_of_month) {
    VapourGrid grid = read_day_grid(source);
    const GapFill report = fill_gaps(grid, means, day_of_month);
    require_usable(judge_grid(grid), source);
    throw_if_cancelled();
    std::error_code error;
    std::filesystem::copy_file(source, output, std::filesystem::copy_options::overwrite_existing,
                               error);
    if (error)
        throw Error{Exit::io_error,
                    fmt::format("cannot write {}: {}", output.string(), error.message()),
                    "is the disk full?"};
    const std::string group = kViirsFields;
    if (report.unknown > 0) {
        io::replace_hdf5<std::uint8_t>(output, group + kOzoneField, grid.ozone);
        throw_if_cancelled();
        io::replace_hdf5<std::uint16_t>(output, group + kWaterField, grid.water_vapour);
    }
    throw_if_cancelled();
    const VapourGrid written = read_day_grid(output);
    if (written.ozone != grid.ozone || written.water_vapour != grid.water_vapour)
        throw Error{Exit::internal, output.string() + ": does not hold what was written"};
    return report;
}

}  // namespace hls::ancillary
