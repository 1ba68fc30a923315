// SPDX-License-Identifier: Apache-2.0
#include "ancillary/monthly_mean.hpp"

#include <fmt/format.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "ancillary/cmg.hpp"
#include "core/error.hpp"

namespace hls::ancillary {
namespace {

static_assert(std::endian::native == std::endian::little, "the files are little-endian");

constexpr std::size_t kCells = std::size_t{kCmgRows} * kCmgCols;

template <typename T>
std::vector<T> read_flat(const std::filesystem::path& path) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(path, error);
    if (error)
        throw Error{Exit::missing_input,
                    fmt::format("cannot read {}: {}", path.string(), error.message())};
    if (bytes != kCells * sizeof(T))
        throw Error{
            Exit::bad_input,
            fmt::format("{}: {} bytes instead of {}", path.string(), bytes, kCells * sizeof(T)),
            "make it again: hls-aux-modis climatology --overwrite"};
    std::vector<T> cells(kCells);
    std::ifstream in(path, std::ios::binary);
    in.read(reinterpret_cast<char*>(cells.data()), static_cast<std::streamsize>(bytes));
    if (!in) throw Error{Exit::io_error, "cannot read " + path.string()};
    return cells;
}

template <typename T>
void write_flat(const std::filesystem::path& path, const std::vector<T>& cells) {
    errno = 0;
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(cells.data()),
              static_cast<std::streamsize>(cells.size() * sizeof(T)));
    out.close();
    if (!out)
        throw Error{Exit::io_error, fmt::format("cannot write {}: {}", path.string(),
                                                std::strerror(errno == 0 ? EIO : errno))};
}

template <typename Sum, typename Value>
void add_field(std::vector<Sum>& sum, std::vector<std::uint8_t>& count,
               const std::vector<Value>& day) {
    for (std::size_t i = 0; i < kCells; ++i) {
        sum[i] = static_cast<Sum>(sum[i] + day[i]);
        count[i] = static_cast<std::uint8_t>(count[i] + (day[i] != 0));
    }
}

template <typename Value, typename Sum>
std::vector<Value> mean_of(const std::vector<Sum>& sum, const std::vector<std::uint8_t>& count) {
    std::vector<Value> mean(kCells);
    for (std::size_t i = 0; i < kCells; ++i)
        mean[i] = static_cast<Value>(count[i] == 0 ? 0u : sum[i] / count[i]);
    return mean;
}

}  // namespace

MeanFiles mean_files(std::chrono::year_month month) {
    const int year = static_cast<int>(month.year());
    const auto name = [&](const char* field) {
        return std::filesystem::path("monthly_avgs") / fmt::format("{:04}", year) /
               fmt::format("monthly_avg_{}_{:04}_{:02}.img", field, year,
                           static_cast<unsigned>(month.month()));
    };
    return {name("oz"), name("wv")};
}

std::string mean_header(const std::filesystem::path& image) {
    const bool ozone = image.filename().string().find("_oz_") != std::string::npos;
    return fmt::format(
        "ENVI\ndescription = {{mean of the month: {}, 0 = unknown}}\nsamples = {}\nlines = {}\n"
        "bands = 1\nheader offset = 0\nfile type = ENVI Standard\ndata type = {}\n"
        "interleave = bsq\nbyte order = 0\n"
        "map info = {{Geographic Lat/Lon, 1, 1, -180, 90, 0.05, 0.05, WGS-84, units=Degrees}}\n"
        "data ignore value = 0\n",
        ozone ? "ozone, cm-atm x 400" : "water vapour, g/cm2 x 100", kCmgCols, kCmgRows,
        ozone ? 1 : 12);
}

MonthlyMean::MonthlyMean()
    : ozone_sum_(kCells), water_sum_(kCells), ozone_count_(kCells), water_count_(kCells) {}

void MonthlyMean::add(const VapourGrid& day) {
    add_field(ozone_sum_, ozone_count_, day.ozone);
    add_field(water_sum_, water_count_, day.water_vapour);
    ++days_;
}

VapourGrid MonthlyMean::mean() const {
    return {mean_of<std::uint8_t>(ozone_sum_, ozone_count_),
            mean_of<std::uint16_t>(water_sum_, water_count_)};
}

VapourGrid read_mean(const std::filesystem::path& ozone,
                     const std::filesystem::path& water_vapour) {
    return {read_flat<std::uint8_t>(ozone), read_flat<std::uint16_t>(water_vapour)};
}

void write_mean_ozone(const std::filesystem::path& path, const VapourGrid& mean) {
    write_flat(path, mean.ozone);
}

void write_mean_water_vapour(const std::filesystem::path& path, const VapourGrid& mean) {
    write_flat(path, mean.water_vapour);
}

}  // namespace hls::ancillary
