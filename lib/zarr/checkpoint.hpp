// SPDX-License-Identifier: Apache-2.0
// A shared state as one object, so that hosts that join need not repeat the whole log.
#pragma once

#include <cstdint>
#include <string>

#include "zarr/object_store.hpp"
#include "zarr/state_folder.hpp"

namespace hls::zarr {

struct Checkpoint {
    std::int64_t number = 0;  // of the last transaction in it; 0: there is none
    std::string sha256;
};

// Puts what this state knows beside the store. Nobody may commit meanwhile.
Checkpoint write_checkpoint(StateFolder& state, ObjectStore& beside);

// Replaces what this state knows, unless it knows more by now. Throws Error{bad_input} for a
// checkpoint that is damaged or of another version of the program.
void load_checkpoint(StateFolder& state, const ObjectStore& beside, const Checkpoint& checkpoint);

}  // namespace hls::zarr
