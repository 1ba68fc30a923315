// SPDX-License-Identifier: Apache-2.0
// Sends messages and knows when the brokers have them.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "chip/kafka/handle.hpp"

namespace hls::chip::kafka {

class Producer {
 public:
    explicit Producer(const KafkaSettings& settings);
    ~Producer();
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    // Returns once all replicas that are in step have the message. Any thread. Throws
    // Error{temporary, ...}, and Error{128 + signal} while it waits.
    void send(const std::string& topic, const KafkaMessage& message);
    // Without waiting; flush() does for all of them.
    void enqueue(const std::string& topic, const KafkaMessage& message);
    void flush();

 private:
    struct Delivery;
    void produce(const std::string& topic, const KafkaMessage& message,
                 const std::shared_ptr<Delivery>& delivery);
    static void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*);

    std::shared_ptr<Delivery> all_;
    Handle handle_;
};

}  // namespace hls::chip::kafka
