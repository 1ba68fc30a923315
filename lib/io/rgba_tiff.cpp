// SPDX-License-Identifier: Apache-2.0
#include "io/rgba_tiff.hpp"

#include <cpl_string.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include <algorithm>
#include <memory>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "io/gdal_session.hpp"

namespace hls::io {
namespace {

constexpr int kBands = 4;
constexpr int kBlock = 256;

struct CloseDataset {
    void operator()(GDALDatasetH dataset) const { GDALClose(dataset); }
};
using Dataset = std::unique_ptr<std::remove_pointer_t<GDALDatasetH>, CloseDataset>;

void describe(GDALDatasetH file, const GeographicGrid& grid,
              const std::vector<std::pair<std::string, std::string>>& tags) {
    double transform[6] = {grid.west_deg, grid.pixel_deg, 0, grid.north_deg, 0, -grid.pixel_deg};
    GDALSetGeoTransform(file, transform);
    OGRSpatialReferenceH reference = OSRNewSpatialReference(nullptr);
    OSRImportFromEPSG(reference, 4326);
    GDALSetSpatialRef(file, reference);
    OSRDestroySpatialReference(reference);
    for (const auto& [name, value] : tags)
        GDALSetMetadataItem(file, name.c_str(), value.c_str(), nullptr);
    GDALSetRasterNoDataValue(GDALGetRasterBand(file, 1), 0);
}

}  // namespace

void write_rgba_tiff(const std::string& path, const GeographicGrid& grid,
                     const std::vector<std::pair<std::string, std::string>>& tags,
                     const RgbaRows& rows) {
    const GdalErrors errors;
    CPLStringList options;
    options.SetNameValue("TILED", "YES");
    options.SetNameValue("COMPRESS", "LZW");
    options.SetNameValue("PHOTOMETRIC", "RGB");
    options.SetNameValue("ALPHA", "YES");
    Dataset file(GDALCreate(GDALGetDriverByName("GTiff"), path.c_str(), grid.cols, grid.rows,
                            kBands, GDT_Byte, options.List()));
    if (!file) errors.raise(Exit::cannot_create, "cannot create", path);
    describe(file.get(), grid, tags);

    Plane<std::uint8_t> strip(kBlock, kBands * grid.cols);
    for (int row = 0; row < grid.rows; row += kBlock) {
        throw_if_cancelled();
        const int count = std::min(kBlock, grid.rows - row);
        rows(row, strip.view().rows(0, count));
        const CPLErr result =
            GDALDatasetRasterIOEx(file.get(), GF_Write, 0, row, grid.cols, count, strip.data(),
                                  grid.cols, count, GDT_Byte, kBands, nullptr, kBands,
                                  static_cast<GSpacing>(kBands) * grid.cols, 1, nullptr);
        if (result != CE_None || errors.failed())
            errors.raise(Exit::io_error, "cannot write", path);
    }
    GDALFlushCache(file.get());
    file.reset();
    if (errors.failed()) errors.raise(Exit::io_error, "cannot write", path);
}

}  // namespace hls::io
