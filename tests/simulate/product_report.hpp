// SPDX-License-Identifier: Apache-2.0
// How far HLS products are from the truth they were simulated from, and from each other.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "simulate/error_statistics.hpp"

namespace hls::simulate {

struct BandReport {
    std::string band;  // "B04", or "B05/B8A" where the products call it differently
    ErrorStatistics errors;
};

struct ProductReport {
    std::string what;  // "HLS.L30... - HLS.S30..."
    std::vector<BandReport> bands;

    double worst_bias() const;  // over the bands, absolute
    double worst_rmse() const;
};

// An L30 or S30 folder against the truth of the Sentinel-2 granules in `truth`, whose grid is the
// tile's: over the pixels of land that no cloud, shadow or snow touches and whose AOT is at most
// 0.5. S30 has its 11 surface bands, L30 the seven it shares with S30. Where the truth is that of
// twins, what both saw counts twice. Throws Error{missing_input}, {bad_input}, {empty}.
ProductReport compare_product_with_truth(const std::filesystem::path& product,
                                         const std::filesystem::path& truth);

// L30 minus S30 in the seven common bands, over such pixels of `truth`, or where neither Fmask
// tells of anything. With the truth of the Landsat scene, in the tile's zone, only where its land
// is clear over all the pixels L30 was interpolated from.
ProductReport compare_products(const std::filesystem::path& l30, const std::filesystem::path& s30,
                               const std::optional<std::filesystem::path>& truth,
                               const std::optional<std::filesystem::path>& landsat_truth = {});

// L30, S30 and the difference of their near infrared (red where L30 is brighter, fully so by 0.05,
// blue where S30 is) side by side, at most 1000 pixels high. Replaces `png`.
void write_product_picture(const std::filesystem::path& l30, const std::filesystem::path& s30,
                           const std::filesystem::path& png);

std::string report_table(const ProductReport& report);
std::string report_json(const ProductReport& report);

}  // namespace hls::simulate
