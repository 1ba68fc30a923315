// SPDX-License-Identifier: Apache-2.0
// Which product takes the place of one that is gone.
#pragma once

#include <string>
#include <vector>

#include "fetch/record.hpp"

namespace hls::fetch {

enum class Successor {
    none,      // what is gone is missing
    forward,   // T1 or T2 for RT; a later baseline of the same image
    historic,  // also a reprocessing of Collection 1 of Sentinel-2, long after sensing
};

// Of Landsat products in one place the best of the sensor and day of `id`: L1TP before L1GT before
// L1GS, T1 before T2 before RT, then the newest. Empty if there is none.
std::string best_landsat_successor(const std::string& id, const std::vector<std::string>& present);

// Of Sentinel-2 products the one that has the image of `id` (satellite, datatake, orbit, tile) in
// the highest baseline and, within it, the newest. With `historic` false, products made more than
// 30 days after sensing do not count. Twins (two datastrips of one datatake on one tile, told apart
// by the start time in the datastrip's name) are two images: that of `datastrip` is taken, and
// without one the answer is Error{missing_input} naming both. nullptr if there is none.
const GranuleRecord* best_sentinel2_successor(const std::string& id, const std::string& datastrip,
                                              const std::vector<GranuleRecord>& present,
                                              bool historic);

// "20240912T112539" of S2A_OPER_MSI_L1C_DS_2APS_20240912T133420_S20240912T112539_N05.11.
std::string datastrip_start(const std::string& datastrip);

}  // namespace hls::fetch
