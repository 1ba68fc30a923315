// SPDX-License-Identifier: Apache-2.0
#include "io/resample.hpp"

#include <fmt/format.h>
#include <gdal.h>
#include <gdal_alg.h>
#include <gdalwarper.h>
#include <ogr_srs_api.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "io/gdal_session.hpp"

namespace hls::io {
namespace {

struct CloseDataset {
    void operator()(void* dataset) const { GDALClose(dataset); }
};
using Dataset = std::unique_ptr<void, CloseDataset>;

constexpr double kToleratedErrorPx = 0.125;  // of the approximated transformation
constexpr float kNoValue = -3e38f;

std::string wkt_of(int epsg) {
    OGRSpatialReferenceH reference = OSRNewSpatialReference(nullptr);
    char* text = nullptr;
    if (OSRImportFromEPSG(reference, epsg) == OGRERR_NONE) OSRExportToWkt(reference, &text);
    std::string wkt = text == nullptr ? "" : text;
    VSIFree(text);
    OSRDestroySpatialReference(reference);
    if (wkt.empty()) throw Error{Exit::internal, fmt::format("EPSG:{} is not known", epsg)};
    return wkt;
}

Dataset open_source(const std::string& path) {
    require_readable(path);
    const GdalErrors errors;
    Dataset source(GDALOpen(path.c_str(), GA_ReadOnly));
    if (!source) errors.raise(Exit::bad_input, "cannot read", path);
    std::array<double, 6> transform{};
    const char* projection = GDALGetProjectionRef(source.get());
    if (GDALGetGeoTransform(source.get(), transform.data()) != CE_None || projection == nullptr ||
        *projection == '\0')
        throw Error{Exit::bad_input, fmt::format("{}: not georeferenced", path)};
    return source;
}

// An image in memory over `values`, whose rows are `first_row` and on of the grid.
Dataset image_over(Plane<float>& values, const Grid& grid, int first_row) {
    const auto driver = GDALGetDriverByName("MEM");
    Dataset image(GDALCreate(driver, "", values.cols(), values.rows(), 0, GDT_Float32, nullptr));
    const std::string pointer =
        fmt::format("DATAPOINTER={:#x}", reinterpret_cast<std::uintptr_t>(values.data()));
    std::array<char*, 2> options{const_cast<char*>(pointer.c_str()), nullptr};
    if (!image || GDALAddBand(image.get(), GDT_Float32, options.data()) != CE_None)
        throw Error{Exit::resource, "no memory for a resampled raster"};
    std::array<double, 6> transform{
        grid.ulx_m, grid.pixel_m, 0, grid.uly_m - first_row * grid.pixel_m, 0, -grid.pixel_m};
    GDALSetGeoTransform(image.get(), transform.data());
    GDALSetProjection(image.get(), wkt_of(grid.epsg).c_str());
    GDALSetRasterNoDataValue(GDALGetRasterBand(image.get(), 1), static_cast<double>(kNoValue));
    return image;
}

int CPL_STDCALL go_on(double, const char*, void*) {
    return cancel_signal() == 0 ? 1 : 0;
}

}  // namespace

Plane<std::int16_t> read_resampled(const std::string& path, const Grid& grid,
                                   std::int16_t missing) {
    const Dataset source = open_source(path);
    Plane<std::int16_t> out(grid.rows, grid.cols, missing);
    bool any = false;
    constexpr int kRows = 512;
    for (int first = 0; first < grid.rows; first += kRows) {
        throw_if_cancelled();
        Plane<float> values(std::min(kRows, grid.rows - first), grid.cols, kNoValue);
        const Dataset image = image_over(values, grid, first);
        {
            const GdalErrors errors;
            const auto done =
                GDALReprojectImage(source.get(), nullptr, image.get(), nullptr, GRA_Bilinear, 0,
                                   kToleratedErrorPx, go_on, nullptr, nullptr);
            throw_if_cancelled();
            // Where no pixel of the grid can be transformed there is nothing to say.
            if (done != CE_None && errors.failed() && first == 0)
                throw Error{Exit::bad_input, fmt::format("{}: does not cover the granule", path),
                            "give a raster of the same place"};
        }
        for (int r = 0; r < values.rows(); ++r)
            for (int c = 0; c < values.cols(); ++c) {
                const float value = values(r, c);
                if (!(value > -32768.f && value < 32768.f)) continue;
                out(first + r, c) = static_cast<std::int16_t>(std::lround(value));
                any = true;
            }
    }
    if (!any)
        throw Error{Exit::bad_input, fmt::format("{}: does not cover the granule", path),
                    "give a raster of the same place"};
    return out;
}

}  // namespace hls::io
