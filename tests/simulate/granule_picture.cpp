// SPDX-License-Identifier: Apache-2.0
#include "simulate/granule_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "io/browse.hpp"
#include "io/raster.hpp"

namespace hls::simulate {

void write_granule_picture(const std::filesystem::path& granule, const std::string& product_id,
                           const std::filesystem::path& png) {
    constexpr int kLargest = 1500;
    constexpr double kGamma = 0.7;
    io::Picture picture;
    for (int channel = 0; channel < 3; ++channel) {
        const auto path = granule / fmt::format("{}_B{}.TIF", product_id, 4 - channel);
        const io::RasterReader reader(path.string());
        const int step = std::max(1, (std::max(reader.rows(), reader.cols()) - 1) / kLargest + 1);
        const int rows = (reader.rows() - 1) / step + 1;
        const int cols = (reader.cols() - 1) / step + 1;
        if (channel == 0) picture = io::Picture(rows, cols, 3);
        std::vector<float> values;
        Plane<std::uint16_t> line(1, reader.cols());
        for (int row = 0; row < rows; ++row) {
            reader.read_rows<std::uint16_t>(row * step, line.view());
            for (int col = 0; col < cols; ++col) {
                const auto number = static_cast<float>(line(0, col * step));
                values.push_back(number > 0 ? number : std::numeric_limits<float>::quiet_NaN());
            }
        }
        const io::Stretch stretch = io::quantile_stretch(values, 0.01, 0.985);
        for (int row = 0; row < rows; ++row)
            for (int col = 0; col < cols; ++col) {
                const float value = values[static_cast<std::size_t>(row * cols + col)];
                const double bright = stretch(double(value)) / 255.0;
                picture.at(row, col)[channel] =
                    static_cast<std::uint8_t>(std::lround(255 * std::pow(bright, kGamma)));
            }
    }
    io::write_png(png, picture, fs::IfExists::replace);
}

}  // namespace hls::simulate
