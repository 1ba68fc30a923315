// SPDX-License-Identifier: Apache-2.0
#include "zarr/axis_coordinates.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <optional>
#include <set>

namespace hls::zarr {
namespace {

std::int64_t number_of_time(const AppendAxis& axis, UtcTime time) {
    return axis.round_times ? nearest_number_from_time(time, axis.units)
                            : number_from_time(time, axis.units);
}

// One chunk of a one-dimensional int64 array; rows without a value are fill.
AxisObject encode_chunk(const Array& array, std::uint64_t chunk,
                        const std::map<std::uint64_t, std::int64_t>& values) {
    const auto& metadata = array.metadata();
    const std::uint64_t rows = metadata.chunk_shape[0];
    Bytes elements(rows * sizeof(std::int64_t));
    for (std::uint64_t i = 0; i < rows; ++i) {
        const auto value = values.find(chunk * rows + i);
        const std::byte* source = value == values.end()
                                      ? metadata.fill.data()
                                      : reinterpret_cast<const std::byte*>(&value->second);
        std::memcpy(elements.data() + i * sizeof(std::int64_t), source, sizeof(std::int64_t));
    }
    CodecBuffers buffers;
    const ByteView encoded = array.codec().encode(elements, buffers);
    return {array.key_of({chunk}), {encoded.begin(), encoded.end()}};
}

class AxisWriter {
 public:
    AxisWriter(CollectionStore& store, SlotTable& table, const SlotPlan& plan, const RowPlan& rows)
        : store_(store), axis_(store.collection().axis), table_(table), plan_(plan), rows_(rows) {}

    std::vector<AxisObject> objects() {
        add_times();
        if (!axis_.acquisition.empty()) add_exact_times();
        return std::move(objects_);
    }

 private:
    Array array_of(const std::string& name, std::uint64_t length) const {
        return {name, store_.layout().array(store_.collection(), name, length)};
    }

    // Another writer may have made the axis longer than this one found it.
    std::uint64_t length() { return std::max(rows_.new_length, table_.length()); }

    void add_times() {
        std::uint64_t first = rows_.old_length;
        for (const auto& row : rows_.axis)
            if (axis_.kind == AxisKind::irregular) first = std::min(first, row.row);
        const std::uint64_t end = length();
        if (first >= end) return;
        const Array array = array_of(axis_.dimension, end);
        const std::uint64_t per_chunk = array.metadata().chunk_shape[0];
        for (std::uint64_t chunk = first / per_chunk; chunk * per_chunk < end; ++chunk)
            objects_.push_back(encode_chunk(
                array, chunk, times_of(chunk * per_chunk, std::min(end, (chunk + 1) * per_chunk))));
    }

    std::map<std::uint64_t, std::int64_t> times_of(std::uint64_t first, std::uint64_t end) {
        std::map<std::uint64_t, std::int64_t> values;
        if (axis_.kind == AxisKind::daily) {
            const auto origin = std::chrono::floor<std::chrono::days>(axis_.origin);
            for (std::uint64_t row = first; row < end; ++row)
                values[row] = number_of_time(axis_, origin + std::chrono::days{row});
            return values;
        }
        for (const auto& row : table_.rows(first, end))
            values[row.row] = number_of_time(axis_, row.time);
        for (const auto& row : rows_.axis)
            if (row.row >= first && row.row < end)
                values[row.row] = number_of_time(axis_, row.time);
        return values;
    }

    void add_exact_times() {
        const Array array = array_of(axis_.acquisition, length());
        const std::uint64_t per_chunk = array.metadata().chunk_shape[0];
        std::set<std::uint64_t> chunks;
        for (const auto& [slot, row] : rows_.rows) chunks.insert(row / per_chunk);
        for (std::uint64_t row = rows_.old_length; row < length(); row += per_chunk)
            chunks.insert(row / per_chunk);
        for (const std::uint64_t chunk : chunks)
            objects_.push_back(encode_chunk(
                array, chunk, exact_times_of(chunk * per_chunk, (chunk + 1) * per_chunk - 1)));
    }

    // The time of the first variable, in the order of the configuration, that fills the slot; where
    // there is none the start of the day, because readers stumble over missing times.
    std::map<std::uint64_t, std::int64_t> exact_times_of(std::uint64_t first, std::uint64_t last) {
        std::map<SlotVariable, UtcTime> times;
        for (const auto& held : table_.held_times(daily_label(first), daily_label(last)))
            times[{held.slot, held.variable}] = held.time;
        for (const auto& [place, change] : plan_.changes()) {
            const std::uint64_t row = daily_row_of(place.first);
            if (row < first || row > last) continue;
            if (change.winner.key.empty())
                times.erase(place);
            else
                times[place] = change.winner.time;
        }
        auto values = times_of(first, std::min(length(), last + 1));
        const auto& variables = store_.collection().variables;
        for (auto variable = variables.rbegin(); variable != variables.rend(); ++variable)
            for (const auto& [place, time] : times)
                if (place.second == variable->name)
                    values[daily_row_of(place.first)] = number_of_time(axis_, time);
        return values;
    }

    CollectionStore& store_;
    const AppendAxis& axis_;
    SlotTable& table_;
    const SlotPlan& plan_;
    const RowPlan& rows_;
    std::vector<AxisObject> objects_;
};

}  // namespace

std::vector<AxisObject> axis_objects(CollectionStore& store, SlotTable& table, const SlotPlan& plan,
                                     const RowPlan& rows) {
    return AxisWriter(store, table, plan, rows).objects();
}

}  // namespace hls::zarr
