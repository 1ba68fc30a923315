// SPDX-License-Identifier: Apache-2.0
// The steps between the granules and an S30 product, for those who compare them with another chain:
// what each is called and holds, and files of them.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/view2d.hpp"
#include "granule/sentinel2.hpp"
#include "io/raster.hpp"
#include "tile/s30_strip.hpp"

namespace hls::tile {

// One step as a raster of the whole tile with one or more bands.
struct StageRaster {
    std::string name;  // "A_1combine_10m"
    double pixel_m = 0;
    io::PixelType type{};
    std::optional<double> fill;
    std::vector<std::string> bands;  // names; one empty name for a mask
};

using StageRows = std::variant<View2D<const std::uint8_t>, View2D<const std::int16_t>,
                               View2D<const std::uint16_t>, View2D<const float>>;

// Hears of all rows of all bands (counted from 0) of all stages, at full width, from north to south
// and from one thread.
using StageHook =
    std::function<void(const StageRaster&, std::size_t band, int first_row, const StageRows&)>;

// Writes <folder>/<name>.tif of every stage it hears of; the folder must exist.
class StageFiles {
 public:
    StageFiles(std::filesystem::path folder, const io::Grid& tile);

    void take(const StageRaster& stage, std::size_t band, int first_row, const StageRows& rows);
    // To be called once all rows are in. Throws Error{io_error}.
    void close();

 private:
    std::filesystem::path folder_;
    io::Grid tile_;
    std::map<std::string, io::RasterWriter> writers_;
};

// What the names of a granule's own steps start with: A, B, C ... Z, Z1, Z2 ...
std::string granule_letter(std::size_t granule);

// Steps at native resolution.
std::array<StageRaster, 3> combined_stages(const std::string& prefix);  // 10, 20, 60 m
StageRaster mask_stage(const std::string& name, double pixel_m);
StageRaster angle_stage(const std::string& name);

// Steps at 30 m: what a strip holds after resampling, after NBAR, and after the bandpass adjustment
// of a satellite; and the c-factors of B02, B04 and B08, to be shown before NBAR.
void show_resampled(const S30Strip& strip, int first_row, const StageHook& hook);
void show_factors(const Nbar& nbar, const S30Strip& strip, int first_row, const StageHook& hook);
void show_normalized(const S30Strip& strip, int first_row, const StageHook& hook);
void show_adjusted(const S30Strip& strip, const granule::Sentinel2Satellite& satellite,
                   int first_row, const StageHook& hook);

}  // namespace hls::tile
