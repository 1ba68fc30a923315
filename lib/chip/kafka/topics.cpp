// SPDX-License-Identifier: Apache-2.0
// Topics as wholes: their state, their making, their content.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "chip/kafka/handle.hpp"
#include "chip/kafka/producer.hpp"
#include "core/cancel.hpp"

namespace hls::chip {
namespace {

constexpr int kAnswer_ms = 10'000;
constexpr int kPoll_ms = 100;

kafka::Handle make_reader(const KafkaSettings& settings) {
    kafka::Handle handle = kafka::make_handle(
        RD_KAFKA_CONSUMER, kafka::Config(settings, {{"group.id", settings.group},
                                                    {"enable.auto.commit", "false"},
                                                    {"enable.partition.eof", "true"},
                                                    {"auto.offset.reset", "earliest"},
                                                    {"allow.auto.create.topics", "false"}}));
    rd_kafka_poll_set_consumer(handle.get());
    return handle;
}

std::pair<std::int64_t, std::int64_t> offsets_of(rd_kafka_t* handle, const std::string& topic,
                                                 int partition) {
    std::int64_t first = 0, end = 0;
    kafka::check(rd_kafka_query_watermark_offsets(handle, topic.c_str(), partition, &first, &end,
                                                  kAnswer_ms),
                 fmt::format("{}[{}]", topic, partition));
    return {first, end};
}

void add_committed(rd_kafka_t* handle, TopicState& state) {
    const auto list = kafka::make_list(static_cast<int>(state.partitions.size()));
    for (const PartitionState& partition : state.partitions)
        rd_kafka_topic_partition_list_add(list.get(), state.name.c_str(), partition.partition);
    // A broker without groups, or one that nobody may ask, leaves the column empty.
    if (rd_kafka_committed(handle, list.get(), kAnswer_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    for (PartitionState& partition : state.partitions) {
        const auto* entry =
            rd_kafka_topic_partition_list_find(list.get(), state.name.c_str(), partition.partition);
        if (entry != nullptr && entry->offset >= 0) partition.committed = entry->offset;
    }
}

// What the admin calls of librdkafka share: one request for one topic, and its one answer.
class AdminCall {
 public:
    explicit AdminCall(const KafkaSettings& settings)
        : handle_(kafka::make_handle(RD_KAFKA_PRODUCER, kafka::Config(settings, {}))),
          queue_(rd_kafka_queue_new(handle_.get())) {}

    rd_kafka_t* handle() { return handle_.get(); }
    rd_kafka_queue_t* queue() { return queue_.get(); }

    struct Answer {
        rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
        std::string text;
    };

    template <typename Results>
    Answer wait(Results results) {
        kafka::Event event;
        while (!event) {
            throw_if_cancelled();
            event.reset(rd_kafka_queue_poll(queue_.get(), kPoll_ms));
        }
        if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
            return {rd_kafka_event_error(event.get()), rd_kafka_event_error_string(event.get())};
        std::size_t count = 0;
        const auto* answers = results(event.get(), &count);
        if (count == 0) return {};
        const char* text = rd_kafka_topic_result_error_string(answers[0]);
        return {rd_kafka_topic_result_error(answers[0]), text == nullptr ? "" : text};
    }

 private:
    kafka::Handle handle_;
    kafka::Queue queue_;
};

AdminCall::Answer ask_to_create(AdminCall& call, const std::string& topic, int partitions,
                                int replicas) {
    std::array<char, 256> why{};
    const kafka::Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy> wanted(
        rd_kafka_NewTopic_new(topic.c_str(), partitions, replicas, why.data(), why.size()));
    if (!wanted) throw Error(Exit::usage, fmt::format("topic {}: {}", topic, why.data()));
    rd_kafka_NewTopic_t* list[] = {wanted.get()};
    const kafka::Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy> options(
        rd_kafka_AdminOptions_new(call.handle(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
    rd_kafka_AdminOptions_set_request_timeout(options.get(), kAnswer_ms, why.data(), why.size());
    rd_kafka_CreateTopics(call.handle(), list, 1, options.get(), call.queue());
    return call.wait([](rd_kafka_event_t* event, std::size_t* count) {
        return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event),
                                                   count);
    });
}

// Without asking for it by name, which could make it.
bool exists(rd_kafka_t* handle, const std::string& topic) {
    const kafka::Metadata all = kafka::fetch_metadata(handle, "");
    return std::any_of(all->topics, all->topics + all->topic_cnt,
                       [&](const auto& there) { return topic == there.topic; });
}

void check_partitions(rd_kafka_t* handle, const std::string& topic, int partitions) {
    const auto there = kafka::partitions_of(handle, topic).size();
    if (there != static_cast<std::size_t>(partitions))
        throw Error(Exit::cannot_create,
                    fmt::format("topic {} has {} partitions, not {}", topic, there, partitions));
}

}  // namespace

void publish(const KafkaSettings& settings, const std::string& topic,
             const std::vector<KafkaMessage>& messages) {
    kafka::Producer producer(settings);
    for (const KafkaMessage& message : messages) producer.enqueue(topic, message);
    producer.flush();
}

void read_topic(const KafkaSettings& settings, const std::string& topic, const TopicRead& read) {
    const kafka::Handle handle = make_reader(settings);
    const auto list = kafka::make_list(4);
    std::map<int, std::int64_t> ends;  // of partitions that are not read to their end
    for (const int partition : kafka::partitions_of(handle.get(), topic)) {
        const auto [first, end] = offsets_of(handle.get(), topic, partition);
        rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset =
            RD_KAFKA_OFFSET_BEGINNING;
        if (end > first) ends[partition] = end;
    }
    kafka::check(rd_kafka_assign(handle.get(), list.get()), "topic " + topic);
    while (read.follow ? read.go_on() : !ends.empty()) {
        throw_if_cancelled();
        const kafka::Message message(rd_kafka_consumer_poll(handle.get(), kPoll_ms));
        if (!message) continue;
        // Offsets of a compacted topic may stop before the end: its mark counts as well.
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            ends.erase(message->partition);
            continue;
        }
        kafka::check(message->err, "topic " + topic);
        if (message->len > 0)
            read.message({static_cast<const char*>(message->payload), message->len});
        const auto end = ends.find(message->partition);
        if (end != ends.end() && message->offset + 1 >= end->second) ends.erase(end);
    }
}

TopicState describe_topic(const KafkaSettings& settings, const std::string& topic) {
    const kafka::Handle handle = make_reader(settings);
    kafka::partitions_of(handle.get(), topic);  // waits for leaders, throws for unknown ones
    const kafka::Metadata metadata = kafka::fetch_metadata(handle.get(), topic);
    TopicState state;
    state.name = topic;
    for (int i = 0; i < metadata->topics[0].partition_cnt; ++i) {
        const auto& from = metadata->topics[0].partitions[i];
        const auto [first, end] = offsets_of(handle.get(), topic, from.id);
        state.partitions.push_back({from.id, from.leader, first, end, std::nullopt});
        state.replicas = std::max(state.replicas, from.replica_cnt);
    }
    std::ranges::sort(state.partitions, {}, &PartitionState::partition);
    add_committed(handle.get(), state);
    return state;
}

std::vector<std::string> list_topics(const KafkaSettings& settings) {
    const kafka::Handle handle = make_reader(settings);
    const kafka::Metadata metadata = kafka::fetch_metadata(handle.get(), "");
    std::vector<std::string> names;
    for (int i = 0; i < metadata->topic_cnt; ++i) names.emplace_back(metadata->topics[i].topic);
    std::ranges::sort(names);
    return names;
}

void create_topic(const KafkaSettings& settings, const std::string& topic, int partitions,
                  int replicas) {
    AdminCall call(settings);
    if (exists(call.handle(), topic)) return check_partitions(call.handle(), topic, partitions);
    const auto answer = ask_to_create(call, topic, partitions, replicas);
    // A cluster without the call, or without a controller that answers it, may make topics by
    // itself once somebody asks for them.
    const bool there = answer.code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS ||
                       answer.code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE ||
                       answer.code == RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (!there && answer.code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        Error error = kafka::to_error(answer.code, "topic " + topic);
        if (!answer.text.empty()) error.message = fmt::format("kafka: {}: {}", topic, answer.text);
        throw error;
    }
    check_partitions(call.handle(), topic, partitions);
}

void delete_topic(const KafkaSettings& settings, const std::string& topic) {
    AdminCall call(settings);
    kafka::partitions_of(call.handle(), topic);
    const kafka::Owned<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy> unwanted(
        rd_kafka_DeleteTopic_new(topic.c_str()));
    rd_kafka_DeleteTopic_t* list[] = {unwanted.get()};
    rd_kafka_DeleteTopics(call.handle(), list, 1, nullptr, call.queue());
    const auto answer = call.wait([](rd_kafka_event_t* event, std::size_t* count) {
        return rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event),
                                                   count);
    });
    if (answer.code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE)
        throw Error(Exit::unavailable, "this broker does not delete topics on request");
    kafka::check(answer.code, "topic " + topic);
}

std::string kafka_version() {
    return rd_kafka_version_str();
}

}  // namespace hls::chip
