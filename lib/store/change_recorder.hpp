// SPDX-License-Identifier: Apache-2.0
// What a transaction changes, recorded row by row, so that another copy of the database can be
// changed alike (SQLite's session extension).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "store/connection.hpp"

struct sqlite3_session;

namespace hls::store {

class ChangeRecorder {
 public:
    // Records inserts, updates and deletions in `tables`, each of which has a declared primary key,
    // from here on. The connection must outlive the recorder.
    ChangeRecorder(Connection& connection, std::span<const std::string_view> tables);
    ~ChangeRecorder();
    ChangeRecorder(const ChangeRecorder&) = delete;
    ChangeRecorder& operator=(const ChangeRecorder&) = delete;

    // The changes so far, as bytes that any host reads; empty if there are none.
    std::string patch() const;

 private:
    Connection& connection_;
    sqlite3_session* session_ = nullptr;
};

// Repeats recorded changes, inside a transaction of the caller. A row that is there already is
// replaced. Throws Error{bad_input} for bytes that are no patch or a row to be changed that is not
// there.
void apply_patch(Connection& connection, std::string_view patch);

}  // namespace hls::store
