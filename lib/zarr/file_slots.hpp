// SPDX-License-Identifier: Apache-2.0
// Where the records of a file belong: their times, and the labels of their slots.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/collection.hpp"
#include "zarr/object_source.hpp"
#include "zarr/source.hpp"

namespace hls::zarr {

// Label of a slot, in whose order irregular axes are sorted: for a daily axis the day's row; else
// the time in microseconds, zero-padded, and the other parts.
std::string slot_label(const Collection& collection, UtcTime time,
                       const pattern::Captures& captures, std::int64_t record);
// The row of a daily slot, and its label.
std::uint64_t daily_row(const Collection& collection, UtcTime time);
std::uint64_t daily_row_of(std::string_view slot);
std::string daily_label(std::uint64_t row);

// Opened files, by location; few are open at once.
class SourceFiles {
 public:
    explicit SourceFiles(const ObjectSource& source) : source_(source) {}
    Source& open(const std::string& location);
    void close(const std::string& location) { files_.erase(location); }

 private:
    const ObjectSource& source_;
    std::map<std::string, std::unique_ptr<Source>> files_;
};

// Times of a file's records: from the key if its pattern says one, else from its time coordinate.
// Throws Error{bad_input}.
std::vector<UtcTime> record_times(const Collection& collection, const KeyMatch& match,
                                  Source& file);

// When a file was made: from the key if its pattern says so, else from the attribute that the
// collection names. Throws Error{bad_input} if that is no time.
std::optional<UtcTime> production_time(const Collection& collection, const KeyMatch& match,
                                       const Source& file);

}  // namespace hls::zarr
