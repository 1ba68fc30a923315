// SPDX-License-Identifier: Apache-2.0
#include "ancillary/modis_day.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "ancillary/cmg.hpp"
#include "ancillary/day_grid.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"
#include "io/hdf4.hpp"

namespace hls::ancillary {
namespace {

constexpr std::array<std::string_view, 4> kProducts{"MOD09CMG", "MOD09CMA", "MYD09CMG", "MYD09CMA"};
const std::vector<int> kShape{kCmgRows, kCmgCols};

int day_of_year(std::chrono::year_month_day date) {
    using namespace std::chrono;
    return static_cast<int>((sys_days{date} - sys_days{date.year() / January / 1}).count()) + 1;
}

// Of a platform CMA is read after CMG, so its field wins where both have it.
template <typename T>
std::vector<T> read_field(const io::Hdf4Reader& cmg, const io::Hdf4Reader& cma, const char* name) {
    const io::Hdf4Reader& reader = cma.has(name) ? cma : cmg;
    return reader.read_shaped<T>(name, kShape);
}

VapourGrid read_platform(const std::filesystem::path& cmg_path,
                         const std::filesystem::path& cma_path) {
    const io::Hdf4Reader cmg(cmg_path);
    const io::Hdf4Reader cma(cma_path);
    throw_if_cancelled();
    return {read_field<std::uint8_t>(cmg, cma, kOzoneField),
            read_field<std::uint16_t>(cmg, cma, kWaterField)};
}

// Between two known cells `distance` apart: value at `step`, as the reference computes it.
template <typename T>
T between(T left, T right, int step, int distance) noexcept {
    const float slope =
        static_cast<float>(std::abs(static_cast<int>(right) - static_cast<int>(left))) /
        static_cast<float>(distance);
    const float change = static_cast<float>(step) * slope;
    const float value =
        right < left ? static_cast<float>(left) - change : static_cast<float>(left) + change;
    return static_cast<T>(value);
}

void write_day(const std::filesystem::path& output, const VapourGrid& grid,
               const std::vector<std::int8_t>& from, const std::string& command) {
    io::Hdf4Layout layout;
    layout.shape = kShape;
    layout.dimensions = {"YDim_MOD09CMG", "XDim_MOD09CMG"};
    io::Hdf4Writer writer(output, {{"command", command}});
    writer.write<std::uint8_t>(kOzoneField, grid.ozone, layout);
    throw_if_cancelled();
    writer.write<std::uint16_t>(kWaterField, grid.water_vapour, layout);
    throw_if_cancelled();
    layout.attributes = {{"key", "0=none, 1=Terra, 2=Aqua"}};
    writer.write<std::int8_t>("wherefrom", from, layout);
    writer.close();
}

std::int64_t fill_tropics(VapourGrid& grid) {
    std::int64_t filled = 0;
    for (int row = kFirstFilledRow; row < kEndFilledRow; ++row) {
        const auto first = static_cast<std::size_t>(row) * kCmgCols;
        const std::span ozone(grid.ozone.data() + first, kCmgCols);
        filled += fill_row(ozone, {grid.water_vapour.data() + first, kCmgCols});
        if (std::find(ozone.begin(), ozone.end(), 0) != ozone.end())
            throw Error{Exit::bad_input,
                        fmt::format("no ozone at all at latitude {:.3f}: the day cannot be filled",
                                    89.975 - 0.05 * row),
                        "wait for the other platform, or use a VIIRS file of the day"};
    }
    return filled;
}

}  // namespace

std::optional<ModisFile> parse_modis_file_name(const std::filesystem::path& path) {
    using namespace std::chrono;
    const std::string name = path.filename().string();
    const auto pieces = split(name, '.');
    if (pieces.size() < 4 || pieces.back() != "hdf" || pieces[1].size() != 8 || pieces[1][0] != 'A')
        return std::nullopt;
    const auto product = std::find(kProducts.begin(), kProducts.end(), pieces[0]);
    const auto year_number = to_int(pieces[1].substr(1, 4));
    const auto day = to_int(pieces[1].substr(5));
    if (product == kProducts.end() || !year_number || !day || *year_number < 1999 || *day < 1 ||
        *day > 366)
        return std::nullopt;
    const year_month_day date{sys_days{year{static_cast<int>(*year_number)} / January / 1} +
                              days{*day - 1}};
    if (static_cast<int>(date.year()) != *year_number) return std::nullopt;
    return ModisFile{static_cast<ModisProduct>(product - kProducts.begin()), date, path};
}

void merge_platforms(std::span<std::uint8_t> terra_ozone, std::span<std::uint16_t> terra_water,
                     std::span<const std::uint8_t> aqua_ozone,
                     std::span<const std::uint16_t> aqua_water,
                     std::span<std::int8_t> from) noexcept {
    for (std::size_t i = 0; i < terra_ozone.size(); ++i) {
        if (terra_ozone[i] != 0) {
            from[i] = 1;
            continue;
        }
        from[i] = aqua_ozone[i] != 0 ? 2 : 0;
        terra_ozone[i] = aqua_ozone[i];
        terra_water[i] = aqua_ozone[i] != 0 ? aqua_water[i] : std::uint16_t{0};
    }
}

int fill_row(std::span<std::uint8_t> ozone, std::span<std::uint16_t> water) noexcept {
    const int cols = static_cast<int>(ozone.size());
    int known = 0;
    while (known < cols && ozone[static_cast<std::size_t>(known)] == 0) ++known;
    if (known == cols) return 0;
    const auto at = [cols](int col) { return static_cast<std::size_t>(col % cols); };
    int filled = 0;
    // Once around the globe, from the first known cell back to it.
    for (int left = known; left < known + cols;) {
        int right = left + 1;
        while (ozone[at(right)] == 0) ++right;
        for (int step = 1; step < right - left; ++step) {
            const auto cell = at(left + step);
            ozone[cell] = between(ozone[at(left)], ozone[at(right)], step, right - left);
            water[cell] = between(water[at(left)], water[at(right)], step, right - left);
            ++filled;
        }
        left = right;
    }
    return filled;
}

std::filesystem::path fused_name(std::chrono::year_month_day date) {
    const int year = static_cast<int>(date.year());
    return std::filesystem::path("LADS") / fmt::format("{:04}", year) /
           fmt::format("L8ANC{:04}{:03}.hdf_fused", year, day_of_year(date));
}

std::vector<ModisFile> usable_files(const std::vector<std::filesystem::path>& files) {
    std::map<ModisProduct, ModisFile> given;
    for (const auto& path : files) {
        const auto file = parse_modis_file_name(path);
        if (!file)
            throw Error{Exit::usage, path.string() + ": no MODIS product",
                        "names look like MOD09CMG.A2020067.061.2020069031245.hdf"};
        if (!given.empty() && given.begin()->second.date != file->date)
            throw Error{Exit::usage, path.string() + ": another day than the file before"};
        if (!given.emplace(file->product, *file).second)
            throw Error{Exit::usage, path.string() + ": a second file of this product and day",
                        "keep the one that was produced last"};
    }
    std::vector<ModisFile> usable;
    for (const auto& [cmg, cma] : {std::pair{ModisProduct::mod09cmg, ModisProduct::mod09cma},
                                   std::pair{ModisProduct::myd09cmg, ModisProduct::myd09cma}}) {
        if (!given.contains(cmg) || !given.contains(cma)) continue;
        usable.push_back(given.at(cmg));
        usable.push_back(given.at(cma));
    }
    if (usable.empty())
        throw Error{Exit::missing_input, "neither Terra nor Aqua has both CMG and CMA of the day",
                    "give MOD09CMG and MOD09CMA, MYD09CMG and MYD09CMA, or all four"};
    return usable;
}

void check_modis_files(const std::vector<ModisFile>& files) {
    for (std::size_t i = 0; i + 1 < files.size(); i += 2) {
        const io::Hdf4Reader cmg(files[i].path);
        const io::Hdf4Reader cma(files[i + 1].path);
        for (const char* name : {kOzoneField, kWaterField})
            (cma.has(name) ? cma : cmg).require_shape(name, kShape);
    }
}

CombineReport combine_modis_day(const std::vector<std::filesystem::path>& files,
                                const std::filesystem::path& output, const std::string& command) {
    const auto usable = usable_files(files);
    CombineReport report;
    report.date = usable.front().date;
    for (const auto& file : usable) report.inputs.push_back(file.path);
    report.terra = usable.front().product == ModisProduct::mod09cmg;
    report.aqua = usable.back().product == ModisProduct::myd09cma;

    VapourGrid grid = read_platform(usable[0].path, usable[1].path);
    std::vector<std::int8_t> from(grid.ozone.size());
    if (report.terra && report.aqua) {
        const VapourGrid aqua = read_platform(usable[2].path, usable[3].path);
        merge_platforms(grid.ozone, grid.water_vapour, aqua.ozone, aqua.water_vapour, from);
    } else {
        const std::int8_t platform = report.terra ? 1 : 2;
        for (std::size_t i = 0; i < from.size(); ++i) {
            from[i] = grid.ozone[i] != 0 ? platform : std::int8_t{0};
            if (grid.ozone[i] == 0) grid.water_vapour[i] = 0;
        }
    }
    report.from_terra = std::count(from.begin(), from.end(), 1);
    report.from_aqua = std::count(from.begin(), from.end(), 2);
    throw_if_cancelled();
    report.filled = fill_tropics(grid);
    report.unknown = std::count(grid.ozone.begin(), grid.ozone.end(), 0);
    write_day(output, grid, from, command);
    return report;
}

}  // namespace hls::ancillary
