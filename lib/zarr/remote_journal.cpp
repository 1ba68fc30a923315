// SPDX-License-Identifier: Apache-2.0
#include "zarr/remote_journal.hpp"

#include <algorithm>
#include <map>
#include <system_error>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parallel.hpp"
#include "fs/digest.hpp"
#include "zarr/base64.hpp"
#include "zarr/shared_state.hpp"

namespace hls::zarr {
namespace {

// Requests wait for the net, not for processors.
constexpr int kRequestsAtOnce = 16;

class RemoteApplication {
 public:
    RemoteApplication(Writer& writer, StoreAccess access, std::filesystem::path folder)
        : writer_(writer), access_(access), folder_(std::move(folder)) {}

    // Calls `place` for each entry, one phase after the other.
    template <typename Place>
    static void in_phases(const std::vector<JournalEntry>& entries, const Place& place) {
        for (auto first = entries.begin(); first != entries.end();) {
            const auto end = std::find_if(first, entries.end(), [&](const JournalEntry& item) {
                return item.entry.phase != first->entry.phase;
            });
            parallel_for(static_cast<std::size_t>(end - first), kRequestsAtOnce,
                         [&](std::size_t i) { place((first + static_cast<long>(i))->entry); });
            first = end;
        }
    }

    // From the staged file, or from the journal itself if that is gone.
    void place(const ManifestEntry& entry) const {
        const auto staged = folder_ / entry.staged;
        const auto before = access_.store.head(entry.key);
        require_mine();
        if (entry.staged.empty()) {
            if (before) access_.store.remove(entry.key);
            return;
        }
        PutCondition condition;
        condition.must_be_absent = !before;
        if (before) condition.must_have_version = before->version;
        std::error_code error;
        try {
            if (!entry.content.empty() && !std::filesystem::exists(staged, error))
                access_.store.put(entry.key, base64_decode(entry.content).value(), condition);
            else
                access_.store.publish(staged, entry.key, condition);
        } catch (const Error& failure) {
            // The condition may have failed because an answer got lost.
            if (failure.code != Exit::temporary || !holds(access_.store, entry)) throw;
        }
    }

    // Whether the entry is still to be done, and can be.
    enum class Standing { done, waiting, lost };
    Standing standing(const ManifestEntry& entry) const {
        if (holds(access_.store, entry)) return Standing::done;
        if (entry.staged.empty() || is_staged(entry) || !entry.content.empty())
            return Standing::waiting;
        return Standing::lost;
    }

 private:
    bool is_staged(const ManifestEntry& entry) const {
        const auto staged = folder_ / entry.staged;
        std::error_code error;
        return std::filesystem::exists(staged, error) &&
               fs::digest_of_file(fs::DigestKind::sha256, staged) == entry.sha256;
    }

    void require_mine() const {
        writer_.renew_if_due();
        {
            const std::lock_guard guard(writer_.state().mutex());
            writer_.require_unfenced();
        }
        if (access_.shared != nullptr) access_.shared->require_held();
    }

    Writer& writer_;
    StoreAccess access_;
    std::filesystem::path folder_;
};

// Entries whose objects no later transaction has replaced.
std::vector<JournalEntry> not_superseded(StateFolder& state, std::vector<JournalEntry> entries) {
    auto query = state.db().prepare("SELECT sha256 FROM object WHERE key = ?");
    std::erase_if(entries, [&](const JournalEntry& item) {
        query.bind(item.entry.key);
        const std::string now = query.step() ? query.text(0) : std::string();
        query.reset();
        return now != item.entry.sha256;
    });
    return entries;
}

// Makes lost objects again from their files and sends those that came out as they were. The others
// are noted as damaged: their files have changed or gone since, and are put on the queue.
void remake(StoreAccess access, Writer& writer, const std::vector<ManifestEntry>& lost) {
    std::vector<std::string> keys;
    for (const ManifestEntry& entry : lost) keys.push_back(entry.key);
    log_warning("{} objects were staged on a host that is gone; making them again", keys.size());
    StoreTransaction remade(writer, access, StoreTransaction::Known::ignored);
    access.shared->remaker->restage(writer, remade, keys);
    std::map<std::string, ManifestEntry> made;
    for (const ManifestEntry& entry : remade.entries()) made[entry.key] = entry;
    const RemoteApplication application(writer, access, remade.folder());
    keys.clear();
    for (const ManifestEntry& entry : lost) {
        const auto found = made.find(entry.key);
        if (found != made.end() && found->second.sha256 == entry.sha256) {
            application.place(found->second);
        } else {
            note_damage(writer.state(), entry.key);
            keys.push_back(entry.key);
        }
    }
    if (!keys.empty()) access.shared->remaker->requeue(keys);
}

void redo(Writer& writer, StoreAccess access, const OpenTransaction& txn,
          const std::filesystem::path& folder) {
    const auto entries = not_superseded(writer.state(), read_manifest(writer.state(), txn.id));
    const RemoteApplication application(writer, access, folder);
    std::vector<RemoteApplication::Standing> standing(entries.size());
    parallel_for(entries.size(), kRequestsAtOnce,
                 [&](std::size_t i) { standing[i] = application.standing(entries[i].entry); });
    std::vector<JournalEntry> rest;
    std::vector<ManifestEntry> lost;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (standing[i] == RemoteApplication::Standing::waiting) rest.push_back(entries[i]);
        if (standing[i] == RemoteApplication::Standing::lost) lost.push_back(entries[i].entry);
    }
    if (!lost.empty() && access.shared != nullptr && access.shared->remaker != nullptr)
        remake(access, writer, lost);
    else
        for (const ManifestEntry& entry : lost) note_damage(writer.state(), entry.key);
    RemoteApplication::in_phases(rest,
                                 [&](const ManifestEntry& entry) { application.place(entry); });
}

}  // namespace

void apply_remotely(Writer& writer, StoreAccess access, const std::filesystem::path& folder,
                    const std::vector<JournalEntry>& entries) {
    const RemoteApplication application(writer, access, folder);
    RemoteApplication::in_phases(entries,
                                 [&](const ManifestEntry& entry) { application.place(entry); });
    access.store.sync();
}

int recover_remotely(Writer& writer, StoreAccess access) {
    const auto open = open_transactions(writer.state());
    for (const OpenTransaction& txn : open) {
        const auto ours =
            writer.state().staging() / (txn.folder + "." + std::to_string(writer.token()));
        const auto found = find_folder(writer.state(), txn.folder);
        std::error_code error;
        // Whoever began it may only be asleep: from now on it finds no file.
        if (found != ours && std::filesystem::exists(found, error))
            access.files.rename(found, ours);
        redo(writer, access, txn, ours);
        access.store.sync();
        finish(writer, txn.id, ours);
        log_info("finished transaction {}", txn.id);
    }
    return static_cast<int>(open.size());
}

}  // namespace hls::zarr
