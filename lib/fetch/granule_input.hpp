// SPDX-License-Identifier: Apache-2.0
// Granules named by arguments and by a stream, one at a time for any number of threads.
#pragma once

#include <deque>
#include <functional>
#include <iosfwd>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fetch/messages.hpp"

namespace hls::fetch {

class GranuleInput {
 public:
    // Each of `words` is an id, a record or "-" for `stream`. `reject` gets what is none, and what
    // the rules filter.
    GranuleInput(std::vector<std::string> words, std::istream& stream, MessageRules rules,
                 std::function<void(const Reject&)> reject);

    // nullopt at the end. Reads the stream no further than it has to. Throws when cancelled.
    std::optional<GranuleRecord> next();

 private:
    bool read_more();

    std::mutex mutex_;
    std::vector<std::string> words_;
    std::istream& stream_;
    std::deque<GranuleRecord> ready_;
    MessageReader reader_;
    std::size_t at_ = 0;
    bool from_stream_ = false;
};

}  // namespace hls::fetch
