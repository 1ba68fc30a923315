// SPDX-License-Identifier: Apache-2.0
// The session extension is declared only on request.
#define SQLITE_ENABLE_SESSION
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include "store/change_recorder.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <limits>
#include <memory>

#include "core/error.hpp"
#include "store/sqlite_error.hpp"

namespace hls::store {
namespace {

void check(Connection& connection, int code) {
    if (code != SQLITE_OK)
        throw_sqlite_error(connection.handle(), code, connection.path().string());
}

int on_conflict(void*, int conflict, sqlite3_changeset_iter* row) {
    const char* table = nullptr;
    int columns = 0;
    int operation = 0;
    sqlite3changeset_op(row, &table, &columns, &operation, nullptr);
    if (conflict == SQLITE_CHANGESET_DATA || conflict == SQLITE_CHANGESET_CONFLICT)
        return SQLITE_CHANGESET_REPLACE;
    if (conflict == SQLITE_CHANGESET_NOTFOUND && operation == SQLITE_DELETE)
        return SQLITE_CHANGESET_OMIT;
    return SQLITE_CHANGESET_ABORT;
}

}  // namespace

ChangeRecorder::ChangeRecorder(Connection& connection, std::span<const std::string_view> tables)
    : connection_(connection) {
    check(connection_, sqlite3session_create(connection_.handle(), "main", &session_));
    for (const std::string_view table : tables) {
        const int code = sqlite3session_attach(session_, std::string(table).c_str());
        if (code == SQLITE_OK) continue;
        sqlite3session_delete(session_);
        check(connection_, code);
    }
}

ChangeRecorder::~ChangeRecorder() {
    sqlite3session_delete(session_);
}

std::string ChangeRecorder::patch() const {
    int bytes = 0;
    void* data = nullptr;
    check(connection_, sqlite3session_patchset(session_, &bytes, &data));
    const std::unique_ptr<void, decltype(&sqlite3_free)> owner(data, sqlite3_free);
    return {static_cast<const char*>(data), static_cast<std::size_t>(bytes)};
}

void apply_patch(Connection& connection, std::string_view patch) {
    if (patch.empty()) return;
    if (patch.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        throw Error{Exit::bad_input, "a patch of more than 2 GB"};
    // The interface takes bytes that it does not change as if it did.
    auto* data = const_cast<char*>(patch.data());
    const int code = sqlite3changeset_apply(connection.handle(), static_cast<int>(patch.size()),
                                            data, nullptr, on_conflict, nullptr);
    if (code == SQLITE_ABORT || code == SQLITE_CORRUPT)
        throw Error{Exit::bad_input, fmt::format("changes of another copy do not fit {}",
                                                 connection.path().string())};
    check(connection, code);
}

}  // namespace hls::store
