// SPDX-License-Identifier: Apache-2.0
#include "fetch/granule_input.hpp"

#include <istream>

#include "core/cancel.hpp"

namespace hls::fetch {

GranuleInput::GranuleInput(std::vector<std::string> words, std::istream& stream, MessageRules rules,
                           std::function<void(const Reject&)> reject)
    : words_(std::move(words)),
      stream_(stream),
      reader_(std::move(rules), {[this](const GranuleRecord& record) { ready_.push_back(record); },
                                 std::move(reject),
                                 {}}) {}

std::optional<GranuleRecord> GranuleInput::next() {
    const std::lock_guard lock(mutex_);
    while (ready_.empty()) {
        throw_if_cancelled();
        if (!read_more()) return std::nullopt;
    }
    GranuleRecord record = std::move(ready_.front());
    ready_.pop_front();
    return record;
}

bool GranuleInput::read_more() {
    std::string line;
    if (from_stream_ && std::getline(stream_, line)) {
        reader_.feed(line + '\n');
    } else if (from_stream_) {
        from_stream_ = false;
        reader_.finish();
    } else if (at_ == words_.size()) {
        return false;
    } else if (const std::string& word = words_[at_++]; word == "-") {
        from_stream_ = true;
    } else {
        reader_.feed(word + '\n');
        reader_.finish();
    }
    return true;
}

}  // namespace hls::fetch
