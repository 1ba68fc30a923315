// SPDX-License-Identifier: Apache-2.0
// Pixels that do not fit into memory, in a file without a name: whatever ends the process, the
// system takes it away.
#pragma once

#include <cstdint>
#include <span>

#include "chip/scene_pixels.hpp"

namespace hls::chip {

// An object is used by one thread at a time. Errors: io_error, a full disk among them.
class BandSpill {
 public:
    BandSpill() = default;
    ~BandSpill();
    BandSpill(const BandSpill&) = delete;
    BandSpill& operator=(const BandSpill&) = delete;

    // A patch that lies in the file.
    struct Slot {
        int factor = 1, col = 0, row = 0, rows = 0, cols = 0;
        std::uint64_t at = 0;
    };

    // The file is made in $TMPDIR, else /tmp, when the first patch comes.
    Slot put(const BandPatch& patch);

    // The part of the patch under these pixels of the finest grid.
    void get(const Slot& slot, const PixelBox& box, BandPatch& part) const;

 private:
    void open();

    int file_ = -1;
    std::uint64_t end_ = 0;
};

}  // namespace hls::chip
