// SPDX-License-Identifier: Apache-2.0
#include "zarr/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"
#include "core/ulid.hpp"
#include "fs/digest.hpp"
#include "store/change_recorder.hpp"
#include "zarr/base64.hpp"
#include "zarr/journal.hpp"
#include "zarr/remote_journal.hpp"
#include "zarr/shared_state.hpp"

namespace hls::zarr {
namespace {

// How long a committer whose files were taken over waits to see its transaction finished.
constexpr std::chrono::seconds kWaitForHelper{30};

// Moves the staged objects into place. Every step renames something out of `folder` or into it:
// once that folder has been renamed by somebody who takes over, a late step finds no file and does
// nothing. Throws Error if a step could not be done.
class Application {
 public:
    Application(StoreAccess access, std::filesystem::path folder)
        : access_(access), folder_(std::move(folder)) {}

    // Makes durable what another process may have moved before it died.
    void sync_all_of(const std::vector<JournalEntry>& entries) {
        const auto& root = access_.local->root();
        std::error_code error;
        for (const JournalEntry& item : entries)
            for (auto folder = access_.local->path_of(item.entry.key); folder != root;) {
                folder = folder.parent_path();
                if (std::filesystem::is_directory(folder, error)) folders_.push_back(folder);
            }
        sync();
    }

    void run(const std::vector<JournalEntry>& entries) {
        Phase phase = Phase::data;
        for (const JournalEntry& item : entries) {
            if (item.entry.phase != phase && phase <= Phase::coordinates) sync();
            phase = item.entry.phase;
            apply(item);
        }
        sync();
    }

 private:
    void apply(const JournalEntry& item) {
        if (!item.entry.staged.empty())
            access_.store.publish(folder_ / item.entry.staged, item.entry.key);
        else
            move_away(item);
    }

    // Not unlink(2): it would also hit an object that a later transaction has put there.
    void move_away(const JournalEntry& item) {
        const auto path = access_.local->path_of(item.entry.key);
        access_.files.rename(path, folder_ / fmt::format("removed-{}", item.number));
        folders_.push_back(path.parent_path());
    }

    void sync() {
        access_.store.sync();
        std::ranges::sort(folders_);
        folders_.erase(std::unique(folders_.begin(), folders_.end()), folders_.end());
        if (!folders_.empty()) access_.files.sync_all({}, folders_);
        folders_.clear();
    }

    StoreAccess access_;
    std::filesystem::path folder_;
    std::vector<std::filesystem::path> folders_;
};

// True once somebody else has finished the transaction.
bool finished_by_another(StateFolder& state, std::int64_t txn) {
    const auto deadline = std::chrono::steady_clock::now() + kWaitForHelper;
    auto query = state.db().prepare("SELECT state FROM txn WHERE id = ?");
    while (std::chrono::steady_clock::now() < deadline) {
        query.bind(txn);
        const bool done = !query.step() || query.text(0) == "done";
        query.reset();
        if (done) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

// Keeps of the journal what is still to be done: staged files that are there, and removals whose
// object is.
std::vector<JournalEntry> remaining(Writer& writer, StoreAccess access,
                                    const std::filesystem::path& folder,
                                    std::vector<JournalEntry> entries) {
    std::vector<JournalEntry> rest;
    for (JournalEntry& item : entries) {
        writer.renew_if_due();
        const auto staged = folder / item.entry.staged;
        std::error_code error;
        const bool waiting = item.entry.staged.empty()
                                 ? access.store.head(item.entry.key).has_value()
                                 : std::filesystem::exists(staged, error);
        if (waiting && (item.entry.staged.empty() ||
                        fs::digest_of_file(fs::DigestKind::sha256, staged) == item.entry.sha256)) {
            rest.push_back(std::move(item));
        } else if (!holds(access.store, item.entry)) {
            note_damage(writer.state(), item.entry.key);
        }
    }
    return rest;
}

}  // namespace

StoreTransaction::StoreTransaction(Writer& writer, StoreAccess access, Known known)
    : writer_(writer),
      access_(access),
      known_(known),
      name_(fmt::format("{}-{}", writer.token(), new_ulid())) {}

StoreTransaction::~StoreTransaction() {
    if (!committed_ && !folder_.empty()) remove_folder(folder_);
}

std::string StoreTransaction::known_sha256(const std::string& key) {
    const std::lock_guard guard(writer_.state().mutex());
    auto query = writer_.state().db().prepare("SELECT sha256 FROM object WHERE key = ?");
    query.bind(key);
    return query.step() ? query.text(0) : std::string();
}

bool StoreTransaction::made(const std::string& key, ByteView content) {
    return known_sha256(key) == sha256_of(content);
}

bool StoreTransaction::put(Phase phase, const std::string& key, ByteView content) {
    require_key(key);
    ManifestEntry entry{phase, key, "", sha256_of(content), content.size(), ""};
    if (known_ == Known::left_out && known_sha256(key) == entry.sha256) return false;
    if (access_.shared != nullptr && phase != Phase::data) entry.content = base64_encode(content);
    std::filesystem::path path;
    {
        const std::lock_guard guard(mutex_);
        if (folder_.empty()) {
            folder_ = writer_.state().staging() / name_;
            access_.files.make_folders(folder_);
        }
        entry.staged = std::to_string(entries_.size());
        path = folder_ / entry.staged;
        entries_.push_back(entry);
    }
    access_.files.write_new(path, content);
    return true;
}

bool StoreTransaction::remove(Phase phase, const std::string& key) {
    require_key(key);
    if (known_ == Known::left_out && known_sha256(key).empty()) return false;
    const std::lock_guard guard(mutex_);
    if (folder_.empty()) {
        folder_ = writer_.state().staging() / name_;
        access_.files.make_folders(folder_);
    }
    entries_.push_back({phase, key, "", "", 0, ""});
    return true;
}

void StoreTransaction::sync_staged() const {
    if (folder_.empty()) return;
    std::vector<std::filesystem::path> files;
    for (const ManifestEntry& entry : entries_)
        if (!entry.staged.empty()) files.push_back(folder_ / entry.staged);
    const std::vector<std::filesystem::path> folders{folder_, folder_.parent_path()};
    access_.files.sync_all(files, folders);
}

std::int64_t StoreTransaction::write_journal(const TransactionReport& report,
                                             std::uint64_t slots) const {
    auto& db = writer_.state().db();
    const std::int64_t now = now_ms();
    auto txn = db.prepare(
        "INSERT INTO txn(id, writer, folder, state, slots, objects, bytes, committed_ms, done_ms) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const bool done = entries_.empty();
    // Hosts that share a state count alike.
    const auto number = report.id == 0 ? std::nullopt : std::optional(report.id);
    txn.bind(number, writer_.token(), name_, done ? "done" : "committed", slots, entries_.size(),
             report.bytes, now, done ? std::optional(now) : std::nullopt);
    txn.run();
    const std::int64_t id = db.last_insert_id();
    auto row = db.prepare("INSERT INTO manifest VALUES(?, ?, ?, ?, ?, ?, ?, '', ?)");
    auto object = db.prepare("INSERT OR REPLACE INTO object(key, sha256, bytes) VALUES(?, ?, ?)");
    auto gone = db.prepare("DELETE FROM object WHERE key = ?");
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const ManifestEntry& entry = entries_[i];
        row.bind(id, i, static_cast<int>(entry.phase), entry.key, entry.staged, entry.sha256,
                 entry.bytes, entry.content);
        row.run();
        if (entry.staged.empty())
            gone.bind(entry.key).run();
        else
            object.bind(entry.key, entry.sha256, entry.bytes).run();
    }
    return id;
}

void StoreTransaction::write_changes(const std::vector<OwnerLocks*>& locks,
                                     const Changes& changes) {
    writer_.require_unfenced();
    for (OwnerLocks* lock : locks) lock->count_commit();
    if (!open_transactions(writer_.state()).empty())
        throw Error{Exit::temporary, "another writer's transaction is not finished yet",
                    "run it again"};
    changes();
}

// The commit point is that of the database.
void StoreTransaction::commit_here(TransactionReport& report, std::uint64_t slots,
                                   const std::vector<OwnerLocks*>& locks, const Changes& changes,
                                   const Changes& finished) {
    DurableTransaction transaction(writer_.state().db());
    write_changes(locks, changes);
    report.id = write_journal(report, slots);
    finished();
    forget_damage();
    // A commit that fails may still be found done after a power cut: keep what it needs.
    committed_ = true;
    transaction.commit();
}

// The commit point is that of the log: changes are made here to see what they are, undone, and
// repeated from the log as by everybody.
void StoreTransaction::commit_shared(TransactionReport& report, std::uint64_t slots,
                                     const std::vector<OwnerLocks*>& locks, const Changes& changes,
                                     const Changes& finished) {
    auto& state = writer_.state();
    SharedState& shared = *access_.shared;
    report.id = shared.applied() + 1;
    std::string patch;
    {
        const store::Transaction undone(state.db());
        const store::ChangeRecorder recorder(state.db(), shared_tables());
        write_changes(locks, changes);
        write_journal(report, slots);
        patch = recorder.patch();
    }
    // An answer that is lost leaves open whether it happened: keep what it needs.
    committed_ = true;
    if (!shared.append(report.id, patch)) {
        committed_ = false;
        throw Error{Exit::temporary, "another host was faster", "run it again"};
    }
    shared.repeat(report.id, patch);
    DurableTransaction transaction(state.db());
    finished();
    forget_damage();
    transaction.commit();
}

void StoreTransaction::forget_damage() const {
    auto healed = writer_.state().db().prepare("DELETE FROM damage WHERE key = ?");
    for (const ManifestEntry& entry : entries_) healed.bind(entry.key).run();
}

void StoreTransaction::apply(std::int64_t txn) const {
    const auto entries = read_manifest(writer_.state(), txn);
    if (access_.local != nullptr)
        Application(access_, folder_).run(entries);
    else
        apply_remotely(writer_, access_, folder_, entries);
}

TransactionReport StoreTransaction::commit(std::vector<OwnerLocks*> locks, std::uint64_t slots,
                                           const Changes& changes, const Changes& finished) {
    TransactionReport report;
    report.objects = entries_.size();
    for (const ManifestEntry& entry : entries_) report.bytes += entry.bytes;
    sync_staged();
    if (access_.shared != nullptr)
        commit_shared(report, slots, locks, changes, finished);
    else
        commit_here(report, slots, locks, changes, finished);
    if (entries_.empty()) return report;
    try {
        apply(report.id);
    } catch (const Error&) {
        // The journal has it. If our folder is gone, somebody took over and finishes it.
        std::error_code error;
        if (std::filesystem::exists(folder_, error) ||
            !finished_by_another(writer_.state(), report.id))
            throw;
        return report;
    }
    finish(writer_, report.id, folder_);
    return report;
}

int recover(Writer& writer, StoreAccess access) {
    if (access.local == nullptr) return recover_remotely(writer, access);
    const auto open = open_transactions(writer.state());
    for (const OpenTransaction& txn : open) {
        const auto ours =
            writer.state().staging() / fmt::format("{}.{}", txn.folder, writer.token());
        const auto found = find_folder(writer.state(), txn.folder);
        std::error_code error;
        // Whoever began it may only be asleep: from now on it finds no file.
        if (found != ours && std::filesystem::exists(found, error))
            access.files.rename(found, ours);
        const auto entries = read_manifest(writer.state(), txn.id);
        Application application(access, ours);
        application.run(remaining(writer, access, ours, entries));
        application.sync_all_of(entries);
        finish(writer, txn.id, ours);
        log_info("finished transaction {}", txn.id);
    }
    return static_cast<int>(open.size());
}

std::vector<std::string> collect_garbage(StateFolder& state, bool dry_run) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(state.staging(), error)) {
        const std::string name = entry.path().filename().string();
        auto query = state.db().prepare(
            "SELECT 1 FROM txn WHERE state = 'committed' AND instr(?, folder) = 1");
        query.bind(name);
        if (query.step()) continue;
        const auto token = to_int(std::string_view(name).substr(0, name.find('-')));
        if (token && writer_is_alive(state, *token)) continue;
        names.push_back(name);
        if (!dry_run) remove_folder(entry.path());
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace hls::zarr
