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

namespace hls::zarr {
namespace {

// How long a committer whose files were taken over waits to see its transaction finished.
constexpr std::chrono::seconds kWaitForHelper{30};

struct JournalEntry {
    ManifestEntry entry;
    std::int64_t number;
};

std::string sha256_of(ByteView content) {
    fs::Digest digest(fs::DigestKind::sha256);
    digest.update(content.data(), content.size());
    return digest.hex();
}

void remove_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (error) log_debug("cannot remove {}: {}", folder.string(), error.message());
}

std::vector<JournalEntry> read_manifest(StateFolder& state, std::int64_t txn) {
    std::vector<JournalEntry> entries;
    auto query = state.db().prepare(
        "SELECT phase, key, staged, sha256, bytes, number FROM manifest WHERE txn = ? "
        "ORDER BY phase, number");
    query.bind(txn);
    while (query.step())
        entries.push_back({{static_cast<Phase>(query.integer(0)), query.text(1), query.text(2),
                            query.text(3), static_cast<std::uint64_t>(query.integer(4))},
                           query.integer(5)});
    return entries;
}

bool holds(const ObjectStore& store, const ManifestEntry& entry) {
    Bytes content;
    if (!store.get(entry.key, content)) return entry.staged.empty();
    return !entry.staged.empty() && sha256_of(content) == entry.sha256;
}

// Moves the staged objects into place. Every step renames something out of `folder` or into it:
// once that folder has been renamed by somebody who takes over, a late step finds no file and does
// nothing. Throws Error if a step could not be done.
class Application {
 public:
    Application(StoreAccess access, std::filesystem::path folder)
        : access_(access), folder_(std::move(folder)) {}

    // Makes durable what another process may have moved before it died.
    void sync_all_of(const std::vector<JournalEntry>& entries) {
        if (access_.local == nullptr) return;
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
        else if (access_.local != nullptr)
            move_away(item);
        else
            access_.store.remove(item.entry.key);
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

// The folder of a transaction, under the name it was given or one that a recovery gave it.
std::filesystem::path find_folder(const StateFolder& state, const std::string& name) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(state.staging(), error))
        if (entry.path().filename().string().starts_with(name)) return entry.path();
    return state.staging() / name;
}

// Keeps of the journal what is still to be done: staged files that are there, and removals whose
// object is.
std::vector<JournalEntry> remaining(Writer& writer, StoreAccess access,
                                    const std::filesystem::path& folder,
                                    std::vector<JournalEntry> entries) {
    std::vector<JournalEntry> rest;
    auto damage =
        writer.state().db().prepare("INSERT OR REPLACE INTO damage(key, problem) VALUES(?, ?)");
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
            const std::string problem = "lost by a transaction that could not be finished";
            log_warning("{}: {}", item.entry.key, problem);
            damage.bind(item.entry.key, problem).run();
        }
    }
    return rest;
}

}  // namespace

StoreTransaction::StoreTransaction(Writer& writer, StoreAccess access)
    : writer_(writer), access_(access), name_(fmt::format("{}-{}", writer.token(), new_ulid())) {}

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
    ManifestEntry entry{phase, key, "", sha256_of(content), content.size()};
    if (known_sha256(key) == entry.sha256) return false;
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
    if (known_sha256(key).empty()) return false;
    const std::lock_guard guard(mutex_);
    if (folder_.empty()) {
        folder_ = writer_.state().staging() / name_;
        access_.files.make_folders(folder_);
    }
    entries_.push_back({phase, key, "", "", 0});
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

std::int64_t StoreTransaction::write_journal(std::uint64_t slots, std::uint64_t bytes) const {
    auto& db = writer_.state().db();
    const std::int64_t now = now_ms();
    auto txn = db.prepare(
        "INSERT INTO txn(writer, folder, state, slots, objects, bytes, committed_ms, done_ms) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    const bool done = entries_.empty();
    txn.bind(writer_.token(), name_, done ? "done" : "committed", slots, entries_.size(), bytes,
             now, done ? std::optional(now) : std::nullopt);
    txn.run();
    const std::int64_t id = db.last_insert_id();
    auto row = db.prepare("INSERT INTO manifest VALUES(?, ?, ?, ?, ?, ?, ?, '')");
    auto object = db.prepare("INSERT OR REPLACE INTO object(key, sha256, bytes) VALUES(?, ?, ?)");
    auto gone = db.prepare("DELETE FROM object WHERE key = ?");
    auto healed = db.prepare("DELETE FROM damage WHERE key = ?");
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const ManifestEntry& entry = entries_[i];
        row.bind(id, i, static_cast<int>(entry.phase), entry.key, entry.staged, entry.sha256,
                 entry.bytes);
        row.run();
        if (entry.staged.empty())
            gone.bind(entry.key).run();
        else
            object.bind(entry.key, entry.sha256, entry.bytes).run();
        healed.bind(entry.key).run();
    }
    return id;
}

TransactionReport StoreTransaction::commit(std::vector<OwnerLocks*> locks, std::uint64_t slots,
                                           const std::function<void()>& changes) {
    TransactionReport report;
    report.objects = entries_.size();
    for (const ManifestEntry& entry : entries_) report.bytes += entry.bytes;
    sync_staged();
    auto& db = writer_.state().db();
    {
        DurableTransaction transaction(db);
        writer_.require_unfenced();
        for (OwnerLocks* lock : locks) lock->count_commit();
        if (db.query_int("SELECT count(*) FROM txn WHERE state = 'committed'") != 0)
            throw Error{Exit::temporary, "another writer's transaction is not finished yet",
                        "run it again"};
        changes();
        report.id = write_journal(slots, report.bytes);
        // A commit that fails may still be found done after a power cut: keep what it needs.
        committed_ = true;
        transaction.commit();
    }
    if (entries_.empty()) return report;
    try {
        Application(access_, folder_).run(read_manifest(writer_.state(), report.id));
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
    auto& db = writer.state().db();
    struct Open {
        std::int64_t id;
        std::string folder;
    };
    std::vector<Open> open;
    {
        auto query = db.prepare("SELECT id, folder FROM txn WHERE state = 'committed' ORDER BY id");
        while (query.step()) open.push_back({query.integer(0), query.text(1)});
    }
    for (const Open& txn : open) {
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
