// SPDX-License-Identifier: Apache-2.0
// Elements of any numeric type as numbers.
#pragma once

#include <vector>

#include "zarr/data_type.hpp"

namespace hls::zarr {

// Dense elements in native byte order. Throws Error{bad_input} for types that are no numbers.
std::vector<double> to_numbers(const DataType& type, ByteView elements);

}  // namespace hls::zarr
