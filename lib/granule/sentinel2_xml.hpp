// SPDX-License-Identifier: Apache-2.0
// Reading values out of Sentinel-2 XML: every failure names file and element. Internal to granule.
#pragma once

#include <string>
#include <string_view>

#include "xml/element.hpp"

namespace hls::granule {

// "n1:General_Info" -> "General_Info": prefixes differ between product generations.
std::string_view local_name(std::string_view name) noexcept;

// One document, with the element all its values are looked up from.
class Sentinel2Xml {
 public:
    // Throws Error{bad_input} unless the root's local name is `root`.
    Sentinel2Xml(std::string_view text, std::string_view source, std::string_view root);

    const xml::Element& root() const { return root_; }
    const std::string& source() const { return source_; }

    // Element at a path of local names below `from`, nullptr if there is none.
    static const xml::Element* find(const xml::Element& from, std::string_view path) noexcept;
    const xml::Element& element(const xml::Element& from, std::string_view path) const;

    std::string text(const xml::Element& from, std::string_view path) const;
    std::string text_or_empty(const xml::Element& from, std::string_view path) const;
    double number(const xml::Element& from, std::string_view path, double low, double high) const;
    int integer(const xml::Element& from, std::string_view path, int low, int high) const;
    // Of an attribute.
    int integer_attribute(const xml::Element& from, std::string_view name, int low, int high) const;

    [[noreturn]] void fail(std::string_view what) const;

 private:
    std::string source_;
    xml::Element root_;
};

}  // namespace hls::granule
