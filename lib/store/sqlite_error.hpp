// SPDX-License-Identifier: Apache-2.0
// SQLite's result codes as exit codes of the kit.
#pragma once

#include <string>

struct sqlite3;

namespace hls::store {

// Throws the Error of the last failure of `database`. `code` is its (extended) result code.
[[noreturn]] void throw_sqlite_error(sqlite3* database, int code, const std::string& file);

}  // namespace hls::store
