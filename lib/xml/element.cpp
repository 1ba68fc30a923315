// SPDX-License-Identifier: Apache-2.0
#include "xml/element.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <memory>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::xml {
namespace {

// Builds the tree while expat reports. No exception may cross expat's C frames: failures are kept
// here and the parser is stopped.
class Builder {
 public:
    Builder(XML_Parser parser, const Limits& limits) : parser_(parser), limits_(limits) {}

    void start(const char* name, const char** attributes) {
        if (static_cast<int>(open_.size()) >= limits_.depth) return stop("nested too deeply");
        if (++elements_ > limits_.elements) return stop("too many elements");
        Element element;
        element.name = name;
        for (; attributes[0] != nullptr; attributes += 2)
            element.attributes.emplace_back(attributes[0], attributes[1]);
        open_.push_back(std::move(element));
    }

    void end() {
        Element done = std::move(open_.back());
        open_.pop_back();
        done.text = std::string(trim(done.text));
        if (open_.empty())
            root_ = std::move(done);
        else
            open_.back().children.push_back(std::move(done));
    }

    void characters(const char* text, int length) {
        if (!open_.empty()) open_.back().text.append(text, static_cast<std::size_t>(length));
    }

    void stop(std::string_view reason) {
        reason_ = reason;
        XML_StopParser(parser_, XML_FALSE);
    }

    template <typename Body>
    void guarded(Body body) noexcept {
        try {
            body();
        } catch (...) {
            failure_ = std::current_exception();
            XML_StopParser(parser_, XML_FALSE);
        }
    }

    std::exception_ptr failure() const { return failure_; }
    std::string_view reason() const { return reason_; }
    Element take_root() { return std::move(root_); }

 private:
    XML_Parser parser_;
    Limits limits_;
    std::vector<Element> open_;
    Element root_;
    std::size_t elements_ = 0;
    std::string_view reason_;
    std::exception_ptr failure_;
};

Builder& builder(void* user) {
    return *static_cast<Builder*>(user);
}

void XMLCALL on_start(void* user, const char* name, const char** attributes) {
    builder(user).guarded([&] { builder(user).start(name, attributes); });
}
void XMLCALL on_end(void* user, const char*) {
    builder(user).guarded([&] { builder(user).end(); });
}
void XMLCALL on_characters(void* user, const char* text, int length) {
    builder(user).guarded([&] { builder(user).characters(text, length); });
}
void XMLCALL on_doctype(void* user, const char*, const char*, const char*, int) {
    builder(user).stop("a DOCTYPE is not allowed");
}

}  // namespace

const Element* Element::child(std::string_view child_name) const noexcept {
    const auto found = std::find_if(children.begin(), children.end(),
                                    [&](const Element& e) { return e.name == child_name; });
    return found == children.end() ? nullptr : &*found;
}

const Element* Element::find(std::string_view path) const noexcept {
    const Element* at = this;
    while (at != nullptr && !path.empty()) {
        const auto slash = path.find('/');
        at = at->child(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    }
    return at;
}

std::optional<std::string_view> Element::attribute(std::string_view attribute_name) const noexcept {
    for (const auto& [name_, value] : attributes)
        if (name_ == attribute_name) return value;
    return std::nullopt;
}

Element parse(std::string_view text, std::string_view source, const Limits& limits) {
    if (text.size() > limits.bytes)
        throw Error{Exit::bad_input, fmt::format("{}: XML of {} bytes, at most {} are read", source,
                                                 text.size(), limits.bytes)};
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
        XML_ParserCreate(nullptr), &XML_ParserFree);
    if (!parser) throw Error{Exit::resource, "no memory for an XML parser"};
    Builder tree(parser.get(), limits);
    XML_SetUserData(parser.get(), &tree);
    XML_SetElementHandler(parser.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser.get(), on_characters);
    XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);

    const auto status =
        XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
    if (tree.failure()) std::rethrow_exception(tree.failure());
    if (status != XML_STATUS_OK || !tree.reason().empty()) {
        const std::string_view reason =
            tree.reason().empty() ? XML_ErrorString(XML_GetErrorCode(parser.get())) : tree.reason();
        throw Error{Exit::bad_input, fmt::format("{}: XML line {}: {}", source,
                                                 XML_GetCurrentLineNumber(parser.get()), reason)};
    }
    return tree.take_root();
}

}  // namespace hls::xml
