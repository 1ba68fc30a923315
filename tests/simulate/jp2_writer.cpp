// SPDX-License-Identifier: Apache-2.0
#include "simulate/jp2_writer.hpp"

#include <fmt/format.h>
#include <gdal_priv.h>
#include <ogr_spatialref.h>

#include <algorithm>
#include <memory>

#include "core/error.hpp"
#include "io/gdal_session.hpp"

namespace hls::simulate {
namespace {

struct Close {
    void operator()(GDALDataset* dataset) const { GDALClose(GDALDataset::ToHandle(dataset)); }
};
using Dataset = std::unique_ptr<GDALDataset, Close>;

GDALDriver* driver(const char* name) {
    GDALDriver* found = GetGDALDriverManager()->GetDriverByName(name);
    if (!found) throw Error{Exit::unavailable, fmt::format("GDAL lacks its {} driver", name)};
    return found;
}

// A dataset over the planes' own memory.
template <typename T>
Dataset in_memory(const io::Grid& grid, std::span<const Plane<T>* const> layers,
                  GDALDataType type) {
    Dataset dataset(driver("MEM")->Create("", grid.cols, grid.rows, 0, type, nullptr));
    if (!dataset) throw Error{Exit::internal, "no dataset in memory"};
    for (const Plane<T>* layer : layers) {
        if (layer->rows() != grid.rows || layer->cols() != grid.cols)
            throw Error{Exit::internal, "a layer does not fit its grid"};
        char pointer[32] = {};
        CPLPrintPointer(pointer, const_cast<T*>(layer->data()), sizeof pointer - 1);
        const std::string option = fmt::format("DATAPOINTER={}", pointer);
        const char* options[] = {option.c_str(), nullptr};
        if (dataset->AddBand(type, const_cast<char**>(options)) != CE_None)
            throw Error{Exit::internal, "no band in memory"};
    }
    double transform[6] = {grid.ulx_m, grid.pixel_m, 0, grid.uly_m, 0, -grid.pixel_m};
    dataset->SetGeoTransform(transform);
    OGRSpatialReference crs;
    crs.importFromEPSG(grid.epsg);
    dataset->SetSpatialRef(&crs);
    return dataset;
}

template <typename T>
void write(const std::filesystem::path& path, const io::Grid& grid,
           std::span<const Plane<T>* const> layers, GDALDataType type, int resolutions) {
    io::init_gdal();
    const io::GdalErrors errors;
    const Dataset source = in_memory(grid, layers, type);
    const int block = std::min(1024, std::min(grid.rows, grid.cols));
    // Openjpeg wants a pixel at least at the coarsest resolution.
    while (resolutions > 1 && (block >> (resolutions - 1)) < 2) --resolutions;
    const std::string texts[] = {"REVERSIBLE=YES",
                                 "QUALITY=100",
                                 "YCBCR420=NO",
                                 "YCC=NO",
                                 fmt::format("BLOCKXSIZE={}", block),
                                 fmt::format("BLOCKYSIZE={}", block),
                                 fmt::format("RESOLUTIONS={}", resolutions)};
    std::vector<char*> options;
    for (const std::string& text : texts) options.push_back(const_cast<char*>(text.c_str()));
    options.push_back(nullptr);
    const Dataset made(
        driver("JP2OpenJPEG")
            ->CreateCopy(path.c_str(), source.get(), TRUE, options.data(), nullptr, nullptr));
    if (!made || errors.failed()) errors.raise(Exit::io_error, "cannot write", path.string());
}

}  // namespace

void write_jp2(const std::filesystem::path& path, const io::Grid& grid,
               std::span<const Plane<std::uint16_t>* const> layers, int resolutions) {
    write(path, grid, layers, GDT_UInt16, resolutions);
}

void write_jp2(const std::filesystem::path& path, const io::Grid& grid,
               std::span<const Plane<std::uint8_t>* const> layers, int resolutions) {
    write(path, grid, layers, GDT_Byte, resolutions);
}

}  // namespace hls::simulate
