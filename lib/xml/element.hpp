// SPDX-License-Identifier: Apache-2.0
// Small XML documents (product metadata) as a tree of elements.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hls::xml {

struct Element {
    std::string name;  // with its prefix, as written: "n1:General_Info"
    std::vector<std::pair<std::string, std::string>> attributes;
    std::string text;  // its own character data, trimmed
    std::vector<Element> children;

    // First child of that name, nullptr if there is none.
    const Element* child(std::string_view child_name) const noexcept;
    // Element at a path of child names ("IMAGE_ATTRIBUTES/SUN_ELEVATION"), nullptr if there is
    // none.
    const Element* find(std::string_view path) const noexcept;
    std::optional<std::string_view> attribute(std::string_view attribute_name) const noexcept;
};

// What a document may cost. Metadata of Level-1 products stay far below.
struct Limits {
    std::size_t bytes = std::size_t{64} << 20;
    std::size_t elements = 2'000'000;
    int depth = 64;
};

// The root element. `source` names the document in errors. Throws Error{bad_input} for text that is
// not well-formed, exceeds a limit or has a DOCTYPE (product metadata have none; refusing it keeps
// entity expansion and outside references away).
Element parse(std::string_view text, std::string_view source, const Limits& limits = {});

}  // namespace hls::xml
