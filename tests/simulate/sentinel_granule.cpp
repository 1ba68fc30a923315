// SPDX-License-Identifier: Apache-2.0
#include "simulate/sentinel_granule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/parallel.hpp"
#include "fs/atomic_output.hpp"
#include "scene/ac_scene.hpp"
#include "simulate/scene_renderer.hpp"
#include "simulate/sentinel_package.hpp"
#include "simulate/sentinel_renderer.hpp"
#include "simulate/world_ancillary.hpp"
#include "simulate/zip_writer.hpp"

namespace hls::simulate {
namespace {

namespace stdfs = std::filesystem;

constexpr int kStripRows = 32;  // of 60 m

// Truth rasters that grow strip by strip.
class TruthFiles {
 public:
    TruthFiles(const SentinelRequest& request, const stdfs::path& folder,
               const SentinelTruth& truth);

    void append(int first_60m, int count, int threads);
    void close();

 private:
    struct Output {
        io::RasterWriter writer;
        int per_60m;  // rows
        std::function<void(io::RasterWriter&, int first, int count)> append;
    };

    template <typename T>
    void add(const SentinelRequest& request, const stdfs::path& folder, const std::string& name,
             int pixel_m, const io::Layer& layer, const Plane<T>& plane) {
        outputs_.push_back(
            {io::RasterWriter((folder / truth_file_name(request.product_id(), name)).string(),
                              request.grid(pixel_m), layer),
             60 / pixel_m, [&plane](io::RasterWriter& writer, int first, int count) {
                 writer.write_rows<T>(first, plane.view().rows(0, count));
             }});
    }

    std::vector<Output> outputs_;
};

io::Layer numbers(const std::string& what, double scale, const std::string& unit = "") {
    io::Layer layer;
    layer.type = io::PixelType::i16;
    layer.nodata = -9999;
    layer.scale = scale;
    layer.description = what;
    layer.unit = unit;
    return layer;
}

TruthFiles::TruthFiles(const SentinelRequest& request, const stdfs::path& folder,
                       const SentinelTruth& truth) {
    for (std::size_t band = 0; band < kMsiBands; ++band) {
        const int index = static_cast<int>(band);
        if (index == kMsiVapour || index == kMsiCirrus) continue;
        const auto& msi = granule::sentinel2_bands()[band];
        const std::string name(msi.name);
        add(request, folder, name, 30, numbers("surface reflectance " + name, 1e-4),
            truth.product[band]);
        add(request, folder, "NATIVE_" + name, msi.resolution_m,
            numbers("surface reflectance as seen " + name, 1e-4), truth.native[band]);
    }
    add(request, folder, "AOT", 30, numbers("aerosol optical thickness at 550 nm", 1e-3),
        truth.aot);
    add(request, folder, "FMASK", 30, scene::landsat_ac_layer("FMASK"), truth.mask);
    io::Layer cover;
    cover.type = io::PixelType::u8;
    cover.nodata = kTruthFill;
    cover.description = "land cover";
    for (int i = 0; i < kCovers; ++i)
        cover.classes.push_back({i, cover_name(static_cast<Cover>(i)), {}});
    add(request, folder, "COVER", 30, cover, truth.cover);
    add(request, folder, "CLASS", 20, scene::landsat_ac_layer("FMASK"), truth.classes);
    add(request, folder, "CLOUDTOP", 20, numbers("cloud top above the sea", 1, "m"), truth.height);
    add(request, folder, "DEM", 20, numbers("elevation", 1, "m"), truth.elevation);
}

void TruthFiles::append(int first_60m, int count, int threads) {
    parallel_for(outputs_.size(), threads, [&](std::size_t i) {
        Output& output = outputs_[i];
        output.append(output.writer, first_60m * output.per_60m, count * output.per_60m);
    });
}

void TruthFiles::close() {
    for (Output& output : outputs_) output.writer.close();
}

void render_all(const SentinelRenderer& renderer, const SentinelRequest& request,
                const stdfs::path& truth_folder, SentinelImage& image,
                const SimulationOptions& options) {
    const int rows = request.rows / 6;
    SentinelTruth truth(request, std::min(kStripRows, rows));
    std::optional<TruthFiles> files;
    if (!truth_folder.empty()) files.emplace(request, truth_folder, truth);
    for (int first = 0; first < rows; first += kStripRows) {
        const int count = std::min(kStripRows, rows - first);
        renderer.render(first, count, options.threads, image, truth);
        if (files) files->append(first, count, options.threads);
        if (options.progress) options.progress(double(first + count) / rows);
    }
    if (files) files->close();
}

void write_ancillary_of(const SentinelRenderer& renderer, const SentinelRequest& request,
                        const stdfs::path& folder, DayFile kind) {
    const SentinelGeometry& geometry = renderer.geometry();
    const MapBox box = request.extent();
    AncillaryArea area;
    for (int j = 0; j <= 8; ++j)
        for (int i = 0; i <= 8; ++i)
            area.outline.push_back(geometry.place(box.west + i * (box.east - box.west) / 8,
                                                  box.north - j * (box.north - box.south) / 8));
    area.center = geometry.place((box.west + box.east) / 2, (box.south + box.north) / 2);
    const RatioLaw land = ratio_law_at(area.center);
    const RatioLaw fitted = renderer.cells().fitted_law(land);
    const auto difference = [](const Line& a, const Line& b) {
        return Line{a.slope - b.slope, a.intercept - b.intercept};
    };
    area.departure = {difference(fitted.coastal, land.coastal), difference(fitted.blue, land.blue),
                      difference(fitted.swir2, land.swir2)};
    write_world_ancillary(request, area, folder, kind);
}

SimulatedGranule write_granule(const SentinelRequest& request, SentinelPackage package,
                               const SentinelRenderer& renderer, const SentinelImage& image,
                               const SimulationOptions& options) {
    SimulatedGranule made;
    made.product_id = request.product_id();
    made.cloud_percent =
        image.inside == 0 ? 0 : 100.0 * double(image.cloudy) / double(image.inside);
    const SentinelCover cover{
        made.cloud_percent,
        image.inside == 0 ? 0 : 100.0 * double(image.snowy) / double(image.inside)};
    const std::string safe = made.product_id + ".SAFE";
    if (package == SentinelPackage::zip) {
        made.granule = options.folder / (made.product_id + ".zip");
        fs::AtomicFile zip(made.granule, options.if_exists);
        const stdfs::path unpacked = fs::temporary_name(options.folder / safe);
        fs::AtomicDirectory folder(unpacked / safe, fs::IfExists::refuse);
        write_safe(request, renderer.geometry(), image, cover, folder.temporary(), options.threads);
        folder.commit();
        write_zip(unpacked / safe, zip.temporary());
        stdfs::remove_all(unpacked);
        zip.commit();
        return made;
    }
    made.granule =
        options.folder / (package == SentinelPackage::aws ? request.tile_oper_id() : safe);
    fs::AtomicDirectory folder(made.granule, options.if_exists);
    const auto write = package == SentinelPackage::aws ? write_aws : write_safe;
    write(request, renderer.geometry(), image, cover, folder.temporary(), options.threads);
    folder.commit();
    return made;
}

}  // namespace

SimulatedGranules simulate_sentinel(const std::vector<SentinelRequest>& requests,
                                    SentinelPackage package, const TransferSolver& solver,
                                    const SimulationOptions& options) {
    for (const SentinelRequest& request : requests) request.validate();
    SimulatedGranules made;
    std::optional<fs::AtomicDirectory> truth, ancillary;
    if (requests.front().truth)
        truth.emplace(made.truth = options.folder / "truth", options.if_exists);
    if (options.ancillary)
        ancillary.emplace(made.ancillary = options.folder / "ancillary", options.if_exists);
    for (SentinelRequest request : requests) {
        request.air = request.air.snapped();
        const SentinelRenderer renderer(request, solver, options.threads);
        SentinelImage image(request);
        render_all(renderer, request, truth ? truth->temporary() : stdfs::path(), image, options);
        made.granules.push_back(write_granule(request, package, renderer, image, options));
        if (ancillary && made.granules.size() == 1)
            write_ancillary_of(renderer, request, ancillary->temporary(), *options.ancillary);
    }
    if (ancillary) ancillary->commit();
    if (truth) truth->commit();
    return made;
}

}  // namespace hls::simulate
