// SPDX-License-Identifier: Apache-2.0
// First look at every pixel: what of a granule is kept for all later steps, and the tests of single
// pixels (spectral tests of Zhu & Woodcock 2012, Qiu et al. 2019), in integers throughout.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "core/view2d.hpp"
#include "fmask/bit_plane.hpp"
#include "fmask/parallax.hpp"
#include "fmask/profile.hpp"
#include "io/browse.hpp"
#include "io/raster.hpp"

namespace hls::fmask {

// Units: reflectance 1e-4, clamped to 0..20000; temperature 0.01 deg C; ratios 1e-4.
constexpr int kHighestReflectance = 20000;
constexpr int kLowestCirrus = -1000;
constexpr int kReflectanceUnit = 10000;

// Of rows as a reader delivers them. Values of pixels that are not valid mean nothing.
struct Strip {
    Strip(int rows, int cols, bool parallax);

    Plane<std::uint16_t> blue, green, red, nir, swir1, swir2;
    Plane<std::int16_t> cirrus;  // may be negative, so that its base is found below 0 too
    Plane<std::int16_t> temperature;
    Plane<std::uint8_t> valid;            // 0 or 1
    Plane<std::uint8_t> saturated;        // bit 0 blue, 1 green, 2 red
    Plane<std::uint16_t> ratio7, ratio8;  // B07/B8A and B08/B8A; empty without parallax
};

// Fills the first `rows` rows of a strip with those of the granule from first_row on. Called from
// north to south, once per row.
using StripReader = std::function<void(int first_row, int rows, Strip& strip)>;

// What is known of a granule beside its pixels.
struct SceneTraits {
    Sensor sensor = Sensor::landsat;
    io::Grid grid;
    bool thermal = true;         // temperature is there
    bool cirrus = true;          // a cirrus band is there
    bool parallax = false;       // ratio7 and ratio8 are there
    double sun_zenith_deg = 0;   // of the scene centre
    double sun_azimuth_deg = 0;  // clockwise from north, direction to the sun
};

// A plane with one more row and column on each side, so that walks need not look where they are.
class RingedPlane {
 public:
    RingedPlane() = default;
    RingedPlane(int rows, int cols) : cells_(rows + 2, cols + 2) {}

    View2D<std::uint16_t> inner() {
        return {cells_.data() + cells_.cols() + 1, cells_.rows() - 2, cells_.cols() - 2,
                cells_.cols()};
    }
    View2D<const std::uint16_t> inner() const {
        return {cells_.data() + cells_.cols() + 1, cells_.rows() - 2, cells_.cols() - 2,
                cells_.cols()};
    }
    Plane<std::uint16_t>& whole() { return cells_; }

 private:
    Plane<std::uint16_t> cells_;
};

struct Surface {
    RingedPlane nir, swir1;
    Plane<std::uint16_t> green, red;
    Plane<std::int16_t> cirrus;        // empty without a cirrus band
    Plane<std::int16_t> heat;          // temperature, or without it HOT in units of 0.5e-4
    Plane<std::int16_t> variability;   // 1 - largest of the indices, 1e-4
    std::optional<Parallax> parallax;  // if the traits have it
    BitPlane valid;
    BitPlane potential_cloud;
    BitPlane snow;
    BitPlane water;
    BitPlane green_saturated;
    BitPlane dark_swir2;  // SWIR2 < 0.03; only for Profile::clear_by_old_rule
    io::Picture picture;  // true colour, every `picture_step`th pixel
};

struct SurfaceRequest {
    int threads = 1;
    int strip_rows = 256;
    int picture_step = 0;                  // 0: no picture
    std::function<void(double)> progress;  // share of the rows, 0..1
};

Surface read_surface(const SceneTraits& traits, const Profile& profile, const StripReader& reader,
                     const SurfaceRequest& request);

// --- kernels ---

struct PixelTests {
    bool thermal = true;
    int snow_below = 1000;  // 0.01 deg C
    bool built_up_lowers = true;
};

// One row of a strip.
struct PixelRow {
    std::span<const std::uint16_t> blue, green, red, nir, swir1, swir2;
    std::span<const std::int16_t> temperature;
    std::span<const std::uint8_t> saturated;
};

// What the tests make of it; flags are 0 or 1.
struct TestedRow {
    std::span<std::uint8_t> potential_cloud, snow, water;
    std::span<std::int16_t> heat, variability;
};

// All spans have one length. Sources: Zhu & Woodcock 2012 eq. 1-5 and 20, with the saturation and
// temperature rules of Fmask 4.
void test_pixels(const PixelTests& tests, const PixelRow& in, const TestedRow& out) noexcept;

// Haze-optimised transform b - 0.5 r - 0.08 in units of 0.5e-4, clamped to int16.
constexpr double kHotUnit = 0.5e-4;

}  // namespace hls::fmask
