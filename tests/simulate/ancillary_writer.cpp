// SPDX-License-Identifier: Apache-2.0
#include "simulate/ancillary_writer.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "io/hdf4.hpp"
#include "io/hdf5.hpp"

namespace hls::simulate {
namespace {

using ancillary::kCmgCols;
using ancillary::kCmgRows;

constexpr int kDeflate = 1;

template <typename T>
std::vector<T> cells_of(const CmgField& field) {
    std::vector<T> cells(static_cast<std::size_t>(kCmgRows) * kCmgCols,
                         static_cast<T>(field.value));
    if (!field.inside) return cells;
    for (int row = field.area.row0; row < field.area.row0 + field.area.rows; ++row)
        for (int i = 0; i < field.area.cols; ++i) {
            const int col = (field.area.col0 + i) % kCmgCols;
            cells[static_cast<std::size_t>(row) * kCmgCols + static_cast<std::size_t>(col)] =
                static_cast<T>(field.inside(row, col));
        }
    return cells;
}

template <typename T>
void write_field(io::Hdf4Writer& file, const std::string& name, const CmgField& field,
                 io::Hdf4Layout layout = {}) {
    layout.shape = {kCmgRows, kCmgCols};
    layout.deflate = kDeflate;
    file.write<T>(name, cells_of<T>(field), layout);
}

std::string year_and_day(std::chrono::year_month_day date) {
    const std::chrono::sys_days day = date;
    const std::chrono::sys_days new_year = date.year() / std::chrono::January / 1;
    return fmt::format("{:04}{:03}", static_cast<int>(date.year()), (day - new_year).count() + 1);
}

}  // namespace

void write_elevation(const std::filesystem::path& path, const CmgField& elevation_m) {
    io::Hdf4Writer file(path);
    write_field<std::int16_t>(file, "averaged elevation", elevation_m);
    file.close();
}

void write_ratios(const std::filesystem::path& path, const RatioFields& ratios) {
    io::Hdf4Writer file(path);
    const std::pair<const char*, const CmgField*> maps[] = {
        {"average ndvi", &ratios.mean_ndwi},    {"average ratio b10", &ratios.ratio2},
        {"average ratio b9", &ratios.ratio1},   {"average ratio b7", &ratios.ratio7},
        {"standard ndvi", &ratios.std_ndwi},    {"slope ratiob9", &ratios.slope1},
        {"inter ratiob9", &ratios.intercept1},  {"slope ratiob10", &ratios.slope2},
        {"inter ratiob10", &ratios.intercept2}, {"slope ratiob7", &ratios.slope7},
        {"inter ratiob7", &ratios.intercept7},
    };
    for (const auto& [name, field] : maps) write_field<std::int16_t>(file, name, *field);
    file.close();
}

void write_modis_day(const std::filesystem::path& path, const CmgField& ozone,
                     const CmgField& water) {
    const std::vector<std::string> dimensions{"YDim_MOD09CMG", "XDim_MOD09CMG"};
    io::Hdf4Writer file(path, {{"command", "hls simulate"}});
    write_field<std::uint8_t>(file, "Coarse Resolution Ozone", ozone, {{}, 0, dimensions, {}});
    write_field<std::uint16_t>(file, "Coarse Resolution Water Vapor", water,
                               {{}, 0, dimensions, {}});
    write_field<std::int8_t>(file, "wherefrom", {1},
                             {{}, 0, dimensions, {{"key", "0=none, 1=Terra, 2=Aqua"}}});
    file.close();
}

void write_viirs_day(const std::filesystem::path& path, const CmgField& ozone,
                     const CmgField& water) {
    const std::string group = "/HDFEOS/GRIDS/VIIRS_CMG/Data Fields/";
    const io::Hdf5Layout layout{{kCmgRows, kCmgCols}, {60, kCmgCols}, kDeflate};
    io::Hdf5Writer file(path);
    file.write<std::uint8_t>(group + "Coarse Resolution Ozone", cells_of<std::uint8_t>(ozone),
                             layout);
    file.write<std::uint16_t>(group + "Coarse Resolution Water Vapor",
                              cells_of<std::uint16_t>(water), layout);
    file.close();
}

void write_ancillary(const std::filesystem::path& folder, std::chrono::year_month_day date,
                     const AncillaryFields& fields, DayFile kind) {
    const std::string day = year_and_day(date);
    const std::filesystem::path year_folder = folder / "LADS" / day.substr(0, 4);
    std::filesystem::create_directories(year_folder);
    write_elevation(folder / "CMGDEM.hdf", fields.elevation_m);
    write_ratios(folder / "ratiomapndwiexp.hdf", fields.ratios);
    if (kind == DayFile::modis)
        write_modis_day(year_folder / ("L8ANC" + day + ".hdf_fused"), fields.ozone, fields.water);
    else
        write_viirs_day(year_folder / ("VJ104ANC.A" + day + ".002.h5"), fields.ozone, fields.water);
}

}  // namespace hls::simulate
