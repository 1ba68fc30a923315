// SPDX-License-Identifier: Apache-2.0
#include "zarr/winner_reader.hpp"

#include <algorithm>

namespace hls::zarr {
namespace {

Bytes padded(const Array& array, const Region& region, std::size_t skipped, const Shape& plane,
             const Bytes& elements) {
    const std::size_t width = array.metadata().type.bytes;
    std::uint64_t count = 1;
    for (const std::uint64_t size : plane) count *= size;
    Bytes full(count * width);
    const StridedSpan target{full.data(), dense_strides(plane, width)};
    fill_box(plane, array.metadata().fill, target);
    const auto first = region.count.begin() + (skipped == 0 ? 1 : 0);
    const Shape given(first, region.count.end());
    copy_box(given, width, {elements.data(), dense_strides(given, width)}, target);
    return full;
}

}  // namespace

Bytes read_winner(const Collection& collection, const Array& array, const Candidate& winner,
                  SourceFiles& files) {
    const CollectionVariable& variable = *collection.variable(winner.variable);
    Source& file = files.open(winner.location);
    const SourceVariable& source = source_of(variable, file);
    Region region = whole(source.shape);
    const std::size_t skipped = variable.dimensions.size() - source.dimensions.size();
    if (skipped == 0) {
        region.start[0] = static_cast<std::uint64_t>(winner.record);
        region.count[0] = 1;
    }
    const Shape& shape = array.metadata().shape;
    Shape plane(shape.begin() + 1, shape.end());
    bool same = true;
    for (std::size_t i = 1; i < shape.size(); ++i) {
        std::uint64_t& count = region.count[i - skipped];
        same &= count == shape[i];
        count = std::min(count, shape[i]);
    }
    require_inside(region, source.shape, winner.key);
    Bytes elements(region.elements() * source.type.bytes);
    file.read(source, region, elements);
    return same ? elements : padded(array, region, skipped, plane, elements);
}

}  // namespace hls::zarr
