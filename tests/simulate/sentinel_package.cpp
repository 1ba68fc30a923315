// SPDX-License-Identifier: Apache-2.0
#include "simulate/sentinel_package.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/parallel.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "simulate/jp2_writer.hpp"

namespace hls::simulate {
namespace {

namespace stdfs = std::filesystem;
using Task = std::function<void()>;

// Where the files of a granule go and how images are called.
struct Places {
    stdfs::path images, quality, auxiliary;
    std::string image_prefix;  // "T14SPJ_20210715T171031_", or nothing
};

void write_text(const stdfs::path& path, const std::string& text) {
    fs::write_text_atomically(path, text, fs::IfExists::refuse);
}

// Detector of every pixel of a band, 0 outside.
Plane<std::uint8_t> detector_plane(const SentinelRequest& request, const SentinelGeometry& geometry,
                                   int band) {
    const int pixel = granule::sentinel2_bands()[static_cast<std::size_t>(band)].resolution_m;
    const MapBox box = request.extent();
    Plane<std::uint8_t> plane(request.rows * 10 / pixel, request.cols * 10 / pixel);
    for (int row = 0; row < plane.rows(); ++row)
        for (int col = 0; col < plane.cols(); ++col) {
            const double x = box.west + (col + 0.5) * pixel;
            const double y = box.north - (row + 0.5) * pixel;
            if (geometry.in_strip(geometry.along_m(x, y)))
                plane(row, col) =
                    static_cast<std::uint8_t>(geometry.detector(geometry.across_m(x, y), band));
        }
    return plane;
}

// Eight layers, of which only the third, lost packets, may hold anything: an eighth of the band.
void write_quality_mask(const SentinelRequest& request, int band, const stdfs::path& path) {
    constexpr int kLayers = 8, kLostLayer = 2;
    const int pixel = granule::sentinel2_bands()[static_cast<std::size_t>(band)].resolution_m;
    const io::Grid grid = request.grid(pixel);
    const Plane<std::uint8_t> good(grid.rows, grid.cols);
    std::vector<const Plane<std::uint8_t>*> layers(kLayers, &good);
    Plane<std::uint8_t> lost;
    if (band == request.lost_band) {
        lost = good;
        for (int row = grid.rows / 4; row < grid.rows / 4 + grid.rows / 8; ++row)
            std::fill(lost.row(row).begin(), lost.row(row).end(), std::uint8_t{1});
        layers[kLostLayer] = &lost;
    }
    write_jp2(path, grid, layers, 1);
}

void write_class_mask(const SentinelRequest& request, const SentinelImage& image,
                      const stdfs::path& path) {
    const std::array layers{&image.classes[0], &image.classes[1], &image.classes[2]};
    write_jp2(path, request.grid(60), layers, 1);
}

// Red, green and blue of every `step`-th pixel, dark to bright in 1..255.
void write_true_colour(const SentinelRequest& request, const SentinelImage& image, int step,
                       const stdfs::path& path) {
    io::Grid grid = request.grid(10);
    grid.rows = std::max(1, grid.rows / step);
    grid.cols = std::max(1, grid.cols / step);
    grid.pixel_m *= step;
    std::array<Plane<std::uint8_t>, 3> colours;
    for (std::size_t i = 0; i < 3; ++i) {
        colours[i] = Plane<std::uint8_t>(grid.rows, grid.cols);
        const auto& band = image.bands[3 - i];
        for (int row = 0; row < grid.rows; ++row)
            for (int col = 0; col < grid.cols; ++col) {
                const double dn = band(row * step, col * step);
                if (dn == 0) continue;
                const double bright = (dn + request.dn_offset()) / 1e4 / 0.3558 * 255;
                colours[i](row, col) =
                    static_cast<std::uint8_t>(std::clamp(std::lround(bright), 1L, 255L));
            }
    }
    const std::array layers{std::as_const(colours).data(), std::as_const(colours).data() + 1,
                            std::as_const(colours).data() + 2};
    write_jp2(path, grid, layers);
}

void add_images(const SentinelRequest& request, const SentinelImage& image, const Places& places,
                std::vector<Task>& tasks) {
    const auto path = [&places](const std::string& name) {
        return places.images / (places.image_prefix + name + ".jp2");
    };
    for (int band = 0; band < kMsiBands; ++band)
        tasks.push_back([&request, &image, band, file = path(band_name(band))] {
            const auto b = static_cast<std::size_t>(band);
            const std::array layers{&image.bands[b]};
            write_jp2(file, request.grid(granule::sentinel2_bands()[b].resolution_m), layers);
        });
    if (!request.true_colour) return;
    constexpr int kPreviewStep = 32;
    tasks.push_back(
        [&request, &image, file = path("TCI")] { write_true_colour(request, image, 1, file); });
    tasks.push_back(
        [&request, &image, file = places.quality / (request.image_prefix() + "_PVI.jp2")] {
            write_true_colour(request, image, kPreviewStep, file);
        });
}

void add_masks(const SentinelRequest& request, const SentinelGeometry& geometry,
               const SentinelImage& image, const Places& places, std::vector<Task>& tasks) {
    const auto file = [&places](const char* kind, int band, const char* extension) {
        return places.quality /
               fmt::format("{}_{}.{}", kind, band < 0 ? "B00" : band_name(band), extension);
    };
    if (request.raster_masks()) {
        tasks.push_back([&request, &image, path = file("MSK_CLASSI", -1, "jp2")] {
            write_class_mask(request, image, path);
        });
        for (int band = 0; band < kMsiBands; ++band) {
            tasks.push_back([&request, &geometry, band, path = file("MSK_DETFOO", band, "jp2")] {
                const auto plane = detector_plane(request, geometry, band);
                const std::array layers{&plane};
                write_jp2(
                    path,
                    request.grid(
                        granule::sentinel2_bands()[static_cast<std::size_t>(band)].resolution_m),
                    layers, 1);
            });
            tasks.push_back([&request, band, path = file("MSK_QUALIT", band, "jp2")] {
                write_quality_mask(request, band, path);
            });
        }
        return;
    }
    for (int band = 0; band < kMsiBands; ++band) {
        write_text(file("MSK_DETFOO", band, "gml"), detector_gml(request, geometry, band));
        for (const char* kind : {"DEFECT", "NODATA", "SATURA", "TECQUA"})
            write_text(file(fmt::format("MSK_{}", kind).c_str(), band, "gml"),
                       empty_mask_gml(request, kind, band));
    }
    write_text(file("MSK_CLOUDS", -1, "gml"), empty_mask_gml(request, "CLOUDS", -1));
}

void write_reports(const SentinelRequest& request, const stdfs::path& folder) {
    write_text(folder / "GENERAL_QUALITY.xml", general_quality_xml(request));
    for (const char* name : {"FORMAT_CORRECTNESS", "GEOMETRIC_QUALITY", "SENSOR_QUALITY"})
        write_text(folder / fmt::format("{}.xml", name), quality_xml(request, name));
}

void write_granule_files(const SentinelRequest& request, const SentinelGeometry& geometry,
                         const SentinelImage& image, const Places& places, int threads) {
    for (const stdfs::path& folder : {places.images, places.quality, places.auxiliary})
        stdfs::create_directories(folder);
    std::vector<Task> tasks;
    add_images(request, image, places, tasks);
    add_masks(request, geometry, image, places, tasks);
    parallel_for(tasks.size(), threads, [&](std::size_t i) { tasks[i](); });
    write_reports(request, places.quality);
}

}  // namespace

void write_safe(const SentinelRequest& request, const SentinelGeometry& geometry,
                const SentinelImage& image, const SentinelCover& cover, const stdfs::path& folder,
                int threads) {
    const stdfs::path granule = folder / "GRANULE" / request.granule_id();
    const stdfs::path datastrip = folder / "DATASTRIP" / request.datastrip_folder();
    write_granule_files(request, geometry, image,
                        {granule / "IMG_DATA", granule / "QI_DATA", granule / "AUX_DATA",
                         request.image_prefix() + "_"},
                        threads);
    stdfs::create_directories(datastrip / "QI_DATA");
    stdfs::create_directories(folder / "HTML");
    stdfs::create_directories(folder / "rep_info");
    write_text(granule / "MTD_TL.xml", tile_xml(request, geometry, cover));
    write_text(datastrip / "MTD_DS.xml", datastrip_xml(request));
    write_text(datastrip / "QI_DATA" / "GENERAL_QUALITY.xml",
               quality_xml(request, "GENERAL_QUALITY"));
    write_text(folder / "MTD_MSIL1C.xml", product_xml(request, geometry, cover));

    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& entry : stdfs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files.emplace_back(stdfs::relative(entry.path(), folder).string(), "");
    std::sort(files.begin(), files.end());
    parallel_for(files.size(), threads, [&](std::size_t i) {
        files[i].second = fs::digest_of_file(fs::DigestKind::md5, folder / files[i].first);
    });
    write_text(folder / "manifest.safe", manifest_xml(request, files));
}

void write_aws(const SentinelRequest& request, const SentinelGeometry& geometry,
               const SentinelImage& image, const SentinelCover& cover, const stdfs::path& folder,
               int threads) {
    write_granule_files(request, geometry, image, {folder, folder / "qi", folder / "auxiliary", ""},
                        threads);
    write_text(folder / "metadata.xml", tile_xml(request, geometry, cover));
    write_text(folder / "tileInfo.json", aws_tile_json(request, cover));
    write_text(folder / "productInfo.json", aws_product_json(request));
}

}  // namespace hls::simulate
