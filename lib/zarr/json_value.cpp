// SPDX-License-Identifier: Apache-2.0
#include "zarr/json_value.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.hpp"

namespace hls::zarr {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxText = std::size_t{64} << 20;

// Takes the parser's events. A list or object under construction lies on `open_`, its member's name
// on `names_`: no recursion, whatever the input.
class Builder {
 public:
    bool null() { return add(nullptr); }
    bool boolean(bool truth) { return add(truth); }
    bool number_integer(std::int64_t number) { return add(number); }
    bool number_unsigned(std::uint64_t number) { return add(number); }
    bool number_float(double number, const std::string& text) {
        if (!std::isfinite(number)) return fail(fmt::format("number {} is too large", text));
        return add(number);
    }
    bool string(std::string& text) { return add(std::move(text)); }
    bool binary(std::vector<std::uint8_t>&) { return fail("binary data"); }
    bool start_object(std::size_t) { return open(JsonObject{}); }
    bool end_object() { return close(); }
    bool start_array(std::size_t) { return open(JsonArray{}); }
    bool end_array() { return close(); }
    bool key(std::string& name) {
        if (std::get<JsonObject>(open_.back().value).contains(name))
            return fail(fmt::format("member \"{}\" is given twice", name));
        names_.push_back(std::move(name));
        return true;
    }
    bool parse_error(std::size_t position, const std::string& token,
                     const nlohmann::json::exception&) {
        return fail(fmt::format("not JSON at byte {}, near \"{}\"", position, token));
    }

    const std::string& problem() const { return problem_; }
    JsonValue take() { return std::move(result_); }

 private:
    bool open(JsonValue value) {
        if (open_.size() >= kMaxDepth) return fail("nested too deeply");
        open_.push_back(std::move(value));
        return true;
    }
    bool close() {
        JsonValue done = std::move(open_.back());
        open_.pop_back();
        return add(std::move(done));
    }
    bool add(JsonValue value) {
        if (open_.empty()) {
            result_ = std::move(value);
        } else if (auto* list = std::get_if<JsonArray>(&open_.back().value)) {
            list->push_back(std::move(value));
        } else {
            std::get<JsonObject>(open_.back().value)
                .emplace(std::move(names_.back()), std::move(value));
            names_.pop_back();
        }
        return true;
    }
    bool fail(std::string problem) {
        problem_ = std::move(problem);
        return false;
    }

    std::vector<JsonValue> open_;
    std::vector<std::string> names_;
    JsonValue result_;
    std::string problem_;
};

// The code point at `at`, which moves behind it; nullopt for a byte that begins none.
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) {
    constexpr std::array<char32_t, 4> kLeast{0, 0x80, 0x800, 0x10000};
    const unsigned lead = static_cast<unsigned char>(text[at++]);
    const std::size_t more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    if ((lead >= 0x80 && lead < 0xC0) || lead > 0xF4 || more > text.size() - at)
        return std::nullopt;
    char32_t code = more == 0 ? lead : lead & (0x3Fu >> more);
    for (std::size_t i = 0; i < more; ++i) {
        const unsigned byte = static_cast<unsigned char>(text[at + i]);
        if ((byte & 0xC0) != 0x80) return std::nullopt;
        code = (code << 6) | (byte & 0x3Fu);
    }
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    if (code < kLeast[more] || surrogate || code > 0x10FFFF) return std::nullopt;
    at += more;
    return code;
}

void append_text(std::string& out, std::string_view text) {
    const auto to = std::back_inserter(out);
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        constexpr char32_t kReplacement = 0xFFFD;  // for names of files in no known encoding
        const char32_t code = next_code_point(text, at).value_or(kReplacement);
        const auto unit = static_cast<std::uint32_t>(code);
        if (unit == '"' || unit == '\\')
            fmt::format_to(to, "\\{}", static_cast<char>(unit));
        else if (unit == '\n')
            out += "\\n";
        else if (unit == '\t')
            out += "\\t";
        else if (unit >= 0x20 && unit < 0x7F)
            out += static_cast<char>(unit);
        else if (unit < 0x10000)
            fmt::format_to(to, "\\u{:04x}", unit);
        else
            fmt::format_to(to, "\\u{:04x}\\u{:04x}", 0xD800 + ((unit - 0x10000) >> 10),
                           0xDC00 + ((unit - 0x10000) & 0x3FF));
    }
    out += '"';
}

void append_number(std::string& out, double number) {
    if (!std::isfinite(number))
        throw Error{Exit::internal, "a number that is not finite has no JSON form"};
    const std::string text = fmt::format("{}", number);
    out += text;
    // It must read back as a floating-point number.
    if (text.find_first_of(".e") == std::string::npos) out += ".0";
}

class Writer {
 public:
    Writer(std::string& out, JsonLayout layout) : out_(out), layout_(layout) {}

    void write(const JsonValue& value, std::size_t depth) {
        std::visit([&](const auto& content) { write_content(content, depth); }, value.value);
    }

 private:
    void write_content(std::nullptr_t, std::size_t) { out_ += "null"; }
    void write_content(bool truth, std::size_t) { out_ += truth ? "true" : "false"; }
    void write_content(std::int64_t number, std::size_t) { out_ += fmt::format("{}", number); }
    void write_content(std::uint64_t number, std::size_t) { out_ += fmt::format("{}", number); }
    void write_content(double number, std::size_t) { append_number(out_, number); }
    void write_content(const std::string& text, std::size_t) { append_text(out_, text); }
    void write_content(const JsonArray& list, std::size_t depth) {
        out_ += '[';
        bool first = true;
        for (const auto& item : list) {
            separate(first, depth + 1);
            write(item, depth + 1);
        }
        finish(first, depth, ']');
    }
    void write_content(const JsonObject& object, std::size_t depth) {
        out_ += '{';
        bool first = true;
        for (const auto& [name, item] : object) {
            separate(first, depth + 1);
            append_text(out_, name);
            out_ += layout_ == JsonLayout::indented ? ": " : ":";
            write(item, depth + 1);
        }
        finish(first, depth, '}');
    }
    void separate(bool& first, std::size_t depth) {
        if (!first) out_ += ',';
        first = false;
        new_line(depth);
    }
    void finish(bool empty, std::size_t depth, char bracket) {
        if (!empty) new_line(depth);
        out_ += bracket;
    }
    void new_line(std::size_t depth) {
        if (layout_ == JsonLayout::compact) return;
        out_ += '\n';
        out_.append(depth * 2, ' ');
    }

    std::string& out_;
    JsonLayout layout_;
};

}  // namespace

JsonValue::JsonValue(std::uint64_t number) {
    if (number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        value = static_cast<std::int64_t>(number);
    else
        value = number;
}

const JsonValue* member(const JsonObject& object, std::string_view name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &found->second;
}

const JsonValue* member(const JsonValue& value, std::string_view name) {
    const auto* object = value.get<JsonObject>();
    return object == nullptr ? nullptr : member(*object, name);
}

double number_of(const JsonValue& value, std::string_view what) {
    if (const auto* number = value.get<double>()) return *number;
    if (const auto* number = value.get<std::int64_t>()) return static_cast<double>(*number);
    if (const auto* number = value.get<std::uint64_t>()) return static_cast<double>(*number);
    throw Error{Exit::bad_input, fmt::format("{} is not a number", what)};
}

JsonValue parse_json(std::string_view text, std::string_view what) {
    if (text.size() > kMaxText)
        throw Error{Exit::bad_input,
                    fmt::format("{}: {} bytes of JSON are too many", what, text.size())};
    Builder builder;
    const bool parsed = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
    if (!parsed) throw Error{Exit::bad_input, fmt::format("{}: {}", what, builder.problem())};
    return builder.take();
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();)
        if (!next_code_point(text, at)) return false;
    return true;
}

std::string format_json(const JsonValue& value, JsonLayout layout) {
    std::string out;
    Writer(out, layout).write(value, 0);
    if (layout == JsonLayout::indented) out += '\n';
    return out;
}

}  // namespace hls::zarr
