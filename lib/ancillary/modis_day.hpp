// SPDX-License-Identifier: Apache-2.0
// One day of ozone and water vapour from the MODIS products of Terra and Aqua (lasrc.md 14).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hls::ancillary {

enum class ModisProduct { mod09cmg, mod09cma, myd09cmg, myd09cma };

// From a name like MOD09CMG.A2020067.061.2020069031245.hdf; nullopt for any other.
struct ModisFile {
    ModisProduct product;
    std::chrono::year_month_day date;
    std::filesystem::path path;
};
std::optional<ModisFile> parse_modis_file_name(const std::filesystem::path& path);

// 3600 x 7200 cells, row 0 north. Ozone is cm-atm x 400, water vapour g/cm2 x 100, 0 where unknown.
struct VapourGrid {
    std::vector<std::uint8_t> ozone;
    std::vector<std::uint16_t> water_vapour;
};

// Where the ozone of Terra is unknown both values are Aqua's. `from` gets 1 for Terra, 2 for Aqua,
// 0 for none. All spans have the same length.
void merge_platforms(std::span<std::uint8_t> terra_ozone, std::span<std::uint16_t> terra_water,
                     std::span<const std::uint8_t> aqua_ozone,
                     std::span<const std::uint16_t> aqua_water,
                     std::span<std::int8_t> from) noexcept;

// Fills the runs of unknown ozone of one row of the globe, in both fields, along the row from the
// last known cell before to the first known one after, across the antimeridian: linear in single
// precision, truncated. A row without any known cell is left alone. Returns the cells filled.
int fill_row(std::span<std::uint8_t> ozone, std::span<std::uint16_t> water) noexcept;

// Rows between 40 degrees north and south: outside, unknown cells stay 0 and their reader takes a
// default.
inline constexpr int kFirstFilledRow = 1000;
inline constexpr int kEndFilledRow = 2600;

struct CombineReport {
    std::chrono::year_month_day date;
    std::vector<std::filesystem::path> inputs;  // that were read
    bool terra = false, aqua = false;
    std::int64_t from_terra = 0, from_aqua = 0;  // cells
    std::int64_t filled = 0;                     // cells
    std::int64_t unknown = 0;                    // cells left, outside the filled rows
};

// "LADS/2020/L8ANC2020067.hdf_fused"
std::filesystem::path fused_name(std::chrono::year_month_day date);

// Which of the files count: of a platform, none unless both CMG and CMA are there. Throws
// Error{missing_input} when no platform is complete, Error{usage} for a name that is no MODIS
// product, two files of one product or more than one day.
std::vector<ModisFile> usable_files(const std::vector<std::filesystem::path>& files);

// Opens them and looks for the two fields. Throws Error{missing_input, bad_input}.
void check_modis_files(const std::vector<ModisFile>& files);

// Merges and fills into `output` (give the temporary name of an fs::AtomicFile). `command` is kept
// in the file. Throws as usable_files() does, Error{bad_input} for a damaged file and for a day
// that cannot be filled: a row between 40 degrees north and south without any known cell.
CombineReport combine_modis_day(const std::vector<std::filesystem::path>& files,
                                const std::filesystem::path& output, const std::string& command);

}  // namespace hls::ancillary
