// SPDX-License-Identifier: Apache-2.0
#include "zarr/checkpoint.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <span>
#include <system_error>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "fs/digest.hpp"
#include "zarr/local_store.hpp"
#include "zarr/shared_state.hpp"

namespace hls::zarr {
namespace {

std::string key_of(std::int64_t number) {
    return fmt::format("checkpoint/{:012}", number);
}

// A file of the state folder that is gone at the end of its use, and replaced if a process that was
// killed left it there.
struct PassingFile {
    explicit PassingFile(std::filesystem::path file) : path(std::move(file)) { remove(); }
    ~PassingFile() { remove(); }
    PassingFile(const PassingFile&) = delete;
    PassingFile& operator=(const PassingFile&) = delete;

    void remove() const {
        std::error_code ignored;
        for (const char* suffix : {"", "-wal", "-shm", "-journal"})
            std::filesystem::remove(path.string() + suffix, ignored);
    }
    std::filesystem::path path;
};

// One process of a host at a time.
class FolderLock {
 public:
    explicit FolderLock(const std::filesystem::path& path)
        : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
        if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX) != 0)
            throw Error{Exit::cannot_create, fmt::format("cannot lock {}", path.string())};
    }
    ~FolderLock() { ::close(descriptor_); }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

 private:
    int descriptor_;
};

struct Attached {
    Attached(store::Connection& connection, const std::filesystem::path& file) : db(connection) {
        db.prepare("ATTACH DATABASE ? AS checkpoint").bind(file.string()).run();
    }
    ~Attached() {
        try {
            db.execute("DETACH DATABASE checkpoint");
        } catch (const Error&) {
            // It ends with the connection.
        }
    }
    Attached(const Attached&) = delete;
    Attached& operator=(const Attached&) = delete;
    store::Connection& db;
};

}  // namespace

Checkpoint write_checkpoint(StateFolder& state, ObjectStore& beside) {
    const PassingFile file(state.path() / "checkpoint-out.db");
    store::copy_to(state.db(), file.path);
    Checkpoint checkpoint;
    {
        store::Connection copy(file.path);
        copy.execute(
            "DELETE FROM event; DELETE FROM dead_letter; DELETE FROM writer; DELETE FROM damage;"
            "DELETE FROM copy WHERE name <> 'applied'; PRAGMA journal_mode=DELETE; VACUUM");
        checkpoint.number =
            to_int(copy.query_text("SELECT value FROM copy WHERE name = 'applied'")).value_or(0);
    }
    checkpoint.sha256 = fs::digest_of_file(fs::DigestKind::sha256, file.path);
    beside.publish(file.path, key_of(checkpoint.number));
    return checkpoint;
}

void load_checkpoint(StateFolder& state, const ObjectStore& beside, const Checkpoint& checkpoint) {
    const auto refuse = [&](const char* why) {
        throw Error{Exit::bad_input, fmt::format("{} {}", key_of(checkpoint.number), why)};
    };
    const FolderLock lock(state.locks() / "checkpoint.lock");
    const PassingFile file(state.path() / "checkpoint-in.db");
    Bytes content;
    if (!beside.get(key_of(checkpoint.number), content)) refuse("is not there");
    const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
    if (fs::digest_of(fs::DigestKind::sha256, text) != checkpoint.sha256) refuse("is damaged");
    DurableFiles().write_new(file.path, content);
    content = {};

    auto& db = state.db();
    const Attached attached(db, file.path);
    if (db.query_int("PRAGMA checkpoint.user_version") != db.query_int("PRAGMA main.user_version"))
        refuse("is of another version of this program");
    store::Transaction transaction(db);
    if (to_int(copy_property(state, "applied")).value_or(0) >= checkpoint.number) return;
    for (const std::string_view table : shared_tables())
        db.execute(
            fmt::format("DELETE FROM main.{0}; INSERT INTO main.{0} SELECT * FROM "
                        "checkpoint.{0}",
                        table));
    set_copy_property(state, "applied", std::to_string(checkpoint.number));
    transaction.commit();
}

}  // namespace hls::zarr
