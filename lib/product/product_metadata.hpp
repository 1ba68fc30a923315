// SPDX-License-Identifier: Apache-2.0
// The metadata files beside the layers: CMR granule (ECHO10 XML), STAC item, CNM manifest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "product/outline.hpp"
#include "product/product_info.hpp"

namespace hls::product {

// First and last sensing time of the sources, cut to the digits CMR is given.
struct TimeRange {
    UtcTime begin{};
    UtcTime end{};
};
TimeRange sensing_range(const ProductInfo& info);

// "LANDSAT-8", "Sentinel-2A"
std::string platform_name(const ProductInfo& info);

// "10.5067/HLS/HLSL30.002", "10.5067/HLS/HLSS30_VI.002"
std::string product_doi(const granule::HlsId& id);

// What "HLSL30" is called in CMR, the archive and the manifest; "HLSL30_VI" for indices.
std::string collection_name(const granule::HlsId& id);

// `data_bytes` is the size of all layer files. For indices (id.vi) it is left out, and the granule
// they were made from is named.
std::string cmr_xml(const ProductInfo& info, const granule::HlsId& id,
                    const std::vector<Ring>& outline, std::uint64_t data_bytes);

std::string stac_item(const ProductInfo& info, const granule::HlsId& id,
                      const std::vector<Ring>& outline);

struct ManifestFile {
    std::string name;
    std::uint64_t bytes = 0;
    std::string sha512;
};

struct Manifest {
    std::string collection;
    std::string identifier;    // of the run
    std::string granule_id;    // duplicationid and product id
    std::string product_name;  // the granule id but for GIBS
    std::string uri_prefix;    // uri is "<prefix>/<name>"
    UtcTime submission_time{};
    bool gibs = false;  // .tif is the browse image, .xml its sidecar
    std::vector<ManifestFile> files;
};

// Cloud Notification Mechanism 1.4 (orchestration.md 3.3).
std::string manifest_json(const Manifest& manifest);

}  // namespace hls::product
