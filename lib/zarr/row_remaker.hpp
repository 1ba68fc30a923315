// SPDX-License-Identifier: Apache-2.0
// Rows of objects made again from the files of their slots, because the host that had staged them
// is gone.
#pragma once

#include "zarr/collection_store.hpp"
#include "zarr/shared_state.hpp"

namespace hls::zarr {

class RowRemaker final : public Remaker {
 public:
    explicit RowRemaker(CollectionStore& store) : store_(store) {}

    // A row whose files cannot be read is left out, with a warning.
    void restage(Writer& writer, StoreTransaction& transaction,
                 const std::vector<std::string>& keys) override;
    void requeue(const std::vector<std::string>& keys) override;

 private:
    CollectionStore& store_;
};

// The variable and row of chunks that an object belongs to; nullopt if it is no chunk of one.
struct ChunkRowPlace {
    std::string variable;
    std::uint64_t chunk_row = 0;
    auto operator<=>(const ChunkRowPlace&) const = default;
};
std::optional<ChunkRowPlace> place_of(CollectionStore& store, const std::string& key);

}  // namespace hls::zarr
