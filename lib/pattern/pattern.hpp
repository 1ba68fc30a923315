// SPDX-License-Identifier: Apache-2.0
// Patterns that users write: Perl-compatible, with named captures and a limit on the work of a
// match.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hls::pattern {

// Text of the named groups that took part in a match.
using Captures = std::map<std::string, std::string, std::less<>>;

// A pattern such as (a+)+$ needs exponential time on some texts. One match may take as many steps
// as this, some milliseconds; a sane pattern on an object key takes a few hundred.
struct Limits {
    std::uint32_t steps = 200'000;
    std::uint32_t depth = 2'000;
    std::uint32_t heap_kib = 4'096;
};

// Immutable once made, cheap to copy; may be used by several threads at once.
class Pattern {
 public:
    // Throws Error{usage} with the place of the mistake.
    explicit Pattern(std::string text, Limits limits = {});

    // Searches anywhere in `subject` unless the pattern is anchored. Groups that took no part in
    // the match are absent from the answer. Throws Error{bad_input} if the limits are reached.
    std::optional<Captures> match(std::string_view subject) const;

    const std::string& text() const { return text_; }
    // Names of its groups, sorted.
    const std::vector<std::string>& names() const { return names_; }

 private:
    struct Compiled;
    std::string text_;
    std::vector<std::string> names_;
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace hls::pattern
