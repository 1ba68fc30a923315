// SPDX-License-Identifier: Apache-2.0
#include "io/jpeg.hpp"

#include <cpl_string.h>
#include <fmt/format.h>
#include <gdal.h>

#include <memory>

#include "core/error.hpp"
#include "io/gdal_session.hpp"

namespace hls::io {
namespace {

struct CloseDataset {
    void operator()(GDALDatasetH dataset) const { GDALClose(dataset); }
};
using Dataset = std::unique_ptr<std::remove_pointer_t<GDALDatasetH>, CloseDataset>;

}  // namespace

void write_jpeg(const std::string& path, const std::array<View2D<const std::uint8_t>, 3>& rgb,
                int quality) {
    const GdalErrors errors;
    const int rows = rgb[0].rows();
    const int cols = rgb[0].cols();
    const Dataset image(
        GDALCreate(GDALGetDriverByName("MEM"), "", cols, rows, 3, GDT_Byte, nullptr));
    if (!image) errors.raise(Exit::resource, "cannot hold", path);
    for (int band = 0; band < 3; ++band) {
        const auto& plane = rgb[static_cast<std::size_t>(band)];
        if (plane.rows() != rows || plane.cols() != cols)
            throw Error{Exit::internal, fmt::format("{}: planes of different sizes", path)};
        const CPLErr result = GDALRasterIOEx(GDALGetRasterBand(image.get(), band + 1), GF_Write, 0,
                                             0, cols, rows, const_cast<std::uint8_t*>(plane.data()),
                                             cols, rows, GDT_Byte, 1, plane.stride(), nullptr);
        if (result != CE_None) errors.raise(Exit::internal, "cannot copy", path);
    }
    CPLStringList options;
    options.SetNameValue("QUALITY", fmt::format("{}", quality).c_str());
    const Dataset file(GDALCreateCopy(GDALGetDriverByName("JPEG"), path.c_str(), image.get(), FALSE,
                                      options.List(), nullptr, nullptr));
    if (!file || errors.failed()) errors.raise(Exit::io_error, "cannot write", path);
}

}  // namespace hls::io
