// SPDX-License-Identifier: Apache-2.0
// The files of a Sentinel-2 product in their places.
#pragma once

#include <filesystem>

#include "simulate/sentinel_renderer.hpp"
#include "simulate/sentinel_xml.hpp"

namespace hls::simulate {

// The inside of <product id>.SAFE into an empty folder.
void write_safe(const SentinelRequest& request, const SentinelGeometry& geometry,
                const SentinelImage& image, const SentinelCover& cover,
                const std::filesystem::path& folder, int threads);

// The same tile as it lies in the public bucket: B01.jp2, metadata.xml, qi/.
void write_aws(const SentinelRequest& request, const SentinelGeometry& geometry,
               const SentinelImage& image, const SentinelCover& cover,
               const std::filesystem::path& folder, int threads);

}  // namespace hls::simulate
