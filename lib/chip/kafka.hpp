// SPDX-License-Identifier: Apache-2.0
// Tasks and results through Kafka or what speaks its protocol. Without librdkafka at build time
// every function throws Error{unavailable}.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chip/task_source.hpp"

namespace hls::chip {

struct KafkaSettings {
    std::string brokers;  // host:port,...
    std::string tasks_topic = "satellite-tasks", results_topic = "satellite-results";
    std::string group = "satellite-workers";
    // Of librdkafka, as given: "session.timeout.ms=6000"; a file of such lines comes first.
    std::vector<std::string> properties;
    std::string properties_file;
};

struct KafkaWork {
    std::string retry_topic;  // empty: what may pass is left to a later plan
    // Ends after so long without a task; zero: waits for ever.
    std::chrono::seconds idle_exit{0};
};

// A member of the consumer group. An offset is committed once the result of its task, and of all
// before it in the partition, were acknowledged by the broker. Throws Error{temporary} if no broker
// answers, {missing_input} for an unknown topic, {permission}, {usage} for a wrong property.
std::unique_ptr<TaskSource> make_kafka_source(const KafkaSettings& settings, const KafkaWork& work);

struct KafkaMessage {
    std::string key, value;
};
// On return the brokers acknowledged all of them.
void publish(const KafkaSettings& settings, const std::string& topic,
             const std::vector<KafkaMessage>& messages);

// Every message of a topic from its beginning, without a group. Ends at what was the end when it
// began, or with `follow` when `go_on`, asked once a second at least, says no.
struct TopicRead {
    bool follow = false;
    std::function<void(const std::string& value)> message;
    std::function<bool()> go_on;
};
void read_topic(const KafkaSettings& settings, const std::string& topic, const TopicRead& read);

struct PartitionState {
    int partition = 0, leader = -1;
    std::int64_t first = 0, end = 0;        // offsets
    std::optional<std::int64_t> committed;  // of the group
};
struct TopicState {
    std::string name;
    int replicas = 0;
    std::vector<PartitionState> partitions;
};
// Throws Error{missing_input} for an unknown topic.
TopicState describe_topic(const KafkaSettings& settings, const std::string& topic);
std::vector<std::string> list_topics(const KafkaSettings& settings);
// Nothing happens where the topic exists with as many partitions; Error{cannot_create} if it has
// another number.
void create_topic(const KafkaSettings& settings, const std::string& topic, int partitions,
                  int replicas);
void delete_topic(const KafkaSettings& settings, const std::string& topic);

// Of librdkafka; empty without.
std::string kafka_version();

}  // namespace hls::chip
