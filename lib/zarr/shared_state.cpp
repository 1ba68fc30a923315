// SPDX-License-Identifier: Apache-2.0
#include "zarr/shared_state.hpp"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"
#include "core/ulid.hpp"
#include "fs/digest.hpp"
#include "store/change_recorder.hpp"
#include "zarr/json_value.hpp"

namespace hls::zarr {
namespace {

constexpr std::array<std::string_view, 9> kSharedTables{
    "property", "owner", "sequencer", "candidate", "held", "axis", "object", "txn", "manifest"};
constexpr const char* kLeaseKey = "publish.json";
constexpr std::uint64_t kMaxLeaseBytes = 1 << 16;
// A record is written and read as one object, and holds a line or so for each object it changes.
constexpr std::uint64_t kMaxRecordBytes = std::uint64_t{1} << 30;
constexpr const char* kApplied = "applied";

std::string record_key(std::int64_t number) {
    return fmt::format("log/{:012}", number);
}

// Goes on while the host is suspended, and is not set by anybody.
std::int64_t boot_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

ByteView bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

std::string_view text_of(const Bytes& content) {
    return {reinterpret_cast<const char*>(content.data()), content.size()};
}

std::string text_member(const JsonValue& document, std::string_view name) {
    const JsonValue* value = member(document, name);
    const auto* text = value == nullptr ? nullptr : value->get<std::string>();
    return text == nullptr ? std::string() : *text;
}

std::int64_t integer_member(const JsonValue& document, std::string_view name) {
    const JsonValue* value = member(document, name);
    const auto* number = value == nullptr ? nullptr : value->get<std::int64_t>();
    return number == nullptr ? 0 : *number;
}

std::string lease_text(const PublishLease& lease) {
    return format_json(JsonObject{{"checkpoint", lease.checkpoint.number},
                                  {"checkpoint_sha256", lease.checkpoint.sha256},
                                  {"command", lease.command},
                                  {"done", lease.done},
                                  {"expires_ms", lease.expires_ms},
                                  {"folder", lease.folder},
                                  {"held", lease.held},
                                  {"host", lease.host},
                                  {"nonce", lease.nonce},
                                  {"pid", lease.pid},
                                  {"token", lease.token}});
}

PublishLease parse_lease(std::string_view text) {
    const JsonValue document = parse_json(text, kLeaseKey);
    PublishLease lease;
    lease.nonce = text_member(document, "nonce");
    lease.folder = text_member(document, "folder");
    lease.host = text_member(document, "host");
    lease.command = text_member(document, "command");
    lease.pid = integer_member(document, "pid");
    lease.token = integer_member(document, "token");
    lease.expires_ms = integer_member(document, "expires_ms");
    lease.done = integer_member(document, "done");
    lease.checkpoint.number = integer_member(document, "checkpoint");
    lease.checkpoint.sha256 = text_member(document, "checkpoint_sha256");
    const JsonValue* held = member(document, "held");
    lease.held = held != nullptr && *held == JsonValue(true);
    return lease;
}

// One line of JSON about the record, then the changes.
std::string record_text(std::int64_t number, std::string_view patch) {
    const JsonObject head{{"bytes", static_cast<std::uint64_t>(patch.size())},
                          {"format", "hls-zarr-log 1"},
                          {"host", host_name()},
                          {"id", new_ulid()},
                          {"ms", now_ms()},
                          {"number", number},
                          {"pid", std::int64_t{::getpid()}},
                          {"sha256", fs::digest_of(fs::DigestKind::sha256, patch)}};
    std::string text = format_json(head, JsonLayout::compact);
    text += '\n';
    text += patch;
    return text;
}

std::string_view patch_of(std::string_view record, std::int64_t number) {
    const auto end = std::min(record.find('\n'), record.size());
    const JsonValue head = parse_json(record.substr(0, end), record_key(number));
    const auto patch = record.substr(std::min(end + 1, record.size()));
    if (text_member(head, "format") != "hls-zarr-log 1" ||
        integer_member(head, "number") != number ||
        text_member(head, "sha256") != fs::digest_of(fs::DigestKind::sha256, patch))
        throw Error{Exit::bad_input, fmt::format("{} is damaged", record_key(number))};
    return patch;
}

}  // namespace

std::span<const std::string_view> shared_tables() {
    return kSharedTables;
}

std::string copy_property(StateFolder& state, std::string_view name) {
    auto query = state.db().prepare("SELECT value FROM copy WHERE name = ?");
    query.bind(name);
    return query.step() ? query.text(0) : std::string();
}

void set_copy_property(StateFolder& state, std::string_view name, std::string_view value) {
    auto insert = state.db().prepare("INSERT OR REPLACE INTO copy(name, value) VALUES(?, ?)");
    insert.bind(name, value).run();
}

std::string folder_identity(StateFolder& state) {
    auto insert = state.db().prepare("INSERT OR IGNORE INTO copy(name, value) VALUES('folder', ?)");
    insert.bind(new_ulid()).run();
    return copy_property(state, "folder");
}

// The host's name is part of it, as folders are copied and containers are cloned.
std::string SharedState::folder_id() {
    return folder_identity(state_) + "@" + host_name();
}

std::int64_t SharedState::applied() {
    return to_int(copy_property(state_, kApplied)).value_or(0);
}

std::optional<SharedState::Seen> SharedState::read_lease() const {
    // The version first: a lease that changes in between is then found changed when it is swapped.
    const auto info = objects_.head(kLeaseKey);
    Bytes content;
    if (!info || !objects_.get(kLeaseKey, content, kMaxLeaseBytes)) return std::nullopt;
    return Seen{parse_lease(text_of(content)), info->version};
}

std::optional<PublishLease> SharedState::lease() const {
    auto seen = read_lease();
    if (!seen) return std::nullopt;
    return std::move(seen->lease);
}

// False if somebody else changed the lease meanwhile, or if the server did not answer: then whether
// it was changed shows the next time it is read.
bool SharedState::swap_lease(const PublishLease& lease, const std::optional<Seen>& before) {
    PutCondition condition;
    condition.must_be_absent = !before;
    if (before) condition.must_have_version = before->version;
    try {
        objects_.put(kLeaseKey, bytes_of(lease_text(lease)), condition);
        return true;
    } catch (const Error& error) {
        if (error.code != Exit::temporary) throw;
        const auto now = read_lease();
        return now && now->lease.nonce == lease.nonce;
    }
}

bool SharedState::apply_record(std::int64_t number) {
    Bytes content;
    if (!objects_.get(record_key(number), content, kMaxRecordBytes)) return false;
    repeat(number, patch_of(text_of(content), number));
    return true;
}

void SharedState::repeat(std::int64_t number, std::string_view patch) {
    store::Transaction transaction(state_.db());
    if (applied() != number - 1) return;  // another process of this host has been here
    store::apply_patch(state_.db(), patch);
    set_copy_property(state_, kApplied, std::to_string(number));
    transaction.commit();
}

void SharedState::mark_done(std::int64_t number) {
    std::vector<std::string> folders;
    auto open = state_.db().prepare("SELECT folder FROM txn WHERE state = 'committed' AND id <= ?");
    open.bind(number);
    while (open.step()) folders.push_back(open.text(0));
    if (folders.empty()) return;
    store::Transaction transaction(state_.db());
    auto done = state_.db().prepare(
        "UPDATE txn SET state = 'done', done_ms = ? WHERE state = 'committed' AND id <= ?");
    done.bind(now_ms(), number).run();
    state_.db().prepare("DELETE FROM manifest WHERE txn <= ?").bind(number).run();
    transaction.commit();
    // What was staged here for a transaction that another host finished.
    for (const std::string& folder : folders) {
        std::error_code ignored;
        std::filesystem::remove_all(state_.staging() / folder, ignored);
    }
}

// A host that joins, or was away for long.
void SharedState::take_checkpoint(const Checkpoint& checkpoint) {
    if (checkpoint.number - applied() < kCheckpointEvery / 4) return;
    try {
        load_checkpoint(state_, objects_, checkpoint);
    } catch (const Error& error) {
        if (error.code != Exit::bad_input) throw;
        log_debug("{}; repeating the log instead", error.message);
    }
}

bool SharedState::wants_checkpoint(const Checkpoint& last) {
    const std::int64_t since = applied() - last.number;
    if (since < kCheckpointEvery || finished() != applied()) return false;
    std::error_code error;
    const auto bytes = std::filesystem::file_size(state_.db().path(), error);
    return !error && since >= static_cast<std::int64_t>(bytes >> 20);
}

void SharedState::catch_up() {
    const auto seen = read_lease();
    if (seen) take_checkpoint(seen->lease.checkpoint);
    while (apply_record(applied() + 1)) throw_if_cancelled();
    if (seen) mark_done(seen->lease.done);
}

// Up to which transaction all objects are in place, as far as this state knows.
std::int64_t SharedState::finished() {
    auto query = state_.db().prepare("SELECT min(id) - 1 FROM txn WHERE state = 'committed'");
    return query.step() && !query.is_null(0) ? query.integer(0) : applied();
}

void SharedState::acquire(Writer& writer) {
    const std::string folder = folder_id();
    thread_local std::minstd_rand random(std::random_device{}());
    const auto deadline = std::chrono::steady_clock::now() + writer.options().wait;
    lifetime_ms_ = writer.options().lifetime.count();
    for (int attempt = 0;; ++attempt) {
        const auto seen = read_lease();
        // One that this folder holds is left over: its user is dead or has been fenced.
        const bool free = !seen || !seen->lease.held || seen->lease.folder == folder ||
                          seen->lease.expires_ms < now_ms();
        PublishLease ours;
        ours.nonce = new_ulid();
        ours.folder = folder;
        ours.host = host_name();
        ours.pid = ::getpid();
        ours.token = writer.token();
        ours.command = writer.command();
        ours.done = seen ? seen->lease.done : 0;
        if (seen) ours.checkpoint = seen->lease.checkpoint;
        ours.held = true;
        const std::int64_t now = boot_ms();
        ours.expires_ms = now_ms() + lifetime_ms_;
        if (free && swap_lease(ours, seen)) {
            if (seen && seen->lease.held && seen->lease.folder != folder)
                log_warning("{} (process {}) does not answer; its lease is taken over",
                            seen->lease.host, seen->lease.pid);
            const std::lock_guard guard(mutex_);
            held_ = ours;
            renewed_ms_ = now;
            return;
        }
        throw_if_cancelled();
        if (std::chrono::steady_clock::now() >= deadline)
            throw Error{Exit::temporary,
                        fmt::format("{} is publishing", seen ? seen->lease.host : "another host"),
                        "see hls-zarr-update status"};
        writer.renew_if_due();
        const int longest_ms = std::min(20 * (1 + attempt), 400);
        std::this_thread::sleep_for(std::chrono::milliseconds(
            std::uniform_int_distribution<>(longest_ms / 4, longest_ms)(random)));
    }
}

void SharedState::require_held() {
    const std::lock_guard guard(mutex_);
    const auto lost = [] {
        return Error{Exit::temporary, "another host has taken over while this one did not answer",
                     "nothing more of this transaction was written; run it again"};
    };
    if (!held_) throw lost();
    const std::int64_t now = boot_ms();
    if (now - renewed_ms_ < lifetime_ms_ / 3) return;
    // However late it is: as long as nobody else has changed the lease, it is ours.
    const auto seen = read_lease();
    PublishLease renewed = *held_;
    renewed.nonce = new_ulid();
    renewed.expires_ms = now_ms() + lifetime_ms_;
    if (!seen || seen->lease.nonce != held_->nonce || !swap_lease(renewed, seen)) {
        held_.reset();
        throw lost();
    }
    held_ = renewed;
    renewed_ms_ = now;
}

void SharedState::release() noexcept {
    try {
        if (held_ && wants_checkpoint(held_->checkpoint)) {
            require_held();
            held_->checkpoint = write_checkpoint(state_, objects_);
        }
    } catch (const std::exception& error) {
        log_debug("no checkpoint: {}", error.what());
    }
    const std::lock_guard guard(mutex_);
    if (!held_) return;
    try {
        PublishLease free = *held_;
        held_.reset();
        const auto seen = read_lease();
        if (!seen || seen->lease.nonce != free.nonce) return;
        free.nonce = new_ulid();
        free.held = false;
        free.done = finished();
        swap_lease(free, seen);
    } catch (const std::exception& error) {
        log_debug("cannot give the lease back: {}", error.what());
    }
}

bool SharedState::append(std::int64_t number, std::string_view patch) {
    require_held();
    const std::string record = record_text(number, patch);
    PutCondition first;
    first.must_be_absent = true;
    try {
        objects_.put(record_key(number), bytes_of(record), first);
        return true;
    } catch (const Error& error) {
        if (error.code != Exit::temporary) throw;
        // Refused, or an answer got lost: the record tells.
        Bytes content;
        if (!objects_.get(record_key(number), content, kMaxRecordBytes)) throw;
        return text_of(content) == record;
    }
}

}  // namespace hls::zarr
