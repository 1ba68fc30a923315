// SPDX-License-Identifier: Apache-2.0
// Queues that announce granules: SQS of AWS, subscriptions of the Copernicus Data Space.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "net/http_client.hpp"

namespace hls::fetch {

struct QueueMessage {
    std::string text;    // what MessageReader takes, with the envelope that says how it came
    std::string handle;  // what acknowledges it
};

// Delivers every message at least once: what was not acknowledged comes again.
class MessageQueue {
 public:
    virtual ~MessageQueue() = default;
    // What is there now; waits for up to `patience` when nothing is. May be empty. Throws Error,
    // 128 + signal when cancelled.
    virtual std::vector<QueueMessage> receive(std::chrono::seconds patience) = 0;
    // Messages that receive() gave last, in its order, from the first.
    virtual void acknowledge(const std::vector<QueueMessage>& messages) = 0;
};

// `url` as AWS has it, https://sqs.us-west-2.amazonaws.com/123456789012/name, or that of another
// server. Messages that are being worked on stay hidden from others for `visibility` (0: as the
// queue is set up). Throws Error{usage}.
std::unique_ptr<MessageQueue> sqs_queue(net::HttpClient& client, const std::string& url,
                                        std::chrono::seconds visibility = {});

// A running pull subscription by its uuid. Throws Error{usage, permission}.
std::unique_ptr<MessageQueue> cdse_subscription(net::HttpClient& client, const std::string& id);

struct ListenOptions {
    std::chrono::seconds max_idle{0};  // ends after so long without a message; 0: never
    int most_messages = 0;             // ends after so many; 0: never
};

// Hands each message to `write`; `settle` returns when all that was written is where a crash cannot
// take it, and the messages are acknowledged then. Returns their number. Throws what the queue,
// `write` and `settle` throw.
int listen(MessageQueue& queue, const ListenOptions& options,
           const std::function<void(const std::string& text)>& write,
           const std::function<void()>& settle);

}  // namespace hls::fetch
