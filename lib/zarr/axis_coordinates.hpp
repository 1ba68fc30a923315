// SPDX-License-Identifier: Apache-2.0
// The arrays that say which time each row has. They follow from the tables alone, so that no update
// has to read what another one wrote.
#pragma once

#include <string>
#include <vector>

#include "zarr/row_plan.hpp"

namespace hls::zarr {

struct AxisObject {
    std::string key;
    Bytes content;
};

// New content of the objects of the time coordinate, and of the exact times if there are, that the
// plan changes. The publish lock must be held for it to stay true.
std::vector<AxisObject> axis_objects(CollectionStore& store, SlotTable& table, const SlotPlan& plan,
                                     const RowPlan& rows);

}  // namespace hls::zarr
