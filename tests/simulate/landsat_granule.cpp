// SPDX-License-Identifier: Apache-2.0
#include "simulate/landsat_granule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "core/parallel.hpp"
#include "io/raster.hpp"
#include "scene/ac_scene.hpp"
#include "simulate/landsat_mtl.hpp"
#include "simulate/scene_renderer.hpp"
#include "simulate/world_ancillary.hpp"

namespace hls::simulate {
namespace {

constexpr int kStripRows = 256;  // the height of a tile

// One file of the product and how a strip gets into it.
struct Output {
    io::RasterWriter writer;
    std::function<void(io::RasterWriter&, int first, int count)> append;
};

class OutputSet {
 public:
    OutputSet(const SceneRequest& request, const Strip& strip) : request_(request), strip_(strip) {}

    void add_product(const std::filesystem::path& folder);
    void add_truth(const std::filesystem::path& folder);
    // The strip now holds rows [first, first + count) of the scene.
    void append(int first, int count, int threads);
    void close(int threads);

 private:
    template <typename T>
    void add(const std::filesystem::path& path, const io::Layer& layer, const Plane<T>& plane);
    void add_pan(const std::filesystem::path& path);

    const SceneRequest& request_;
    const Strip& strip_;
    std::vector<Output> outputs_;
};

io::Layer usgs_layer(io::PixelType type, std::optional<double> nodata) {
    io::Layer layer;
    layer.type = type;
    layer.nodata = nodata;
    layer.metadata = {{"AREA_OR_POINT", "Point"}};
    return layer;
}

template <typename T>
void OutputSet::add(const std::filesystem::path& path, const io::Layer& layer,
                    const Plane<T>& plane) {
    outputs_.push_back({io::RasterWriter(path.string(), request_.grid(), layer),
                        [&plane](io::RasterWriter& writer, int first, int count) {
                            writer.write_rows<T>(first, plane.view().rows(0, count));
                        }});
}

// 15 m: (2n - 1) pixels, the first of them centred on the first 30 m pixel, as USGS delivers it.
void OutputSet::add_pan(const std::filesystem::path& path) {
    const int rows = 2 * request_.rows - 1;
    const int cols = 2 * request_.cols - 1;
    const io::Grid grid{rows,
                        cols,
                        request_.ul_center_x_m - kPixelM / 4,
                        request_.ul_center_y_m + kPixelM / 4,
                        kPixelM / 2,
                        request_.grid().epsg};
    outputs_.push_back({io::RasterWriter(path.string(), grid, usgs_layer(io::PixelType::u16, 0)),
                        [this, rows, cols](io::RasterWriter& writer, int first, int count) {
                            const Plane<std::uint16_t>& source = strip_.bands[7];
                            Plane<std::uint16_t> fine(std::min(2 * count, rows - 2 * first), cols);
                            for (int row = 0; row < fine.rows(); ++row)
                                for (int col = 0; col < cols; ++col)
                                    fine(row, col) = source(row / 2, col / 2);
                            writer.write_rows<std::uint16_t>(2 * first, std::as_const(fine).view());
                        }});
}

void OutputSet::add_product(const std::filesystem::path& folder) {
    const auto path = [&](std::string_view suffix) {
        return folder / fmt::format("{}_{}.TIF", request_.product_id(), suffix);
    };
    for (int band = 1; band <= 11; ++band) {
        if (band == 8 && request_.pan) add_pan(path("B8"));
        if (band != 8)
            add(path(fmt::format("B{}", band)), usgs_layer(io::PixelType::u16, 0),
                strip_.bands[static_cast<std::size_t>(band - 1)]);
    }
    const io::Layer quality = usgs_layer(io::PixelType::u16, std::nullopt);
    const io::Layer angle = usgs_layer(io::PixelType::i16, std::nullopt);
    add(path("QA_PIXEL"), quality, strip_.qa_pixel);
    add(path("QA_RADSAT"), quality, strip_.qa_radsat);
    add(path("SZA"), angle, strip_.sza);
    add(path("SAA"), angle, strip_.saa);
    add(path("VZA"), angle, strip_.vza);
    add(path("VAA"), angle, strip_.vaa);
}

void OutputSet::add_truth(const std::filesystem::path& folder) {
    const std::string id = request_.product_id();
    for (int band = 1; band <= kReflectiveBands; ++band)
        add(folder / truth_file_name(id, fmt::format("B{}", band)),
            scene::landsat_ac_layer(fmt::format("SR_B{}", band)),
            strip_.truth_reflectance[static_cast<std::size_t>(band - 1)]);
    for (int band = 1; band <= kReflectiveBands && !request_.brdf_tile.empty(); ++band)
        add(folder / truth_file_name(id, fmt::format("NADIR_B{}", band)),
            scene::landsat_ac_layer(fmt::format("SR_B{}", band)),
            strip_.truth_nadir[static_cast<std::size_t>(band - 1)]);
    add(folder / truth_file_name(id, "AOT"), scene::landsat_ac_layer("AOT"), strip_.truth_aot);
    add(folder / truth_file_name(id, "FMASK"), scene::landsat_ac_layer("FMASK"), strip_.truth_mask);
    add(folder / truth_file_name(id, "CLASS"), scene::landsat_ac_layer("FMASK"),
        strip_.truth_class);
    const auto metres = [](const char* what) {
        io::Layer layer;
        layer.type = io::PixelType::i16;
        layer.nodata = kNoHeight;
        layer.description = what;
        layer.unit = "m";
        return layer;
    };
    add(folder / truth_file_name(id, "CLOUDTOP"), metres("cloud top above the sea"),
        strip_.truth_height);
    add(folder / truth_file_name(id, "DEM"), metres("elevation"), strip_.elevation);
    io::Layer cover;
    cover.type = io::PixelType::u8;
    cover.nodata = kTruthFill;
    cover.description = "land cover";
    for (int i = 0; i < kCovers; ++i)
        cover.classes.push_back({i, cover_name(static_cast<Cover>(i)), {}});
    add(folder / truth_file_name(id, "COVER"), cover, strip_.truth_cover);
}

void OutputSet::append(int first, int count, int threads) {
    parallel_for(outputs_.size(), threads,
                 [&](std::size_t i) { outputs_[i].append(outputs_[i].writer, first, count); });
}

void OutputSet::close(int threads) {
    parallel_for(outputs_.size(), threads, [&](std::size_t i) { outputs_[i].writer.close(); });
}

// Renders all rows into the outputs; returns cloudy pixels in percent of those in the swath.
double render_all(SceneRenderer& renderer, const SceneRequest& request, Strip& strip,
                  OutputSet& outputs, const SimulationOptions& options) {
    RowCounts total;
    for (int first = 0; first < request.rows; first += kStripRows) {
        const int count = std::min(kStripRows, request.rows - first);
        renderer.prepare(first, count, options.threads);
        std::vector<RowCounts> counts(static_cast<std::size_t>(count));
        parallel_for(counts.size(), options.threads, [&](std::size_t i) {
            const int row = static_cast<int>(i);
            counts[i] = renderer.render(first + row, strip, row);
        });
        for (const RowCounts& row : counts) {
            total.inside += row.inside;
            total.cloudy += row.cloudy;
        }
        outputs.append(first, count, options.threads);
        if (options.progress) options.progress(double(first + count) / request.rows);
    }
    outputs.close(options.threads);
    return total.inside == 0 ? 0 : 100.0 * double(total.cloudy) / double(total.inside);
}

}  // namespace

std::string truth_file_name(std::string_view product_id, std::string_view layer) {
    return fmt::format("{}_TRUTH_{}.tif", product_id, layer);
}

void write_scene_ancillary(const SceneRequest& request, const std::filesystem::path& folder,
                           DayFile kind) {
    const SceneGeometry geometry(request);
    std::vector<geo::LonLat> outline;
    for (int j = 0; j <= 8; ++j)
        for (int i = 0; i <= 8; ++i)
            outline.push_back(geometry.at(j * request.rows / 8.0, i * request.cols / 8.0).place);
    write_world_ancillary(request, {outline, geometry.center(), {}}, folder, kind);
}

SimulatedScene simulate_landsat(const SceneRequest& asked, const TransferSolver& solver,
                                const SimulationOptions& options) {
    asked.validate();
    SceneRequest request = asked;
    request.air = asked.air.snapped();
    const std::string id = request.product_id();
    SimulatedScene scene;
    scene.granule = options.folder / id;
    fs::AtomicDirectory product(scene.granule, options.if_exists);
    std::optional<fs::AtomicDirectory> truth, ancillary;
    if (request.truth) truth.emplace(scene.truth = options.folder / "truth", options.if_exists);
    if (options.ancillary)
        ancillary.emplace(scene.ancillary = options.folder / "ancillary", options.if_exists);

    SceneRenderer renderer(request, solver, options.threads);
    Strip strip(std::min(kStripRows, request.rows), request.cols);
    OutputSet outputs(request, strip);
    outputs.add_product(product.temporary());
    if (truth) outputs.add_truth(truth->temporary());
    scene.cloud_cover_percent = render_all(renderer, request, strip, outputs, options);

    const auto mtl = landsat_mtl(request, renderer.geometry(), scene.cloud_cover_percent);
    fs::write_text_atomically(product.temporary() / (id + "_MTL.txt"), mtl_as_odl(mtl),
                              fs::IfExists::refuse);
    fs::write_text_atomically(product.temporary() / (id + "_MTL.xml"), mtl_as_xml(mtl),
                              fs::IfExists::refuse);
    if (ancillary) {
        write_scene_ancillary(request, ancillary->temporary(), *options.ancillary);
        ancillary->commit();
    }
    if (truth) truth->commit();
    product.commit();
    return scene;
}

}  // namespace hls::simulate
