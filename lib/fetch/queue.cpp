// SPDX-License-Identifier: Apache-2.0
#include "fetch/queue.hpp"

#include <algorithm>
#include <thread>

#include "core/cancel.hpp"

namespace hls::fetch {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLongPoll{20};

}  // namespace

int listen(MessageQueue& queue, const ListenOptions& options,
           const std::function<void(const std::string& text)>& write,
           const std::function<void()>& settle) {
    int count = 0;
    auto last = Clock::now();
    while (true) {
        throw_if_cancelled();
        auto patience = kLongPoll;
        if (options.max_idle.count() > 0) {
            const auto left = options.max_idle - (Clock::now() - last);
            if (left <= Clock::duration::zero()) return count;
            patience = std::min(patience, std::chrono::ceil<std::chrono::seconds>(left));
        }
        auto messages = queue.receive(patience);
        if (options.most_messages > 0 &&
            messages.size() > static_cast<std::size_t>(options.most_messages - count))
            messages.resize(static_cast<std::size_t>(options.most_messages - count));
        if (messages.empty()) continue;
        for (const auto& message : messages) write(message.text);
        settle();
        queue.acknowledge(messages);
        count += static_cast<int>(messages.size());
        last = Clock::now();
        if (options.most_messages > 0 && count >= options.most_messages) return count;
    }
}

}  // namespace hls::fetch
