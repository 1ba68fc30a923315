// SPDX-License-Identifier: Apache-2.0
// Which files a Sentinel-2 product is made of, by what its metadata say (S2 Products Specification
// Document; the SAFE manifest of ESA).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hls::granule {

// A file that manifest.safe lists.
struct SafeFile {
    std::string path;  // below the .SAFE folder, without "./"
    std::int64_t bytes = -1;
    std::string algorithm;  // "MD5", "SHA3-256"; empty if the manifest has no sum of it
    std::string checksum;   // lower case
};
// Throws Error{bad_input}: not a manifest, a path that leads out of the product.
std::vector<SafeFile> parse_safe_manifest(std::string_view text, std::string_view source);

// What MTD_MSIL1C.xml says about the one granule of the product.
struct Sentinel2Files {
    std::string granule_folder;       // GRANULE/L1C_T46RER_A032448_20210908T043714
    std::string datastrip_folder;     // DATASTRIP/DS_VGS4_20210908T070248_S20210908T043714
    std::vector<std::string> images;  // IMAGE_FILE, with ".jp2": the 13 bands, perhaps TCI
    std::string datastrip_id;
};
// Throws Error{bad_input}: more granules than one, fewer than 13 bands, unsafe paths.
Sentinel2Files parse_sentinel2_files(std::string_view product_xml, std::string_view source);

// MASK_FILENAME entries of MTD_TL.xml (metadata.xml of an AWS tile), base names only.
std::vector<std::string> sentinel2_mask_names(std::string_view tile_xml, std::string_view source);

}  // namespace hls::granule
