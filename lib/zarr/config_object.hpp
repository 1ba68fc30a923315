// SPDX-License-Identifier: Apache-2.0
// Members of a configuration's object, taken one by one: a wrong kind, a missing member and one
// that nobody asked for are usage errors that name their place.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "zarr/json_value.hpp"

namespace hls::zarr {

class ConfigObject {
 public:
    // `place` is where the object lies: "hls.json" or "hls.json: dims.time". Throws Error{usage} if
    // `value` is no object. The value must outlive this reader.
    ConfigObject(const JsonValue& value, std::string place);

    const JsonValue* find(std::string_view name);
    const JsonValue& require(std::string_view name);
    ConfigObject object(std::string_view name);

    std::string text(std::string_view name);
    std::string text_or(std::string_view name, std::string fallback);
    bool flag_or(std::string_view name, bool fallback);
    std::optional<double> number(std::string_view name);
    // A whole number from 1 on.
    std::uint64_t count_or(std::string_view name, std::uint64_t fallback);
    // A text or a list of texts.
    std::optional<std::vector<std::string>> texts(std::string_view name);
    // A count, or text as in "2GB" (powers of 1000; KiB, MiB, GiB of 1024).
    std::uint64_t bytes_or(std::string_view name, std::uint64_t fallback);

    // Index into `words`; `fallback` if the member is absent.
    std::size_t word_or(std::string_view name, const std::vector<std::string_view>& words,
                        std::size_t fallback);

    std::vector<std::string> names() const;
    std::string place(std::string_view name) const;
    [[noreturn]] void fail(std::string_view name, const std::string& problem) const;
    // Throws Error{usage} for members that were not asked for.
    void finish() const;

 private:
    const JsonObject* object_;
    std::string place_;
    std::set<std::string, std::less<>> asked_;
};

}  // namespace hls::zarr
