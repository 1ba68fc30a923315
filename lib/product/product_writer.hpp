// SPDX-License-Identifier: Apache-2.0
// A product folder that appears as a whole: layers come in strip by strip, files go out finished.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/view2d.hpp"
#include "fs/atomic_output.hpp"
#include "granule/hls.hpp"
#include "io/raster.hpp"
#include "product/product_info.hpp"

namespace hls::product {

struct ProductOptions {
    fs::IfExists if_exists = fs::IfExists::refuse;
    bool vi = false;    // also DIR/<HLS-VI id>/
    bool gibs = false;  // also DIR/<id>.gibs/<gibs id>/
    int threads = 1;
    int deflate_level = 6;
    // Of the manifest: identifier is the run (HLS_RUN_ID), uri is "<uri_prefix>/<file name>".
    std::string run_id;
    std::string uri_prefix;
};

// A file of the product under its final name.
struct ProductFile {
    std::filesystem::path path;
    std::uint64_t bytes = 0;
    std::string sha512;
};

// Rows of one layer at full width, by its type: int16 bands, uint8 mask, uint16 angles.
using LayerRows = std::variant<View2D<const std::int16_t>, View2D<const std::uint8_t>,
                               View2D<const std::uint16_t>>;

// Encodes while rows come in: each is compressed (in parallel over the layers) and sampled for
// overviews, browse image, outline, indices and GIBS tiles, then forgotten. Memory: the compressed
// layers. Nothing but hidden temporary folders exists until finish() returns. Strips of 256 rows
// (the last one shorter) are compressed without a copy.
//
// Errors: output exists or cannot be created 73, disk full 74, a mask without data 5.
class ProductWriter {
 public:
    // Makes `directory`/<id>/.
    ProductWriter(const std::filesystem::path& directory, const granule::HlsId& id,
                  const io::Grid& grid, const ProductOptions& options);
    ~ProductWriter();  // removes what is not finished
    ProductWriter(ProductWriter&&) noexcept;
    ProductWriter& operator=(ProductWriter&&) noexcept;

    // The next rows of all layers, in the order of layers(sensor); strips come from north to south
    // and every row once. All views have the same number of rows.
    void write_strip(int first_row, std::span<const LayerRows> layers);

    // Writes all files, the manifest last, and makes the folders appear. `info.id` and `info.grid`
    // must be those of the constructor. Returns the files of <id>/ and then those of VI and GIBS,
    // each group in order of writing.
    std::vector<ProductFile> finish(const ProductInfo& info);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hls::product
