// SPDX-License-Identifier: Apache-2.0
#include "io/browse.hpp"

#include <cpl_string.h>
#include <fmt/format.h>
#include <gdal.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/error.hpp"
#include "io/gdal_session.hpp"

namespace hls::io {
namespace {

// A GDAL dataset over the picture's own memory.
GDALDatasetH wrap(const Picture& picture) {
    GDALDatasetH dataset = GDALCreate(GDALGetDriverByName("MEM"), "", picture.cols, picture.rows, 0,
                                      GDT_Byte, nullptr);
    for (int channel = 0; dataset != nullptr && channel < picture.channels; ++channel) {
        // MEM never writes through this pointer as long as the dataset is only copied from.
        auto* first = const_cast<std::uint8_t*>(picture.pixels.data()) + channel;
        char address[32] = {};
        CPLPrintPointer(address, first, sizeof address - 1);
        CPLStringList options;
        options.SetNameValue("DATAPOINTER", address);
        options.SetNameValue("PIXELOFFSET", fmt::format("{}", picture.channels).c_str());
        options.SetNameValue("LINEOFFSET",
                             fmt::format("{}", picture.channels * picture.cols).c_str());
        GDALAddBand(dataset, GDT_Byte, options.List());
    }
    return dataset;
}

}  // namespace

Picture::Picture(int rows_, int cols_, int channels_)
    : rows(rows_),
      cols(cols_),
      channels(channels_),
      pixels(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(cols_) *
             static_cast<std::size_t>(channels_)) {}

std::uint8_t* Picture::at(int row, int col) {
    return pixels.data() + (static_cast<std::ptrdiff_t>(row) * cols + col) * channels;
}

std::uint8_t Stretch::operator()(double value) const noexcept {
    const double part = (value - low) / (high - low);
    if (!(part > 0)) return 0;
    return static_cast<std::uint8_t>(std::lround(std::min(part, 1.0) * 255));
}

Stretch quantile_stretch(std::span<const float> values, double low, double high) {
    std::vector<float> sorted;
    std::copy_if(values.begin(), values.end(), std::back_inserter(sorted),
                 [](float v) { return !std::isnan(v); });
    if (sorted.empty()) return {};
    const auto quantile = [&](double q) {
        const auto last = static_cast<double>(sorted.size() - 1);
        const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(std::lround(q * last));
        std::nth_element(sorted.begin(), at, sorted.end());
        return static_cast<double>(*at);
    };
    const double from = quantile(low);
    const double to = quantile(high);
    return {from, to > from ? to : from + 1};
}

void write_png(const std::filesystem::path& path, const Picture& picture, fs::IfExists if_exists) {
    fs::AtomicFile file(path, if_exists);
    {
        const GdalErrors errors;
        GDALDatasetH source = wrap(picture);
        GDALDatasetH copy =
            source == nullptr ? nullptr
                              : GDALCreateCopy(GDALGetDriverByName("PNG"), file.temporary().c_str(),
                                               source, FALSE, nullptr, nullptr, nullptr);
        if (copy != nullptr) GDALClose(copy);
        if (source != nullptr) GDALClose(source);
        if (copy == nullptr || errors.failed())
            errors.raise(Exit::io_error, "cannot write", path.string());
    }
    file.commit();
}

}  // namespace hls::io
