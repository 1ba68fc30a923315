// SPDX-License-Identifier: Apache-2.0
#include "pattern/pattern.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <new>

#include "core/error.hpp"

namespace hls::pattern {
namespace {

struct CodeDeleter {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct MatchDataDeleter {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct MatchContextDeleter {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

struct Group {
    std::string name;
    std::uint32_t number;
};

std::string message_of(int error) {
    PCRE2_UCHAR text[256] = {};
    pcre2_get_error_message(error, text, sizeof text);
    return reinterpret_cast<const char*>(text);
}

// Each entry of the name table is the group's number in two bytes, high one first, and its name.
std::vector<Group> groups_of(const pcre2_code* code) {
    std::uint32_t count = 0;
    std::uint32_t entry_bytes = 0;
    PCRE2_SPTR table = nullptr;
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &entry_bytes);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
    std::vector<Group> groups;
    for (std::uint32_t i = 0; i < count; ++i) {
        const PCRE2_SPTR entry = table + std::size_t{i} * entry_bytes;
        const auto number = static_cast<std::uint32_t>(entry[0] << 8 | entry[1]);
        groups.push_back({reinterpret_cast<const char*>(entry + 2), number});
    }
    return groups;
}

}  // namespace

struct Pattern::Compiled {
    std::unique_ptr<pcre2_code, CodeDeleter> code;
    std::unique_ptr<pcre2_match_context, MatchContextDeleter> context;
    std::vector<Group> groups;
};

Pattern::Pattern(std::string text, Limits limits) : text_(std::move(text)) {
    auto compiled = std::make_shared<Compiled>();
    int error = 0;
    PCRE2_SIZE place = 0;
    // Alternatives of one name, (?|...) apart, are common: "(?<time>\d{8})|(?<time>\d{14})".
    compiled->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text_.data()), text_.size(),
                                       PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C, &error, &place,
                                       nullptr));
    if (!compiled->code)
        throw Error{Exit::usage, fmt::format("pattern '{}' is wrong at character {}: {}", text_,
                                             place + 1, message_of(error))};
    compiled->context.reset(pcre2_match_context_create(nullptr));
    if (!compiled->context) throw std::bad_alloc();
    pcre2_set_match_limit(compiled->context.get(), limits.steps);
    pcre2_set_depth_limit(compiled->context.get(), limits.depth);
    pcre2_set_heap_limit(compiled->context.get(), limits.heap_kib);
    compiled->groups = groups_of(compiled->code.get());
    for (const Group& group : compiled->groups) names_.push_back(group.name);
    compiled_ = std::move(compiled);
    std::ranges::sort(names_);
    names_.erase(std::ranges::unique(names_).begin(), names_.end());
}

std::optional<Captures> Pattern::match(std::string_view subject) const {
    const std::unique_ptr<pcre2_match_data, MatchDataDeleter> data(
        pcre2_match_data_create_from_pattern(compiled_->code.get(), nullptr));
    if (!data) throw std::bad_alloc();
    // PCRE2 takes no null pointer, not even for an empty text.
    const char* start = subject.empty() ? "" : subject.data();
    const int result = pcre2_match(compiled_->code.get(), reinterpret_cast<PCRE2_SPTR>(start),
                                   subject.size(), 0, 0, data.get(), compiled_->context.get());
    if (result == PCRE2_ERROR_NOMATCH) return std::nullopt;
    if (result < 0)
        throw Error{Exit::bad_input,
                    fmt::format("pattern '{}' gave up: {}", text_, message_of(result)),
                    "nested repeats such as (a+)+ take exponential time; write it more plainly"};
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data.get());
    Captures captures;
    for (const Group& group : compiled_->groups) {
        const PCRE2_SIZE first = ends[2 * group.number];
        const PCRE2_SIZE end = ends[2 * group.number + 1];
        // \K inside a look-ahead can make a group end before it starts.
        if (first == PCRE2_UNSET || end < first) continue;
        captures[group.name] = subject.substr(first, end - first);
    }
    return captures;
}

}  // namespace hls::pattern
