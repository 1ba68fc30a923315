// SPDX-License-Identifier: Apache-2.0
#include "granule/sentinel2_xml.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::granule {
namespace {

constexpr std::string_view kHint = "fetch the product again, or check that it is Level-1C";

}  // namespace

std::string_view local_name(std::string_view name) noexcept {
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

Sentinel2Xml::Sentinel2Xml(std::string_view text, std::string_view source, std::string_view root)
    : source_(source), root_(xml::parse(text, source)) {
    if (local_name(root_.name) != root)
        fail(fmt::format("root element is {}, not {}", root_.name, root));
}

const xml::Element* Sentinel2Xml::find(const xml::Element& from, std::string_view path) noexcept {
    const xml::Element* at = &from;
    while (at != nullptr && !path.empty()) {
        const auto slash = path.find('/');
        const auto name = path.substr(0, slash);
        const auto found =
            std::find_if(at->children.begin(), at->children.end(),
                         [&](const xml::Element& e) { return local_name(e.name) == name; });
        at = found == at->children.end() ? nullptr : &*found;
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    }
    return at;
}

const xml::Element& Sentinel2Xml::element(const xml::Element& from, std::string_view path) const {
    if (const auto* found = find(from, path)) return *found;
    fail(fmt::format("element {} is missing", path));
}

std::string Sentinel2Xml::text(const xml::Element& from, std::string_view path) const {
    const auto& found = element(from, path);
    if (found.text.empty()) fail(fmt::format("element {} is empty", path));
    return found.text;
}

std::string Sentinel2Xml::text_or_empty(const xml::Element& from, std::string_view path) const {
    const auto* found = find(from, path);
    return found ? found->text : std::string();
}

double Sentinel2Xml::number(const xml::Element& from, std::string_view path, double low,
                            double high) const {
    const auto written = text(from, path);
    const auto value = to_double(written);
    if (!value || *value < low || *value > high)
        fail(fmt::format("{} = {} is not a number of {}..{}", path, written, low, high));
    return *value;
}

int Sentinel2Xml::integer(const xml::Element& from, std::string_view path, int low,
                          int high) const {
    const auto written = text(from, path);
    const auto value = to_int(written);
    if (!value || *value < low || *value > high)
        fail(fmt::format("{} = {} is not an integer of {}..{}", path, written, low, high));
    return static_cast<int>(*value);
}

int Sentinel2Xml::integer_attribute(const xml::Element& from, std::string_view name, int low,
                                    int high) const {
    const auto written = from.attribute(name);
    const auto value = written ? to_int(*written) : std::nullopt;
    if (!value || *value < low || *value > high)
        fail(fmt::format("attribute {} of {} is not an integer of {}..{}: '{}'", name, from.name,
                         low, high, written.value_or("")));
    return static_cast<int>(*value);
}

void Sentinel2Xml::fail(std::string_view what) const {
    throw Error{Exit::bad_input, fmt::format("{}: {}", source_, what), std::string(kHint)};
}

}  // namespace hls::granule
