// SPDX-License-Identifier: Apache-2.0
#include "zarr/writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <random>
#include <thread>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"

namespace hls::zarr {
namespace {

// Owners share this many lock files: a collision makes two writers wait for each other's rows,
// which is slower and no more.
constexpr std::uint64_t kLockFiles = 4096;

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

// FNV-1a, as the names of lock files must be the same in every process.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return hash;
}

// "!name" has a file of its own: it is taken while others are held.
std::string lock_name(std::string_view owner) {
    if (owner.starts_with('!')) return fmt::format("{}.lock", owner.substr(1));
    return fmt::format("{:03x}.lock", hash_of(owner) % kLockFiles);
}

int open_lock(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0)
        throw Error{Exit::cannot_create,
                    fmt::format("cannot lock {}: {}", path.string(), std::strerror(errno))};
    return descriptor;
}

bool is_file_at(int descriptor, const std::filesystem::path& path) {
    struct stat opened {};
    struct stat named {};
    return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

// Token of the writer that holds a lock, as it wrote it into the file.
std::int64_t holder_of(int descriptor) {
    char text[32] = {};
    const auto bytes = ::pread(descriptor, text, sizeof text - 1, 0);
    if (bytes <= 0) return 0;
    return to_int(trim(std::string_view(text, static_cast<std::size_t>(bytes)))).value_or(0);
}

void note_holder(int descriptor, std::int64_t token) {
    // Fixed width, so that one write replaces what was there. Only a hint: see take_over().
    const std::string text = fmt::format("{:<20}\n", token);
    if (::pwrite(descriptor, text.data(), text.size(), 0) < 0)
        log_debug("cannot note the holder of a lock: {}", std::strerror(errno));
}

std::filesystem::path alive_path(const StateFolder& state, std::int64_t token) {
    return state.locks() / fmt::format("writer-{}", token);
}

bool has_expired(StateFolder& state, std::int64_t writer) {
    auto query = state.db().prepare("SELECT expires_ms < ? OR fenced FROM writer WHERE id = ?");
    query.bind(now_ms(), writer);
    return query.step() && query.integer(0) != 0;
}

// Fences the writer that holds `path` if its lease has expired, and makes way for a new lock file.
// Removal happens inside a write transaction, so that of several writers that
// notice, one does it. A writer that has just locked the file and not noted itself yet can lose its
// lock here; count_commit() then stops one of the two.
void take_over(StateFolder& state, int descriptor, const std::filesystem::path& path) {
    if (!has_expired(state, holder_of(descriptor))) return;
    store::Transaction transaction(state.db());
    const std::int64_t holder = holder_of(descriptor);
    if (!has_expired(state, holder) || !is_file_at(descriptor, path)) return;
    state.db().prepare("UPDATE writer SET fenced = 1 WHERE id = ?").bind(holder).run();
    ::unlink(path.c_str());
    transaction.commit();
    log_warning("writer {} does not answer; its lock is taken over", holder);
}

}  // namespace

Writer::Writer(StateFolder& state, std::string_view command, LeaseOptions options)
    : state_(state), options_(options), command_(command) {
    const std::int64_t now = now_ms();
    // Nobody sees the writer before it is alive: who tidies up would take it for dead.
    store::Transaction transaction(state_.db());
    auto insert = state_.db().prepare(
        "INSERT INTO writer(host, pid, command, started_ms, expires_ms) VALUES(?, ?, ?, ?, ?)");
    insert.bind(host_name(), ::getpid(), command, now, now + options_.lifetime.count()).run();
    token_ = state_.db().last_insert_id();
    renewed_ms_ = now;
    alive_ = open_lock(alive_path(state_, token_));
    if (::flock(alive_, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        ::close(alive_);
        throw Error{Exit::unavailable,
                    fmt::format("cannot lock {}: {}", alive_path(state_, token_).string(),
                                std::strerror(error)),
                    "the state must lie on a file system with locks"};
    }
    transaction.commit();
}

Writer::~Writer() {
    try {
        state_.db().prepare("DELETE FROM writer WHERE id = ? AND NOT fenced").bind(token_).run();
    } catch (const Error& error) {
        log_debug("cannot end the lease: {}", error.message);
    }
    ::unlink(alive_path(state_, token_).c_str());
    ::close(alive_);
}

void Writer::renew_if_due() {
    const std::lock_guard guard(state_.mutex());
    const std::int64_t now = now_ms();
    if (now - renewed_ms_ < options_.lifetime.count() / 3) return;
    auto update =
        state_.db().prepare("UPDATE writer SET expires_ms = ? WHERE id = ? AND NOT fenced");
    update.bind(now + options_.lifetime.count(), token_).run();
    if (state_.db().changes() == 0) require_unfenced();
    renewed_ms_ = now;
}

void Writer::require_unfenced() {
    auto query = state_.db().prepare("SELECT fenced FROM writer WHERE id = ?");
    query.bind(token_);
    if (query.step() && query.integer(0) == 0) return;
    throw Error{Exit::temporary, "another writer has taken over while this one did not answer",
                "nothing of this transaction was written; run it again"};
}

bool writer_is_alive(const StateFolder& state, std::int64_t token) {
    const int descriptor = ::open(alive_path(state, token).c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool free = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    ::close(descriptor);
    return !free;
}

std::vector<WriterStatus> list_writers(StateFolder& state) {
    std::vector<WriterStatus> writers;
    auto query = state.db().prepare(
        "SELECT id, host, pid, command, started_ms, expires_ms, fenced FROM writer ORDER BY id");
    while (query.step()) {
        WriterStatus writer{query.integer(0), query.text(1),    query.integer(2),     query.text(3),
                            query.integer(4), query.integer(5), query.integer(6) != 0};
        writer.alive = writer_is_alive(state, writer.token);
        writers.push_back(std::move(writer));
    }
    return writers;
}

int forget_dead_writers(StateFolder& state) {
    int forgotten = 0;
    for (const WriterStatus& writer : list_writers(state)) {
        if (writer.alive || writer.host != host_name()) continue;
        state.db().prepare("DELETE FROM writer WHERE id = ?").bind(writer.token).run();
        ::unlink(alive_path(state, writer.token).c_str());
        ++forgotten;
    }
    return forgotten;
}

OwnerLocks::OwnerLocks(Writer& writer, std::vector<std::string> owners)
    : writer_(writer), owners_(std::move(owners)) {
    std::ranges::sort(owners_);
    owners_.erase(std::unique(owners_.begin(), owners_.end()), owners_.end());
    std::vector<std::string> names;
    for (const std::string& owner : owners_) names.push_back(lock_name(owner));
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    try {
        for (const std::string& name : names) acquire(name);
        read_generations();
    } catch (...) {
        for (const int descriptor : descriptors_) ::close(descriptor);
        throw;
    }
}

OwnerLocks::~OwnerLocks() {
    for (const int descriptor : descriptors_) ::close(descriptor);
}

void OwnerLocks::read_generations() {
    auto query = writer_.state().db().prepare("SELECT generation FROM owner WHERE name = ?");
    for (const std::string& owner : owners_) {
        query.bind(owner);
        generations_[owner] = query.step() ? query.integer(0) : 0;
        query.reset();
    }
}

bool OwnerLocks::try_acquire(const std::filesystem::path& path) {
    const int descriptor = open_lock(path);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && is_file_at(descriptor, path)) {
        note_holder(descriptor, writer_.token());
        descriptors_.push_back(descriptor);
        return true;
    }
    if (is_file_at(descriptor, path)) take_over(writer_.state(), descriptor, path);
    ::close(descriptor);
    return false;
}

void OwnerLocks::acquire(const std::string& name) {
    const auto path = writer_.state().locks() / name;
    thread_local std::minstd_rand random(static_cast<unsigned>(::getpid()));
    const auto deadline = std::chrono::steady_clock::now() + writer_.options().wait;
    for (int attempt = 0; !try_acquire(path); ++attempt) {
        throw_if_cancelled();
        if (std::chrono::steady_clock::now() >= deadline)
            throw Error{Exit::temporary, "another writer is at work on the same rows",
                        "see hls-zarr-update status"};
        writer_.renew_if_due();
        const int longest_us = std::min(1'000 * (1 + attempt), 20'000);
        std::this_thread::sleep_for(std::chrono::microseconds(
            std::uniform_int_distribution<>(longest_us / 4, longest_us)(random)));
    }
}

void OwnerLocks::count_commit() {
    auto& db = writer_.state().db();
    auto query = db.prepare("SELECT generation FROM owner WHERE name = ?");
    auto count = db.prepare("INSERT OR REPLACE INTO owner(name, generation) VALUES(?, ?)");
    for (const std::string& owner : owners_) {
        query.bind(owner);
        const std::int64_t generation = query.step() ? query.integer(0) : 0;
        query.reset();
        if (generation != generations_.at(owner))
            throw Error{Exit::temporary, "another writer has changed the same rows meanwhile",
                        "run it again"};
        count.bind(owner, generation + 1).run();
        generations_[owner] = generation + 1;
    }
}

}  // namespace hls::zarr
