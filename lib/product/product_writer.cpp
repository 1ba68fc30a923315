// SPDX-License-Identifier: Apache-2.0
#include "product/product_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "io/cog.hpp"
#include "io/jpeg.hpp"
#include "product/browse.hpp"
#include "product/gibs.hpp"
#include "product/layers.hpp"
#include "product/outline.hpp"
#include "product/product_folder.hpp"
#include "product/product_metadata.hpp"
#include "product/tags.hpp"
#include "product/vegetation_indices.hpp"

namespace hls::product {
namespace {

namespace stdfs = std::filesystem;

using Int16Rows = View2D<const std::int16_t>;

// The view behind the variant; a layer of another type is a mistake of the caller.
template <typename T>
View2D<const T> rows_of(const LayerRows& rows, std::string_view name) {
    const auto* view = std::get_if<View2D<const T>>(&rows);
    if (view == nullptr)
        throw Error{Exit::internal, fmt::format("rows of {} have the wrong type", name)};
    return *view;
}

io::Layer index_encoding(const IndexSpec& spec, const Tags& global) {
    io::Layer layer;
    layer.type = io::PixelType::i16;
    layer.nodata = kIndexFill;
    layer.scale = spec.scale;
    layer.description = spec.name;
    layer.metadata = global;
    layer.metadata.emplace_back("_FillValue", fmt::format("{}", kIndexFill));
    layer.metadata.emplace_back("long_name", spec.long_name);
    layer.metadata.emplace_back("scale_factor", fmt::format("{}", spec.scale));
    layer.metadata.emplace_back("add_offset", "0.0");
    return layer;
}

// The indices' part of a product.
struct IndexProduct {
    IndexProduct(const stdfs::path& directory, const granule::HlsId& id, const io::Grid& grid,
                 const ProductOptions& options)
        : folder(directory / granule::format_hls_id(id), options.if_exists) {
        for (std::size_t i = 0; i < vegetation_indices().size(); ++i)
            encoders.emplace_back(grid, io::PixelType::i16, options.deflate_level);
    }

    ProductFolder folder;
    std::vector<io::CogEncoder> encoders;
};

struct GibsProduct {
    GibsProduct(const stdfs::path& target, const io::Grid& grid, fs::IfExists mode)
        : folder(target, mode), picture(grid) {}

    ProductFolder folder;
    Gibs picture;
};

}  // namespace

struct ProductWriter::State {
    State(const stdfs::path& directory, const granule::HlsId& granule_id, const io::Grid& tile_grid,
          const ProductOptions& product_options);

    const LayerRows& layer(std::span<const LayerRows> rows, std::string_view name) const {
        return rows[layer_index(id.sensor, name)];
    }
    std::array<Int16Rows, 3> rgb(std::span<const LayerRows> rows) const;
    IndexInput index_input(std::span<const LayerRows> rows) const;
    void check(int first_row, std::span<const LayerRows> rows) const;
    void encode_layer(std::size_t index, const LayerRows& rows);
    void encode_index(std::size_t index, const IndexInput& input);

    Manifest manifest(const ProductInfo& info, const granule::HlsId& granule_id) const;
    // One encoder per layer, in parallel; the total size of the files.
    std::uint64_t write_cogs(ProductFolder& target, const std::vector<io::CogEncoder>& cogs,
                             const std::vector<std::pair<std::string, io::Layer>>& files) const;
    void add_companions(ProductFolder& target, const ProductInfo& info,
                        const granule::HlsId& granule_id, std::uint64_t data_bytes) const;
    void finish_layers(const ProductInfo& info);
    void finish_indices(const ProductInfo& info);
    void finish_gibs(const ProductInfo& info);

    granule::HlsId id;
    granule::HlsId vi_id;
    io::Grid grid;
    ProductOptions options;
    int next_row = 0;
    ProductFolder folder;
    std::vector<io::CogEncoder> encoders;
    Browse browse;
    Outline outline;
    std::optional<IndexProduct> indices;
    std::optional<GibsProduct> gibs;
};

ProductWriter::State::State(const stdfs::path& directory, const granule::HlsId& granule_id,
                            const io::Grid& tile_grid, const ProductOptions& product_options)
    : id(granule_id),
      vi_id(granule_id),
      grid(tile_grid),
      options(product_options),
      folder(directory / granule::format_hls_id(granule_id), product_options.if_exists),
      browse(tile_grid.rows, tile_grid.cols),
      outline(tile_grid.rows) {
    vi_id.vi = true;
    for (const LayerSpec& spec : layers(id.sensor))
        encoders.emplace_back(grid, pixel_type(spec.kind), options.deflate_level);
    if (options.vi) indices.emplace(directory, vi_id, grid, options);
    if (options.gibs)
        gibs.emplace(directory / (granule::format_hls_id(id) + ".gibs"), grid, options.if_exists);
}

std::array<Int16Rows, 3> ProductWriter::State::rgb(std::span<const LayerRows> rows) const {
    return {rows_of<std::int16_t>(layer(rows, "B04"), "B04"),
            rows_of<std::int16_t>(layer(rows, "B03"), "B03"),
            rows_of<std::int16_t>(layer(rows, "B02"), "B02")};
}

IndexInput ProductWriter::State::index_input(std::span<const LayerRows> rows) const {
    IndexInput input;
    const auto names = index_bands(id.sensor);
    for (std::size_t i = 0; i < names.size(); ++i)
        input.bands[i] = rows_of<std::int16_t>(layer(rows, names[i]), names[i]);
    input.mask = rows_of<std::uint8_t>(layer(rows, "Fmask"), "Fmask");
    return input;
}

void ProductWriter::State::check(int first_row, std::span<const LayerRows> rows) const {
    if (first_row != next_row || rows.size() != encoders.size())
        throw Error{Exit::internal, fmt::format("strip of {} layers at row {}, expected {} at {}",
                                                rows.size(), first_row, encoders.size(), next_row)};
    const auto shape = [](const LayerRows& layer) {
        return std::visit([](const auto& view) { return std::pair(view.rows(), view.cols()); },
                          layer);
    };
    const auto [count, cols] = shape(rows.front());
    if (cols != grid.cols || count > grid.rows - next_row ||
        !std::ranges::all_of(rows, [&, size = std::pair(count, cols)](const LayerRows& layer) {
            return shape(layer) == size;
        }))
        throw Error{Exit::internal, fmt::format("a strip at row {} that does not fit", first_row)};
}

void ProductWriter::State::encode_layer(std::size_t index, const LayerRows& rows) {
    std::visit([&](const auto& view) { encoders[index].append_rows(view); }, rows);
}

void ProductWriter::State::encode_index(std::size_t index, const IndexInput& input) {
    Plane<std::int16_t> values(input.mask.rows(), input.mask.cols());
    compute_index(vegetation_indices()[index], input, values.view());
    indices->encoders[index].append_rows(std::as_const(values).view());
}

ProductWriter::ProductWriter(const stdfs::path& directory, const granule::HlsId& id,
                             const io::Grid& grid, const ProductOptions& options)
    : state_(std::make_unique<State>(directory, id, grid, options)) {}
ProductWriter::~ProductWriter() = default;
ProductWriter::ProductWriter(ProductWriter&&) noexcept = default;
ProductWriter& ProductWriter::operator=(ProductWriter&&) noexcept = default;

void ProductWriter::write_strip(int first_row, std::span<const LayerRows> rows) {
    State& s = *state_;
    s.check(first_row, rows);
    const auto rgb = s.rgb(rows);
    const auto mask = rows_of<std::uint8_t>(s.layer(rows, "Fmask"), "Fmask");
    std::vector<std::function<void()>> tasks;
    for (std::size_t i = 0; i < rows.size(); ++i)
        tasks.emplace_back([&, i] { s.encode_layer(i, rows[i]); });
    IndexInput input;
    if (s.indices) {
        input = s.index_input(rows);
        for (std::size_t i = 0; i < s.indices->encoders.size(); ++i)
            tasks.emplace_back([&, i] { s.encode_index(i, input); });
    }
    tasks.emplace_back([&] { s.browse.add_rows(first_row, rgb); });
    tasks.emplace_back([&] { s.outline.add_rows(first_row, mask); });
    if (s.gibs) tasks.emplace_back([&] { s.gibs->picture.add_rows(first_row, rgb); });
    parallel_for(tasks.size(), s.options.threads, [&](std::size_t i) { tasks[i](); });
    s.next_row += mask.rows();
}

Manifest ProductWriter::State::manifest(const ProductInfo& info,
                                        const granule::HlsId& granule_id) const {
    Manifest manifest;
    manifest.collection = collection_name(granule_id);
    manifest.identifier = options.run_id;
    manifest.granule_id = granule::format_hls_id(granule_id);
    manifest.product_name = manifest.granule_id;
    manifest.uri_prefix = options.uri_prefix;
    manifest.submission_time = info.processing_time;
    return manifest;
}

std::uint64_t ProductWriter::State::write_cogs(
    ProductFolder& target, const std::vector<io::CogEncoder>& cogs,
    const std::vector<std::pair<std::string, io::Layer>>& files) const {
    std::vector<io::CogFile> written(files.size());
    parallel_for(files.size(), options.threads, [&](std::size_t i) {
        written[i] = cogs[i].write(target.path(files[i].first).string(), files[i].second);
    });
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        target.add(files[i].first, written[i].bytes, written[i].sha512);
        total += written[i].bytes;
    }
    return total;
}

void ProductWriter::State::add_companions(ProductFolder& target, const ProductInfo& info,
                                          const granule::HlsId& granule_id,
                                          std::uint64_t data_bytes) const {
    const std::string name = granule::format_hls_id(granule_id);
    const auto image = browse.image();
    io::write_jpeg(target.path(name + ".jpg").string(),
                   {image[0].view(), image[1].view(), image[2].view()});
    target.add_file(name + ".jpg");
    const auto rings = outline.rings(grid);
    target.add_text(name + ".cmr.xml", cmr_xml(info, granule_id, rings, data_bytes));
    target.add_text(name + "_stac.json", stac_item(info, granule_id, rings));
    target.add_manifest(name + ".json", manifest(info, granule_id));
}

void ProductWriter::State::finish_layers(const ProductInfo& info) {
    const Tags tags = global_tags(info);
    std::vector<std::pair<std::string, io::Layer>> files;
    for (const LayerSpec& spec : layers(id.sensor))
        files.emplace_back(granule::hls_layer_file(id, spec.name), layer_encoding(spec, tags));
    const std::uint64_t bytes = write_cogs(folder, encoders, files);
    add_companions(folder, info, id, bytes);
}

void ProductWriter::State::finish_indices(const ProductInfo& info) {
    const Tags tags = global_tags(info);
    std::vector<std::pair<std::string, io::Layer>> files;
    for (const IndexSpec& spec : vegetation_indices())
        files.emplace_back(granule::hls_layer_file(vi_id, spec.name), index_encoding(spec, tags));
    const std::uint64_t bytes = write_cogs(indices->folder, indices->encoders, files);
    add_companions(indices->folder, info, vi_id, bytes);
}

void ProductWriter::State::finish_gibs(const ProductInfo& info) {
    const std::string name = granule::format_hls_id(id);
    const auto cells = gibs_cells(grid);
    const TimeRange range = sensing_range(info);
    const auto stem = [&](const GibsCell& cell) {
        return fmt::format("{}/{}_{}", cell.id(), name, cell.id());
    };
    std::vector<char> kept(cells.size());
    parallel_for(cells.size(), options.threads, [&](std::size_t i) {
        const auto path = gibs->folder.path(stem(cells[i]) + ".tif");
        stdfs::create_directories(path.parent_path());
        kept[i] = gibs->picture.write_cell(cells[i], path.string(), range) ? 1 : 0;
        if (kept[i] == 0) stdfs::remove_all(path.parent_path());
    });
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (kept[i] == 0) continue;
        gibs->folder.add_file(stem(cells[i]) + ".tif");
        gibs->folder.add_text(stem(cells[i]) + ".xml", gibs_xml(info, cells[i]));
        Manifest manifest_of_cell = manifest(info, id);
        manifest_of_cell.collection = fmt::format("HLS_{}_Nadir_BRDF_Adjusted_Reflectance_v2.0_STD",
                                                  granule::hls_sensor_name(id.sensor));
        manifest_of_cell.granule_id = fmt::format("{}_{}", name, cells[i].id());
        manifest_of_cell.gibs = true;
        gibs->folder.add_manifest(stem(cells[i]) + ".json", std::move(manifest_of_cell));
    }
}

std::vector<ProductFile> ProductWriter::finish(const ProductInfo& info) {
    State& s = *state_;
    if (s.next_row != s.grid.rows || !(info.id == s.id) || !(info.grid == s.grid))
        throw Error{Exit::internal,
                    fmt::format("{} is finished after {} of {} rows, or as another",
                                granule::format_hls_id(s.id), s.next_row, s.grid.rows)};
    if (s.outline.empty())
        throw Error{Exit::empty, fmt::format("{}: no valid pixel", granule::format_hls_id(s.id))};
    s.finish_layers(info);
    if (s.indices) s.finish_indices(info);
    if (s.gibs) s.finish_gibs(info);

    // The product itself appears last: where it is, everything is.
    std::vector<ProductFile> others;
    if (s.indices) others = s.indices->folder.commit();
    if (s.gibs) std::ranges::move(s.gibs->folder.commit(), std::back_inserter(others));
    std::vector<ProductFile> files = s.folder.commit();
    std::ranges::move(others, std::back_inserter(files));
    return files;
}

}  // namespace hls::product
