// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <string_view>

#include "core/cancel.hpp"
#include "core/error.hpp"

namespace hls::store {
namespace {

struct Meaning {
    Exit code;
    std::string_view text;
    std::string_view hint;
};

Meaning meaning_of(int code) {
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {Exit::temporary, "locked by another process", "try again, or wait longer"};
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return {Exit::permission, "may not be written", "check its owner and mode"};
        case SQLITE_CANTOPEN:
            return {Exit::missing_input, "cannot be opened", ""};
        case SQLITE_NOTADB:
            return {Exit::bad_input, "is not a database", ""};
        case SQLITE_CORRUPT:
            return {Exit::bad_input, "is damaged", "restore it from a copy"};
        case SQLITE_FULL:
            return {Exit::io_error, "disk full", ""};
        case SQLITE_IOERR:
            return {Exit::io_error, "reading or writing failed", ""};
        case SQLITE_NOMEM:
            return {Exit::resource, "out of memory", ""};
        default:
            return {Exit::internal, "SQL failed", ""};
    }
}

}  // namespace

void throw_sqlite_error(sqlite3* database, int code, const std::string& file) {
    // The wait for a lock ends early when the program is to stop.
    if ((code & 0xff) == SQLITE_BUSY) throw_if_cancelled();
    const Meaning meaning = meaning_of(code);
    std::string message = fmt::format("{}: {}", file, meaning.text);
    if (meaning.code == Exit::internal || meaning.code == Exit::io_error)
        message += fmt::format(
            ": {}", database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code));
    throw Error{meaning.code, std::move(message), std::string(meaning.hint)};
}

}  // namespace hls::store
