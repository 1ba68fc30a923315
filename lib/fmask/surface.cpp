// SPDX-License-Identifier: Apache-2.0
#include "fmask/surface.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/cancel.hpp"
#include "fmask/row_strips.hpp"

namespace hls::fmask {
namespace {

constexpr int kDarkSwir2 = 300;

template <typename T>
void copy_row(std::span<const T> from, std::span<T> to) {
    std::copy(from.begin(), from.end(), to.begin());
}

// Square root stretch up to a reflectance of 0.5: clouds keep some shape, dark land some light.
std::uint8_t brightness(int reflectance) {
    const double share = std::clamp(reflectance / 5000., 0., 1.);
    return static_cast<std::uint8_t>(std::lround(255 * std::sqrt(share)));
}

// Allocates what the granule needs.
Surface make_surface(const SceneTraits& traits, const Profile& profile, int picture_step) {
    const int rows = traits.grid.rows;
    const int cols = traits.grid.cols;
    Surface s;
    s.nir = RingedPlane(rows, cols);
    s.swir1 = RingedPlane(rows, cols);
    s.green = Plane<std::uint16_t>(rows, cols);
    s.red = Plane<std::uint16_t>(rows, cols);
    if (traits.cirrus) s.cirrus = Plane<std::int16_t>(rows, cols);
    s.heat = Plane<std::int16_t>(rows, cols);
    s.variability = Plane<std::int16_t>(rows, cols);
    for (BitPlane* plane : {&s.valid, &s.potential_cloud, &s.snow, &s.water, &s.green_saturated})
        *plane = BitPlane(rows, cols);
    if (profile.clear_by_old_rule) s.dark_swir2 = BitPlane(rows, cols);
    if (picture_step > 0)
        s.picture = io::Picture((rows + picture_step - 1) / picture_step,
                                (cols + picture_step - 1) / picture_step, 3);
    return s;
}

// Flags of one row, from bytes to bits, where the pixel is valid.
void keep_flags(std::span<const std::uint8_t> bytes, std::span<const std::uint64_t> valid,
                std::span<std::uint64_t> bits) {
    pack_row(bytes, bits);
    for (std::size_t w = 0; w < bits.size(); ++w) bits[w] &= valid[w];
}

// Puts rows of a strip into the surface.
class StripKeeper {
 public:
    StripKeeper(Surface& surface, const PixelTests& tests, int picture_step)
        : surface_(surface), tests_(tests), picture_step_(picture_step) {}

    void keep_row(const Strip& strip, int strip_row, int row) const {
        const auto cols = static_cast<std::size_t>(strip.blue.cols());
        std::vector<std::uint8_t> flags(3 * cols);
        const std::span<std::uint8_t> all(flags);
        const TestedRow tested{all.subspan(0, cols), all.subspan(cols, cols),
                               all.subspan(2 * cols, cols), surface_.heat.row(row),
                               surface_.variability.row(row)};
        test_pixels(
            tests_,
            {strip.blue.row(strip_row), strip.green.row(strip_row), strip.red.row(strip_row),
             strip.nir.row(strip_row), strip.swir1.row(strip_row), strip.swir2.row(strip_row),
             strip.temperature.row(strip_row), strip.saturated.row(strip_row)},
            tested);
        const auto valid = surface_.valid.row(row);
        pack_row(strip.valid.row(strip_row), valid);
        keep_flags(tested.potential_cloud, valid, surface_.potential_cloud.row(row));
        keep_flags(tested.snow, valid, surface_.snow.row(row));
        keep_flags(tested.water, valid, surface_.water.row(row));
        keep_bands(strip, strip_row, row);
        keep_further_flags(strip, strip_row, row, all.subspan(0, cols));
        if (picture_step_ > 0 && row % picture_step_ == 0)
            draw_row(strip, strip_row, row / picture_step_);
    }

 private:
    void keep_bands(const Strip& strip, int strip_row, int row) const {
        copy_row(strip.nir.row(strip_row), surface_.nir.inner().row(row));
        copy_row(strip.swir1.row(strip_row), surface_.swir1.inner().row(row));
        copy_row(strip.green.row(strip_row), surface_.green.row(row));
        copy_row(strip.red.row(strip_row), surface_.red.row(row));
        if (surface_.cirrus.size() > 0)
            copy_row(strip.cirrus.row(strip_row), surface_.cirrus.row(row));
    }

    void keep_further_flags(const Strip& strip, int strip_row, int row,
                            std::span<std::uint8_t> bytes) const {
        const auto valid = surface_.valid.row(row);
        const auto saturated = strip.saturated.row(strip_row);
        for (std::size_t c = 0; c < bytes.size(); ++c) bytes[c] = (saturated[c] >> 1) & 1;
        keep_flags(bytes, valid, surface_.green_saturated.row(row));
        if (surface_.dark_swir2.rows() == 0) return;
        const auto swir2 = strip.swir2.row(strip_row);
        for (std::size_t c = 0; c < bytes.size(); ++c) bytes[c] = swir2[c] < kDarkSwir2;
        keep_flags(bytes, valid, surface_.dark_swir2.row(row));
    }

    void draw_row(const Strip& strip, int strip_row, int picture_row) const {
        for (int c = 0; c < surface_.picture.cols; ++c) {
            const int col = c * picture_step_;
            if (strip.valid(strip_row, col) == 0) continue;
            std::uint8_t* rgb = surface_.picture.at(picture_row, c);
            rgb[0] = brightness(strip.red(strip_row, col));
            rgb[1] = brightness(strip.green(strip_row, col));
            rgb[2] = brightness(strip.blue(strip_row, col));
        }
    }

    Surface& surface_;
    PixelTests tests_;
    int picture_step_;
};

double share(int part, int whole) {
    return whole == 0 ? 0. : static_cast<double>(part) / whole;
}

}  // namespace

Strip::Strip(int rows, int cols, bool parallax)
    : blue(rows, cols),
      green(rows, cols),
      red(rows, cols),
      nir(rows, cols),
      swir1(rows, cols),
      swir2(rows, cols),
      cirrus(rows, cols),
      temperature(rows, cols),
      valid(rows, cols),
      saturated(rows, cols),
      ratio7(parallax ? rows : 0, cols),
      ratio8(parallax ? rows : 0, cols) {}

Surface read_surface(const SceneTraits& traits, const Profile& profile, const StripReader& reader,
                     const SurfaceRequest& request) {
    Surface surface = make_surface(traits, profile, request.picture_step);
    const PixelTests tests{traits.thermal,
                           static_cast<int>(std::lround(profile.snow_below_c * 100)),
                           profile.built_up_lowers};
    const StripKeeper keeper(surface, tests, request.picture_step);
    const int rows = traits.grid.rows;
    const int height = std::min(request.strip_rows, rows);
    Strip strip(height, traits.grid.cols, traits.parallax);
    std::optional<ParallaxFinder> parallax;
    if (traits.parallax) parallax.emplace(rows, traits.grid.cols);
    for (int first = 0; first < rows; first += height) {
        throw_if_cancelled();
        const int count = std::min(height, rows - first);
        reader(first, count, strip);
        parallel_for(static_cast<std::size_t>(count), request.threads, [&](std::size_t r) {
            keeper.keep_row(strip, static_cast<int>(r), first + static_cast<int>(r));
        });
        if (parallax)
            parallax->add(strip.ratio7.view().rows(0, count), strip.ratio8.view().rows(0, count),
                          request.threads);
        if (request.progress) request.progress(share(first + count, rows));
    }
    if (parallax) surface.parallax = parallax->take();
    return surface;
}

void test_pixels(const PixelTests& tests, const PixelRow& in, const TestedRow& out) noexcept {
    for (std::size_t i = 0; i < in.blue.size(); ++i) {
        const int b = in.blue[i];
        const int g = in.green[i];
        const int r = in.red[i];
        const int n = in.nir[i];
        const int s1 = in.swir1[i];
        const int s2 = in.swir2[i];
        const int bt = in.temperature[i];
        const bool saturated = in.saturated[i] != 0;

        // Indices as fractions; one whose denominator is 0 counts as 0.01.
        const int ndvi_num = n + r == 0 ? 1 : n - r;
        const int ndvi_den = n + r == 0 ? 100 : n + r;
        const int ndsi_num = g + s1 == 0 ? 1 : g - s1;
        const int ndsi_den = g + s1 == 0 ? 100 : g + s1;
        const int sum = b + g + r;
        const int spread = std::abs(3 * b - sum) + std::abs(3 * g - sum) + std::abs(3 * r - sum);
        const int hot = 2 * b - r - 1600;

        const bool cool = !tests.thermal || bt < 2700;
        const bool white = saturated || 10 * spread < 7 * sum;
        const bool hazy = saturated || hot > 0;
        const bool not_rock = s1 == 0 || 4 * n > 3 * s1;
        out.potential_cloud[i] = (s2 > 300) & (10 * ndsi_num < 8 * ndsi_den) &
                                 (10 * ndvi_num < 8 * ndvi_den) & cool & white & hazy & not_rock;
        out.snow[i] = (100 * ndsi_num > 15 * ndsi_den) & (n > 1100) & (g > 1000) &
                      (!tests.thermal || bt < tests.snow_below);
        const bool dark = (100 * ndvi_num < ndvi_den) & (n < 1100);
        const bool darker = (ndvi_num > 0) & (10 * ndvi_num < ndvi_den) & (n < 500);
        out.water[i] = dark | darker;

        const auto fraction = [](int num, int den) {
            return std::abs(static_cast<double>(num)) / static_cast<double>(den);
        };
        const bool red_saturated = (in.saturated[i] & 4) != 0;
        const bool green_saturated = (in.saturated[i] & 2) != 0;
        double largest = red_saturated && ndvi_num > 0 ? 0. : fraction(ndvi_num, ndvi_den);
        largest =
            std::max(largest, green_saturated && ndsi_num < 0 ? 0. : fraction(ndsi_num, ndsi_den));
        if (tests.built_up_lowers && s1 + n > 0)
            largest = std::max(largest, fraction(s1 - n, s1 + n));
        if (!saturated && sum > 0) largest = std::max(largest, fraction(spread, sum));
        // largest lies in 0..4, so that adding before cutting rounds to the nearest.
        out.variability[i] =
            static_cast<std::int16_t>(kReflectanceUnit - static_cast<int>(largest * 1e4 + 0.5));
        out.heat[i] = static_cast<std::int16_t>(tests.thermal ? bt : std::min(hot, 32767));
    }
}

}  // namespace hls::fmask
