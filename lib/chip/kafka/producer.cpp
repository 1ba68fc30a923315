// SPDX-License-Identifier: Apache-2.0
#include "chip/kafka/producer.hpp"

#include "core/cancel.hpp"

namespace hls::chip::kafka {
namespace {

constexpr int kSlice_ms = 20;  // another thread may serve our callback while we wait

}  // namespace

// Shared by the sender and the callback, whichever ends last.
struct Producer::Delivery {
    std::atomic<int> open{0};
    std::atomic<rd_kafka_resp_err_t> failure{RD_KAFKA_RESP_ERR_NO_ERROR};
};

void Producer::delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    const std::unique_ptr<std::shared_ptr<Delivery>> delivery(
        static_cast<std::shared_ptr<Delivery>*>(message->_private));
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) (*delivery)->failure = message->err;
    --(*delivery)->open;
}

Producer::Producer(const KafkaSettings& settings) : all_(std::make_shared<Delivery>()) {
    Config config(settings, {{"enable.idempotence", "true"},
                             {"acks", "all"},
                             {"linger.ms", "0"},
                             {"message.timeout.ms", "60000"}});
    rd_kafka_conf_set_dr_msg_cb(config.get(), &Producer::delivered);
    handle_ = make_handle(RD_KAFKA_PRODUCER, std::move(config));
}

Producer::~Producer() {
    // What nobody waits for any more is given up: its task is not committed.
    rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(handle_.get(), kSlice_ms);
}

void Producer::produce(const std::string& topic, const KafkaMessage& message,
                       const std::shared_ptr<Delivery>& delivery) {
    auto shared = std::make_unique<std::shared_ptr<Delivery>>(delivery);
    ++delivery->open;
    for (;;) {
        const auto code = rd_kafka_producev(
            handle_.get(), RD_KAFKA_V_TOPIC(topic.c_str()),
            RD_KAFKA_V_VALUE(const_cast<char*>(message.value.data()), message.value.size()),
            RD_KAFKA_V_KEY(message.key.empty() ? nullptr : message.key.data(), message.key.size()),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(shared.get()),
            RD_KAFKA_V_END);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            --delivery->open;
            throw to_error(code, "topic " + topic);
        }
        throw_if_cancelled();
        rd_kafka_poll(handle_.get(), kSlice_ms);
    }
    (void)shared.release();
}

void Producer::send(const std::string& topic, const KafkaMessage& message) {
    const auto delivery = std::make_shared<Delivery>();
    produce(topic, message, delivery);
    while (delivery->open > 0) {
        throw_if_cancelled();
        rd_kafka_poll(handle_.get(), kSlice_ms);
    }
    check(delivery->failure, "topic " + topic);
}

void Producer::enqueue(const std::string& topic, const KafkaMessage& message) {
    produce(topic, message, all_);
    rd_kafka_poll(handle_.get(), 0);
}

void Producer::flush() {
    while (all_->open > 0) {
        throw_if_cancelled();
        rd_kafka_poll(handle_.get(), kSlice_ms);
    }
    check(all_->failure, "messages were not delivered");
}

}  // namespace hls::chip::kafka
