// SPDX-License-Identifier: Apache-2.0
#include "zarr/object_event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "zarr/json_value.hpp"
#include "zarr/object_store.hpp"

namespace hls::zarr {
namespace {

// SNS in SQS in EventBridge is the deepest nesting that occurs.
constexpr int kMaxWrappers = 6;

ObjectEvent rejected(std::string problem, std::string key = {}) {
    ObjectEvent event;
    event.key = std::move(key);
    event.problem = std::move(problem);
    return event;
}

std::string text_of(const JsonValue* value) {
    const auto* text = value == nullptr ? nullptr : value->get<std::string>();
    return text == nullptr ? std::string() : *text;
}

const JsonValue* path(const JsonValue& value, std::initializer_list<std::string_view> names) {
    const JsonValue* place = &value;
    for (const auto name : names)
        if (place != nullptr) place = member(*place, name);
    return place;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const int lower = std::tolower(static_cast<unsigned char>(c));
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// application/x-www-form-urlencoded; nullopt if a % is not followed by two hexadecimal digits.
std::optional<std::string> form_decode(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

// "ObjectCreated:Put", with or without "s3:" in front. An object that expires is removed; one that
// is restored, tagged, replicated or moved to another storage class has not changed.
EventKind kind_of_s3(std::string_view name) {
    if (name.starts_with("s3:")) name.remove_prefix(3);
    if (name.starts_with("ObjectCreated:")) return EventKind::changed;
    if (name.starts_with("ObjectRemoved:") || name.starts_with("LifecycleExpiration:"))
        return EventKind::removed;
    return EventKind::ignored;
}

EventKind kind_of_event_bridge(std::string_view detail_type) {
    if (detail_type == "Object Created") return EventKind::changed;
    return detail_type == "Object Deleted" ? EventKind::removed : EventKind::ignored;
}

std::optional<EventKind> kind_of_operation(std::string_view operation) {
    for (const auto* word : {"put", "create", "append", "update"})
        if (operation == word) return EventKind::changed;
    for (const auto* word : {"remove", "delete", "clear"})
        if (operation == word) return EventKind::removed;
    return std::nullopt;
}

ObjectEvent with_checked_key(ObjectEvent event) {
    try {
        if (event.key.empty()) throw Error{Exit::bad_input, "no object key"};
        require_key(event.key);
    } catch (const Error& error) {
        return rejected(error.message, event.key);
    }
    return event;
}

ObjectEvent from_s3_record(const JsonValue& record) {
    ObjectEvent event;
    event.name = text_of(member(record, "eventName"));
    event.kind = kind_of_s3(event.name);
    if (event.name.empty()) return rejected("a record without eventName");
    event.bucket = text_of(path(record, {"s3", "bucket", "name"}));
    const JsonValue* object = path(record, {"s3", "object"});
    if (object == nullptr) return rejected("a record without s3.object");
    event.version = text_of(member(*object, "versionId"));
    event.sequencer = text_of(member(*object, "sequencer"));
    const std::string encoded = text_of(member(*object, "key"));
    auto key = form_decode(encoded);
    if (!key) return rejected("the key is not form-encoded", encoded);
    event.key = std::move(*key);
    return with_checked_key(std::move(event));
}

ObjectEvent from_event_bridge(const JsonValue& message) {
    ObjectEvent event;
    event.name = text_of(member(message, "detail-type"));
    event.kind = kind_of_event_bridge(event.name);
    event.bucket = text_of(path(message, {"detail", "bucket", "name"}));
    const JsonValue* object = path(message, {"detail", "object"});
    if (object == nullptr) return rejected("an EventBridge message without detail.object");
    event.key = text_of(member(*object, "key"));
    event.version = text_of(member(*object, "version-id"));
    event.sequencer = text_of(member(*object, "sequencer"));
    return with_checked_key(std::move(event));
}

ObjectEvent from_operation(const JsonValue& line) {
    ObjectEvent event;
    event.name = text_of(member(line, "op"));
    event.key = text_of(member(line, "key"));
    event.bucket = text_of(member(line, "bucket"));
    event.version = text_of(member(line, "version"));
    event.sequencer = text_of(member(line, "sequencer"));
    const auto kind = kind_of_operation(event.name);
    if (!kind) return rejected(fmt::format("unknown op '{}'", event.name), event.key);
    event.kind = *kind;
    return with_checked_key(std::move(event));
}

void add_message(const JsonValue& message, int wrappers, std::vector<ObjectEvent>& events);

// A message inside a message: usually its JSON as text, in EventBridge also as it is.
void add_wrapped(const JsonValue& content, int wrappers, std::vector<ObjectEvent>& events) {
    if (wrappers >= kMaxWrappers) {
        events.push_back(rejected("wrapped too often"));
        return;
    }
    const auto* text = content.get<std::string>();
    if (text == nullptr) return add_message(content, wrappers + 1, events);
    try {
        add_message(parse_json(*text, "wrapped message"), wrappers + 1, events);
    } catch (const Error& error) {
        events.push_back(rejected(error.message));
    }
}

void add_record(const JsonValue& record, int wrappers, std::vector<ObjectEvent>& events) {
    if (const auto* sns = path(record, {"Sns", "Message"}))
        add_wrapped(*sns, wrappers, events);
    else if (const auto* body = member(record, "body"))
        add_wrapped(*body, wrappers, events);
    else if (const auto* received = member(record, "Body"))
        add_wrapped(*received, wrappers, events);
    else
        events.push_back(from_s3_record(record));
}

void add_message(const JsonValue& message, int wrappers, std::vector<ObjectEvent>& events) {
    if (const auto* list = message.get<JsonArray>()) {
        for (const JsonValue& item : *list) add_wrapped(item, wrappers, events);
        return;
    }
    for (const auto* name : {"Records", "Messages"}) {
        const JsonValue* records = member(message, name);
        if (records == nullptr || records->get<JsonArray>() == nullptr) continue;
        for (const JsonValue& record : *records->get<JsonArray>())
            add_record(record, wrappers, events);
        return;
    }
    for (const auto* name : {"Message", "body", "Body"})
        if (const auto* content = member(message, name))
            return add_wrapped(*content, wrappers, events);
    if (member(message, "detail-type") != nullptr) {
        if (text_of(member(message, "source")) == "aws.s3")
            return events.push_back(from_event_bridge(message));
        if (const auto* detail = member(message, "detail"))
            return add_wrapped(*detail, wrappers, events);
    }
    if (member(message, "op") != nullptr) return events.push_back(from_operation(message));
    if (text_of(member(message, "Event")) == "s3:TestEvent") {
        ObjectEvent event;
        event.kind = EventKind::ignored;
        event.name = "s3:TestEvent";
        return events.push_back(std::move(event));
    }
    if (member(message, "eventName") != nullptr) return events.push_back(from_s3_record(message));
    events.push_back(rejected("neither an S3 event nor {\"op\":..,\"key\":..}"));
}

void add_text(std::string_view text, std::string_view what, std::vector<ObjectEvent>& events) {
    try {
        add_message(parse_json(text, what), 0, events);
    } catch (const Error& error) {
        events.push_back(rejected(error.message));
    }
}

}  // namespace

std::vector<ObjectEvent> parse_events(std::string_view text) {
    std::vector<ObjectEvent> events;
    text = trim(text);
    if (text.empty()) return events;
    try {
        add_message(parse_json(text, "message"), 0, events);
        return events;
    } catch (const Error&) {
        if (text.find('\n') == std::string_view::npos) {
            add_text(text, "message", events);
            return events;
        }
    }
    std::size_t number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        if (!trim(line).empty()) add_text(trim(line), fmt::format("line {}", number), events);
    }
    return events;
}

int compare_sequencers(std::string_view first, std::string_view second) {
    const std::size_t digits = std::max(first.size(), second.size());
    for (std::size_t i = 0; i < digits; ++i) {
        const auto digit = [&](std::string_view text) {
            const std::size_t missing = digits - text.size();
            return i < missing ? '0' : std::toupper(static_cast<unsigned char>(text[i - missing]));
        };
        if (digit(first) != digit(second)) return digit(first) < digit(second) ? -1 : 1;
    }
    return 0;
}

}  // namespace hls::zarr
