// SPDX-License-Identifier: Apache-2.0
#include "zarr/row_stage.hpp"

#include <algorithm>

#include "zarr/row_writer.hpp"
#include "zarr/slot_plan.hpp"

namespace hls::zarr {
namespace {

// Elements of files held at once, by all threads together.
constexpr std::uint64_t kElementBytes = std::uint64_t{192} << 20;
// Files that stay open between bands.
constexpr std::size_t kOpenFiles = 16;

class RowStage {
 public:
    RowStage(CollectionStore& store, const Array& array, const ChunkRowTask& task)
        : store_(store), array_(array), task_(task), files_(store.source()) {}

    // What one row is to hold within a band; nothing if that is fill.
    Bytes elements(const RowTask& row, const ChunkBand& band) {
        if (row.winner != nullptr) return read_winner(*row.winner, band);
        return row.moved ? read_moved(row.old_row, band) : Bytes();
    }

 private:
    Bytes read_moved(std::uint64_t row, const ChunkBand& band) const {
        Region region = array_.whole();
        region.start[0] = row;
        region.count[0] = 1;
        if (region.start.size() > 1) {
            const auto [first, end] = extent_of(array_, band);
            region.start[1] = first;
            region.count[1] = end - first;
        }
        return array_.read(store_.store(), region);
    }

    // One record of a file, padded or cut where its dimensions are ragged.
    Bytes read_winner(const Candidate& winner, const ChunkBand& band) {
        const CollectionVariable& variable = *store_.collection().variable(winner.variable);
        Source& file = files_.open(winner.location);
        const SourceVariable& source = source_of(variable, file);
        const std::size_t skipped = variable.dimensions.size() - source.dimensions.size();
        Region region = whole(source.shape);
        if (skipped == 0) {
            region.start[0] = static_cast<std::uint64_t>(winner.record);
            region.count[0] = 1;
        }
        const Shape& shape = array_.metadata().shape;
        Shape plane;
        for (std::size_t i = 1; i < shape.size(); ++i) {
            const auto [first, end] =
                i == 1 ? extent_of(array_, band) : std::pair(std::uint64_t{0}, shape[i]);
            const std::uint64_t given = std::min(source.shape[i - skipped], end);
            region.start[i - skipped] = std::min(first, given);
            region.count[i - skipped] = given - region.start[i - skipped];
            plane.push_back(end - first);
        }
        require_inside(region, source.shape, winner.key);
        Bytes elements(region.elements() * source.type.bytes);
        file.read(source, region, elements);
        if (task_.rows.size() > kOpenFiles) files_.close(winner.location);
        const Shape given(region.count.begin() + (skipped == 0 ? 1 : 0), region.count.end());
        return given == plane ? elements : padded(given, plane, elements);
    }

    Bytes padded(const Shape& given, const Shape& plane, const Bytes& elements) const {
        const std::size_t width = array_.metadata().type.bytes;
        std::uint64_t count = 1;
        for (const std::uint64_t size : plane) count *= size;
        Bytes full(count * width);
        const StridedSpan target{full.data(), dense_strides(plane, width)};
        fill_box(plane, array_.metadata().fill, target);
        if (!elements.empty())
            copy_box(given, width, {elements.data(), dense_strides(given, width)}, target);
        return full;
    }

    CollectionStore& store_;
    const Array& array_;
    const ChunkRowTask& task_;
    SourceFiles files_;
};

}  // namespace

void stage_chunk_row(StoreTransaction& transaction, CollectionStore& store, const RowPlan& rows,
                     const ChunkRowTask& task, const StageThreads& threads) {
    const Array array(task.variable,
                      store.layout().array(store.collection(), task.variable, rows.new_length));
    RowStage stage(store, array, task);
    ChunkRowWriter writer(transaction, store.store(), array, rows.old_length, store.empty_chunks());
    const auto share = kElementBytes / static_cast<std::uint64_t>(std::max(1, threads.sharing));
    for (const ChunkBand& band : bands_of(array, task.chunk_row, task.rows.size(), share)) {
        std::vector<Bytes> elements;
        std::vector<RowPlane> planes;
        for (const RowTask& row : task.rows) elements.push_back(stage.elements(row, band));
        for (std::size_t i = 0; i < task.rows.size(); ++i)
            planes.push_back({task.rows[i].row, elements[i]});
        writer.write(band, planes, threads.own);
    }
}

}  // namespace hls::zarr
