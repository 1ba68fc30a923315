// SPDX-License-Identifier: Apache-2.0
// What LAADS sends to the file of a day, its gaps filled from the monthly means that are there.
#include <fmt/format.h>

#include <algorithm>

#include "ancillary/day_grid.hpp"
#include "ancillary/monthly_mean.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "hls-aux-modis.hpp"

namespace hls::tool {

const ancillary::VapourGrid* DayMaker::mean_of(
    const std::array<std::chrono::year_month, 2>& choices, fetch::DayRecord& record) {
    for (const auto month : choices) {
        auto& mean = means_[month];
        if (!mean) {
            const auto files = ancillary::mean_files(month);
            const auto ozone = store_.local(files.ozone);
            const auto water = ozone ? store_.local(files.water_vapour) : std::nullopt;
            if (!water) continue;
            try {
                mean = ancillary::read_mean(*ozone, *water);
            } catch (const Error& error) {
                if (error.code != Exit::bad_input) throw;
                log_warning("{}", error.message);
                continue;
            }
        }
        record.months.push_back(fmt::format("{:04}-{:02}", static_cast<int>(month.year()),
                                            static_cast<unsigned>(month.month())));
        return &*mean;
    }
    return nullptr;
}

void DayMaker::make(const std::vector<std::filesystem::path>& sources,
                    const std::filesystem::path& output, fetch::DayRecord& record) {
    if (record.rank == 3) {
        const auto report = ancillary::combine_modis_day(sources, output, "hls-aux-modis combine");
        record.cells = {report.filled + report.unknown, 0, report.filled, report.unknown};
        ancillary::require_usable(ancillary::judge_grid(ancillary::read_day_grid(output)), output);
        return;
    }
    const auto choices = ancillary::month_choices(record.date);
    // Three months at a time are enough for any day; the rest would only take memory.
    std::erase_if(means_, [&](const auto& mean) {
        const auto among = [&](const auto& list) {
            return std::find(list.begin(), list.end(), mean.first) != list.end();
        };
        return !mean.second ||
               !(among(choices.before) || among(choices.own) || among(choices.after));
    });
    record.months.clear();
    const ancillary::MonthlyMeans means{mean_of(choices.before, record),
                                        mean_of(choices.own, record),
                                        mean_of(choices.after, record)};
    const auto fill = ancillary::fill_viirs_day(sources.front(), output, means,
                                                static_cast<unsigned>(record.date.day()));
    record.cells = {fill.unknown, fill.from_months, fill.along_rows, fill.left};
}

}  // namespace hls::tool
