// SPDX-License-Identifier: Apache-2.0
// A corrected Sentinel-2 granule as NASA's programs pass it on, being written: the folder appears
// with all its files, or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "fs/atomic_output.hpp"
#include "io/raster.hpp"

namespace hls::scene {

// Names of files without ".tif", besides Sentinel2Band::reference_file.
inline constexpr std::string_view kReferenceQa = "sr_aerosol";
inline constexpr std::string_view kReferenceMask = "FMASK_20m";
inline constexpr std::string_view kReferenceDetectors = "MSK_DETFOO_B06";

class ReferenceFolder {
 public:
    // Will become output_dir/product_id/. Throws Error{cannot_create} if that exists and
    // `overwrite` is false, or if it cannot be made.
    ReferenceFolder(const std::filesystem::path& output_dir, std::string_view product_id,
                    bool overwrite);

    // Writers; `grid` is that of 10 m. Close them before commit(). A band by its index is uint16 in
    // USGS scaling at 10 m, QA is at 10 m, mask and detector ids (0 none) are at 20 m.
    io::RasterWriter create_band(std::size_t band, const io::Grid& grid) const;
    io::RasterWriter create_qa(const io::Grid& grid) const;
    io::RasterWriter create_mask(const io::Grid& grid) const;
    io::RasterWriter create_detectors(const io::Grid& grid) const;
    // Metadata of the Level-1 product.
    void write_text(std::string_view name, std::string_view text) const;

    void commit() { directory_.commit(); }

 private:
    io::RasterWriter create(std::string_view name, const io::Grid& grid,
                            const io::Layer& layer) const;

    fs::AtomicDirectory directory_;
};

}  // namespace hls::scene
