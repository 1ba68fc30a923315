// SPDX-License-Identifier: Apache-2.0
#include "fetch/messages.hpp"

#include "core/parse.hpp"
#include "fetch/unwrap.hpp"

namespace hls::fetch {
namespace {

constexpr int kDeepest = 64;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

void apply_preset(GranuleRecord& record, Preset preset) {
    const auto refuse = [&record](const char* why) {
        record.accept = false;
        record.why = why;
    };
    record.accept = true;
    record.why.clear();
    if (record.need_lookup && record.id.empty()) return;
    if (record.mission == "S2") {
        if (record.level != "L1C") refuse("filtered:product");
        return;
    }
    const bool oli = record.id.starts_with("LC08_") || record.id.starts_with("LC09_");
    if (!oli || !record.level.starts_with("L1") || record.tier.empty())
        return refuse("filtered:product");
    if (preset == Preset::none) return;
    if (record.level != "L1TP") return refuse("filtered:product");
    if (preset == Preset::hls_forward && record.sensor == "L8" && record.tier != "RT")
        return refuse("filtered:tier");
    if (preset == Preset::hls_forward2 && record.tier != "RT" && record.tier != "T1")
        return refuse("filtered:tier");
}

MessageReader::MessageReader(MessageRules rules, Sinks sinks)
    : rules_(std::move(rules)), sinks_(std::move(sinks)) {}

void MessageReader::feed(std::string_view bytes) {
    for (const char c : bytes) take(c);
}

void MessageReader::start_over() {
    text_.clear();
    mode_ = Mode::between;
    depth_ = 0;
    in_string_ = escaped_ = line_start_ = false;
    last_mark_ = 0;
}

// A line that cannot continue the document: the one before was cut off.
bool MessageReader::begins_anew(char c) const {
    if (c == '{') return text_.front() == '{' && last_mark_ != '[' && last_mark_ != ',';
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return letter && c != 't' && c != 'f' && c != 'n';
}

void MessageReader::take(char c) {
    switch (mode_) {
        case Mode::skip_line:
            if (c == '\n') start_over();
            return;
        case Mode::between:
            return take_first(c);
        case Mode::line:
            return take_of_line(c);
        case Mode::document:
            return take_of_document(c);
    }
}

void MessageReader::take_first(char c) {
    if (is_blank(c)) return;
    if (text_.size() < 3 && static_cast<unsigned char>(c) >= 0x80) {  // byte order mark
        text_ += c;
        if (text_ == "\xef\xbb\xbf") text_.clear();
        if (text_.size() == 3) mode_ = Mode::line;
        return;
    }
    if (c == '{' || c == '[') {
        mode_ = Mode::document;
        return take_of_document(c);
    }
    mode_ = Mode::line;
    text_ += c;
}

void MessageReader::take_of_line(char c) {
    if (c == '\n') {
        take_line(text_);
        start_over();
    } else if (text_.size() < rules_.max_document_bytes) {
        text_ += c;
    } else {
        refuse_document("bad_json");
        mode_ = Mode::skip_line;
    }
}

void MessageReader::take_of_document(char c) {
    if (c == '\n') {
        if (in_string_) return refuse_document("bad_json");  // no string goes over a line
        line_start_ = true;
    } else if (line_start_ && !in_string_ && begins_anew(c)) {
        refuse_document("bad_json");
        return take(c);
    } else {
        line_start_ = false;
    }
    if (text_.size() >= rules_.max_document_bytes) {
        refuse_document("bad_json");
        mode_ = Mode::skip_line;
        return;
    }
    text_ += c;
    if (in_string_) {
        if (escaped_)
            escaped_ = false;
        else if (c == '\\')
            escaped_ = true;
        else if (c == '"')
            in_string_ = false;
        if (!in_string_) last_mark_ = '"';
        return;
    }
    if (!is_blank(c)) last_mark_ = c;
    if (c == '"') {
        in_string_ = true;
    } else if (c == '{' || c == '[') {
        if (++depth_ > kDeepest) {
            refuse_document("bad_json");
            mode_ = Mode::skip_line;
        }
    } else if (c == '}' || c == ']') {
        if (--depth_ == 0) end_document();
    }
}

void MessageReader::refuse_document(std::string_view why) {
    ++counts_.rejected;
    if (sinks_.reject) sinks_.reject({std::string(why), text_, {}});
    start_over();
}

void MessageReader::end_document() {
    unwrap_document({rules_, sinks_, counts_, seen_}, text_);
    start_over();
}

void MessageReader::take_line(std::string_view line) {
    line = trim(line);
    if (line.empty() || line.front() == '#') return;
    unwrap_line({rules_, sinks_, counts_, seen_}, line);
}

void MessageReader::finish() {
    if (mode_ == Mode::line || (mode_ == Mode::between && !text_.empty())) take_line(text_);
    if (mode_ == Mode::document) refuse_document("bad_json");
    start_over();
}

}  // namespace hls::fetch
