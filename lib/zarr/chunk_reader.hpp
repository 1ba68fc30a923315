// SPDX-License-Identifier: Apache-2.0
// Fetches and decodes parts of single chunks for one thread. Internal to zarr.
#pragma once

#include <string>
#include <vector>

#include "zarr/array.hpp"
#include "zarr/chunk_grid.hpp"
#include "zarr/scratch.hpp"

namespace hls::zarr {

class ChunkReader {
 public:
    // `target` is where the part's first element goes.
    void read(const ObjectStore& store, const Array& array, const ChunkPart& part,
              const StridedSpan& target);
    // All strings of the chunk, none if it is missing.
    std::vector<std::string> read_text(const ObjectStore& store, const Array& array,
                                       const ChunkPart& part);

 private:
    void read_whole(const Array& array, const ChunkPart& part, const StridedSpan& target);
    enum class Answer { done, missing, changed };
    Answer read_inner(const ObjectStore& store, const Array& array, const std::string& key,
                      const ChunkPart& part, const StridedSpan& target);

    Bytes object_;
    Scratch chunk_;
    CodecBuffers buffers_;
};

}  // namespace hls::zarr
