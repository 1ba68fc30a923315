// SPDX-License-Identifier: Apache-2.0
#include "store/statement.hpp"

#include <sqlite3.h>

#include <utility>

#include "store/sqlite_error.hpp"

namespace hls::store {

Statement::Statement(sqlite3* database, std::string_view sql, std::string file)
    : database_(database), file_(std::move(file)) {
    check(sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                             SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      file_(std::move(other.file_)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(database_, other.database_);
    std::swap(statement_, other.statement_);
    std::swap(file_, other.file_);
    return *this;
}

void Statement::check(int code) const {
    if (code != SQLITE_OK) throw_sqlite_error(database_, code, file_);
}

void Statement::bind_at(int position, std::string_view value) {
    // An empty view may have no address, which SQLite would take for null.
    const char* data = value.data() == nullptr ? "" : value.data();
    check(sqlite3_bind_text64(statement_, position, data, value.size(), SQLITE_TRANSIENT,
                              SQLITE_UTF8));
}

void Statement::bind_at(int position, double value) {
    check(sqlite3_bind_double(statement_, position, value));
}

void Statement::bind_at(int position, std::nullopt_t) {
    check(sqlite3_bind_null(statement_, position));
}

void Statement::bind_integer(int position, std::int64_t value) {
    check(sqlite3_bind_int64(statement_, position, value));
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    sqlite3_reset(statement_);
    throw_sqlite_error(database_, sqlite3_extended_errcode(database_), file_);
}

void Statement::run() {
    while (step()) {
    }
    reset();
}

void Statement::reset() noexcept {
    sqlite3_reset(statement_);  // repeats the error of step(), which was thrown already
}

bool Statement::is_null(int column) const noexcept {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const noexcept {
    return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const noexcept {
    return sqlite3_column_double(statement_, column);
}

std::string_view Statement::view(int column) const noexcept {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (text == nullptr) return {};
    return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string Statement::text(int column) const {
    return std::string(view(column));
}

std::optional<std::int64_t> Statement::maybe_integer(int column) const noexcept {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<double> Statement::maybe_real(int column) const noexcept {
    return is_null(column) ? std::nullopt : std::optional(real(column));
}

std::optional<std::string> Statement::maybe_text(int column) const {
    return is_null(column) ? std::nullopt : std::optional(text(column));
}

int Statement::columns() const noexcept {
    return sqlite3_column_count(statement_);
}

std::string Statement::column_name(int column) const {
    return sqlite3_column_name(statement_, column);
}

}  // namespace hls::store
