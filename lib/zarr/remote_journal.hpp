// SPDX-License-Identifier: Apache-2.0
// Objects of a committed transaction put in place in a store that cannot rename: a bucket.
#pragma once

#include <filesystem>
#include <vector>

#include "zarr/journal.hpp"

namespace hls::zarr {

// Sends the staged objects, several at a time, phase after phase. Each replaces only what lay there
// just before the writer made sure that it still may write, so that one that was taken for dead
// replaces nothing of those who came after it. Throws Error{temporary} when that is so.
void apply_remotely(Writer& writer, StoreAccess access, const std::filesystem::path& folder,
                    const std::vector<JournalEntry>& entries);

// recover() for such stores. An object that is neither in place nor staged on this host is made
// again by access.shared->remaker, where there is one: its host is lost.
int recover_remotely(Writer& writer, StoreAccess access);

}  // namespace hls::zarr
