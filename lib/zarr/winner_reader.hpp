// SPDX-License-Identifier: Apache-2.0
// The elements that a file has for a row of an array.
#pragma once

#include "zarr/array.hpp"
#include "zarr/slot_plan.hpp"

namespace hls::zarr {

// One record of the winner's file, dense, of array.shape[1..]: padded with fill or cut where its
// dimensions are ragged. Errors as Source.
Bytes read_winner(const Collection& collection, const Array& array, const Candidate& winner,
                  SourceFiles& files);

}  // namespace hls::zarr
