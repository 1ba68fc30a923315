// SPDX-License-Identifier: Apache-2.0
#include "ancillary/day_grid.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <string_view>
#include <vector>

#include "ancillary/cmg.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "io/hdf4.hpp"
#include "io/hdf5.hpp"

namespace hls::ancillary {
namespace {

constexpr std::uint8_t kLeastOzone = 20;    // DN: 0.05 cm-atm
constexpr std::uint16_t kMostWater = 2000;  // DN: 20 g/cm2
constexpr double kMostImplausible = 0.01;   // of all cells
const std::vector<int> kShape{kCmgRows, kCmgCols};

template <typename Reader>
VapourGrid read_fields(const std::filesystem::path& path, const std::string& group) {
    const Reader file(path);
    VapourGrid grid;
    grid.ozone = file.template read_shaped<std::uint8_t>(group + kOzoneField, kShape);
    throw_if_cancelled();
    grid.water_vapour = file.template read_shaped<std::uint16_t>(group + kWaterField, kShape);
    return grid;
}

}  // namespace

VapourGrid read_day_grid(const std::filesystem::path& path) {
    constexpr std::string_view kHdf5 = "\x89HDF\r\n\x1a\n";
    std::array<char, 8> start{};
    std::ifstream(path, std::ios::binary).read(start.data(), start.size());
    if (std::string_view(start.data(), start.size()) == kHdf5)
        return read_fields<io::Hdf5Reader>(path, kViirsFields);
    return read_fields<io::Hdf4Reader>(path, "");
}

double GridQuality::unknown_percent() const {
    return 100.0 * static_cast<double>(unknown) / (double{kCmgRows} * kCmgCols);
}

GridQuality judge_grid(const VapourGrid& grid) {
    GridQuality quality;
    for (int row = 0; row < kCmgRows; ++row) {
        const auto first = static_cast<std::size_t>(row) * kCmgCols;
        std::int64_t unknown = 0;
        for (std::size_t i = first; i < first + kCmgCols; ++i) {
            const std::uint8_t ozone = grid.ozone[i];
            unknown += ozone == 0;
            quality.implausible +=
                ozone != 0 && (ozone < kLeastOzone || grid.water_vapour[i] > kMostWater);
        }
        quality.unknown += unknown;
        if (row >= kFirstFilledRow && row < kEndFilledRow) quality.unknown_in_belt += unknown;
    }
    return quality;
}

void require_usable(const GridQuality& quality, const std::filesystem::path& path) {
    constexpr double kCells = double{kCmgRows} * kCmgCols;
    if (quality.unknown_in_belt > 0)
        throw Error{Exit::bad_input,
                    fmt::format("{}: {} cells between 40 degrees north and south have no ozone",
                                path.string(), quality.unknown_in_belt),
                    "its gaps were not filled: hls-aux-modis sync --overwrite --date"};
    if (static_cast<double>(quality.implausible) > kMostImplausible * kCells)
        throw Error{
            Exit::bad_input,
            fmt::format("{}: {:.1f} % of the cells hold ozone or water vapour that cannot "
                        "be true",
                        path.string(), 100.0 * static_cast<double>(quality.implausible) / kCells),
            "the file is damaged or another product"};
}

}  // namespace hls::ancillary
