// SPDX-License-Identifier: Apache-2.0
// The redo journal as it is read back. Internal to transactions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "zarr/transaction.hpp"

namespace hls::zarr {

struct JournalEntry {
    ManifestEntry entry;
    std::int64_t number = 0;
};
struct OpenTransaction {
    std::int64_t id = 0;
    std::string folder;  // name below staging
};

std::string sha256_of(ByteView content);

// In the order of publication.
std::vector<JournalEntry> read_manifest(StateFolder& state, std::int64_t txn);
// Committed and not done, in order.
std::vector<OpenTransaction> open_transactions(StateFolder& state);

// True if the store is as the entry wants it.
bool holds(const ObjectStore& store, const ManifestEntry& entry);

// Marks a transaction as done and removes what was staged for it.
void finish(Writer& writer, std::int64_t txn, const std::filesystem::path& folder);

void remove_folder(const std::filesystem::path& folder);
// The folder of a transaction, under the name it was given or one that a recovery gave it.
std::filesystem::path find_folder(const StateFolder& state, const std::string& name);

// Notes an object that a transaction could neither finish nor find.
void note_damage(StateFolder& state, const std::string& key);

}  // namespace hls::zarr
