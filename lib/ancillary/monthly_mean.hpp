// SPDX-License-Identifier: Apache-2.0
// Means of ozone and water vapour over a month, which fill the gaps of later days (lasrc.md 14.6).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "ancillary/modis_day.hpp"

namespace hls::ancillary {

// "monthly_avgs/2024/monthly_avg_oz_2024_02.img" and "..._wv_..." below the ancillary folder: flat
// 3600 x 7200 arrays (uint8, uint16 little-endian) in the scaling of the days, 0 where no day of
// the month knew the cell.
struct MeanFiles {
    std::filesystem::path ozone, water_vapour;
};
MeanFiles mean_files(std::chrono::year_month month);

// The ENVI header that goes beside one of them, with its ending .hdr instead of .img.
std::string mean_header(const std::filesystem::path& image);

// Takes days one by one.
class MonthlyMean {
 public:
    MonthlyMean();
    void add(const VapourGrid& day);
    int days() const { return days_; }
    // Of each field the mean over the days that are not 0 there, truncated.
    VapourGrid mean() const;

 private:
    int days_ = 0;
    std::vector<std::uint16_t> ozone_sum_;
    std::vector<std::uint32_t> water_sum_;
    std::vector<std::uint8_t> ozone_count_, water_count_;
};

// As the files hold it. Throws Error{missing_input, bad_input} (of another size).
VapourGrid read_mean(const std::filesystem::path& ozone, const std::filesystem::path& water_vapour);
void write_mean_ozone(const std::filesystem::path& path, const VapourGrid& mean);
void write_mean_water_vapour(const std::filesystem::path& path, const VapourGrid& mean);

}  // namespace hls::ancillary
