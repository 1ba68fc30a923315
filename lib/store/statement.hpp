// SPDX-License-Identifier: Apache-2.0
// One prepared SQL statement: values go in by position, rows come out column by column.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace hls::store {

// Null is std::nullopt. Positions of values count from 1 as in SQL, columns from 0.
class Statement {
 public:
    Statement(sqlite3* database, std::string_view sql, std::string file);
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;

    // bind(a, b, c) sets values 1, 2, 3 and leaves the others as they are.
    template <typename... Values>
    Statement& bind(const Values&... values) {
        int position = 0;
        (bind_at(++position, values), ...);
        return *this;
    }
    void bind_at(int position, std::string_view value);
    void bind_at(int position, double value);
    void bind_at(int position, std::nullopt_t);
    template <std::integral T>
    void bind_at(int position, T value) {
        bind_integer(position, static_cast<std::int64_t>(value));
    }
    template <typename T>
    void bind_at(int position, const std::optional<T>& value) {
        if (value)
            bind_at(position, *value);
        else
            bind_at(position, std::nullopt);
    }
    void bind_at(int position, const char* value) { bind_at(position, std::string_view(value)); }

    // Moves to the next row; false after the last. Throws Error as Connection says.
    bool step();
    // Runs a statement that answers nothing, and makes it ready for the next values.
    void run();
    // Ready for the next values; those bound stay until replaced.
    void reset() noexcept;

    bool is_null(int column) const noexcept;
    std::int64_t integer(int column) const noexcept;
    double real(int column) const noexcept;
    std::string text(int column) const;  // "" for null
    // Valid until the next step() or reset().
    std::string_view view(int column) const noexcept;
    std::optional<std::int64_t> maybe_integer(int column) const noexcept;
    std::optional<double> maybe_real(int column) const noexcept;
    std::optional<std::string> maybe_text(int column) const;
    int columns() const noexcept;
    std::string column_name(int column) const;

 private:
    void bind_integer(int position, std::int64_t value);
    void check(int code) const;

    sqlite3* database_ = nullptr;
    sqlite3_stmt* statement_ = nullptr;
    std::string file_;
};

}  // namespace hls::store
