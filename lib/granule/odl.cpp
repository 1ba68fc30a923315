// SPDX-License-Identifier: Apache-2.0
#include "granule/odl.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::granule {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxDepth = 16;

bool is_key(std::string_view text) {
    const auto is_key_char = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '^' || c == ':';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), is_key_char);
}

class OdlReader {
 public:
    OdlReader(std::string_view text, std::string_view source) : rest_(text), source_(source) {}

    std::vector<OdlEntry> read() {
        while (!rest_.empty()) {
            const std::string_view line = next_line();
            if (line.empty() || line.starts_with("/*")) continue;
            if (line == "END") break;
            take_statement(line);
        }
        if (!groups_.empty())
            fail(fmt::format("group {} is not closed, the file is cut", groups_.back()));
        return std::move(entries_);
    }

 private:
    [[noreturn]] void fail(std::string_view what) const {
        throw Error{Exit::bad_input, fmt::format("{}: line {}: {}", source_, line_number_, what)};
    }

    std::string_view next_line() {
        const auto end = rest_.find('\n');
        const auto line = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        ++line_number_;
        return trim(line);
    }

    void take_statement(std::string_view line) {
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) fail("not of the form KEY = VALUE");
        const auto key = trim(line.substr(0, equals));
        const auto value = trim(line.substr(equals + 1));
        if (!is_key(key)) fail("not a key before '='");
        if (key == "GROUP" || key == "OBJECT")
            open_group(value);
        else if (key == "END_GROUP" || key == "END_OBJECT")
            close_group(value);
        else
            entries_.push_back({group_path(), std::string(key), take_value(value)});
    }

    void open_group(std::string_view name) {
        if (!is_key(name)) fail("group without a name");
        if (groups_.size() >= kMaxDepth) fail("groups nested too deeply");
        groups_.emplace_back(name);
    }

    void close_group(std::string_view name) {
        if (groups_.empty() || groups_.back() != name)
            fail(fmt::format("END_GROUP = {} closes no such group", name));
        groups_.pop_back();
    }

    // A list may go on over lines until its parentheses are closed.
    std::string take_value(std::string_view first) {
        std::string value(first);
        while (value.starts_with('(') && !value.ends_with(')')) {
            if (rest_.empty()) fail("list without an end");
            value += ' ';
            value += next_line();
        }
        if (!value.starts_with('"')) return value;
        if (value.size() < 2 || !value.ends_with('"')) fail("text without a closing quote");
        return value.substr(1, value.size() - 2);
    }

    std::string group_path() const { return fmt::format("{}", fmt::join(groups_, "/")); }

    std::string_view rest_;
    std::string_view source_;
    int line_number_ = 0;
    std::vector<std::string> groups_;
    std::vector<OdlEntry> entries_;
};

}  // namespace

std::vector<OdlEntry> parse_odl(std::string_view text, std::string_view source) {
    if (text.size() > kMaxBytes)
        throw Error{Exit::bad_input,
                    fmt::format("{}: {} bytes are no metadata file", source, text.size())};
    return OdlReader(text, source).read();
}

}  // namespace hls::granule
