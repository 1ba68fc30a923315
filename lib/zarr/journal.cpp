// SPDX-License-Identifier: Apache-2.0
#include "zarr/journal.hpp"

#include <system_error>

#include "core/log.hpp"
#include "fs/digest.hpp"

namespace hls::zarr {

std::string sha256_of(ByteView content) {
    fs::Digest digest(fs::DigestKind::sha256);
    digest.update(content.data(), content.size());
    return digest.hex();
}

std::vector<JournalEntry> read_manifest(StateFolder& state, std::int64_t txn) {
    std::vector<JournalEntry> entries;
    auto query = state.db().prepare(
        "SELECT phase, key, staged, sha256, bytes, content, number FROM manifest WHERE txn = ? "
        "ORDER BY phase, number");
    query.bind(txn);
    while (query.step())
        entries.push_back(
            {{static_cast<Phase>(query.integer(0)), query.text(1), query.text(2), query.text(3),
              static_cast<std::uint64_t>(query.integer(4)), query.text(5)},
             query.integer(6)});
    return entries;
}

std::vector<OpenTransaction> open_transactions(StateFolder& state) {
    std::vector<OpenTransaction> open;
    auto query =
        state.db().prepare("SELECT id, folder FROM txn WHERE state = 'committed' ORDER BY id");
    while (query.step()) open.push_back({query.integer(0), query.text(1)});
    return open;
}

bool holds(const ObjectStore& store, const ManifestEntry& entry) {
    Bytes content;
    if (!store.get(entry.key, content)) return entry.staged.empty();
    return !entry.staged.empty() && sha256_of(content) == entry.sha256;
}

void finish(Writer& writer, std::int64_t txn, const std::filesystem::path& folder) {
    auto& db = writer.state().db();
    {
        store::Transaction transaction(db);
        auto done = db.prepare("UPDATE txn SET state = 'done', done_ms = ? WHERE id = ?");
        done.bind(now_ms(), txn).run();
        db.prepare("DELETE FROM manifest WHERE txn = ?").bind(txn).run();
        // Enough of the past for people to look at.
        db.prepare("DELETE FROM txn WHERE state = 'done' AND id < ? - 200").bind(txn).run();
        transaction.commit();
    }
    remove_folder(folder);
}

void remove_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (error) log_debug("cannot remove {}: {}", folder.string(), error.message());
}

std::filesystem::path find_folder(const StateFolder& state, const std::string& name) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(state.staging(), error))
        if (entry.path().filename().string().starts_with(name)) return entry.path();
    return state.staging() / name;
}

void note_damage(StateFolder& state, const std::string& key) {
    const std::string problem = "lost by a transaction that could not be finished";
    log_warning("{}: {}", key, problem);
    auto damage = state.db().prepare("INSERT OR REPLACE INTO damage(key, problem) VALUES(?, ?)");
    damage.bind(key, problem).run();
}

}  // namespace hls::zarr
