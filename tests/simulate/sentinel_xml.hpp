// SPDX-License-Identifier: Apache-2.0
// The metadata files of a simulated Sentinel-2 product.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "simulate/sentinel_geometry.hpp"

namespace hls::simulate {

struct SentinelCover {
    double cloud_percent = 0, snow_percent = 0;
};

std::string product_xml(const SentinelRequest& request, const SentinelGeometry& geometry,
                        const SentinelCover& cover);
std::string tile_xml(const SentinelRequest& request, const SentinelGeometry& geometry,
                     const SentinelCover& cover);
std::string datastrip_xml(const SentinelRequest& request);
// GENERAL_QUALITY.xml, with the report of lost data if there is any.
std::string general_quality_xml(const SentinelRequest& request);
// Another quality report, in which all is well.
std::string quality_xml(const SentinelRequest& request, const std::string& name);
// Files of the product relative to it, with their MD5 sums.
std::string manifest_xml(const SentinelRequest& request,
                         const std::vector<std::pair<std::string, std::string>>& files);

// Masks before baseline 04.00. `band` is an index; -1 for B00.
std::string empty_mask_gml(const SentinelRequest& request, const std::string& kind, int band);
std::string detector_gml(const SentinelRequest& request, const SentinelGeometry& geometry,
                         int band);

// tileInfo.json and productInfo.json of the layout on AWS.
std::string aws_tile_json(const SentinelRequest& request, const SentinelCover& cover);
std::string aws_product_json(const SentinelRequest& request);

// "B8A"
std::string band_name(int band);
// "2021-07-15T17:10:31.024Z"
std::string millis_text(UtcTime time);
// Declaration and start tag of one of the products' own documents.
std::string psd_head(const char* root, const char* xsd);

}  // namespace hls::simulate
