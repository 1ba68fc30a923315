// SPDX-License-Identifier: Apache-2.0
// The metadata file of a simulated Level-1 product, as ODL text and as XML.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "simulate/scene_geometry.hpp"
#include "simulate/scene_request.hpp"

namespace hls::simulate {

// What a digital number means; reflectance is before division by the cosine of the sun zenith.
struct Calibration {
    double reflectance_mult = 2e-5, reflectance_add = -0.1;
    double radiance_mult[11], radiance_add[11];  // B1..B11
    double k1[2], k2[2];                         // B10, B11
};

// The numbers USGS delivers for satellite 8 or 9.
const Calibration& calibration(int satellite) noexcept;

struct MtlGroup {
    std::string name;
    std::vector<std::pair<std::string, std::string>> entries;  // quoted where ODL quotes
};

// The groups of LANDSAT_METADATA_FILE. `cloud_cover_percent` of the pixels inside the swath.
std::vector<MtlGroup> landsat_mtl(const SceneRequest& request, const SceneGeometry& geometry,
                                  double cloud_cover_percent);

std::string mtl_as_odl(const std::vector<MtlGroup>& groups);
std::string mtl_as_xml(const std::vector<MtlGroup>& groups);

}  // namespace hls::simulate
