// SPDX-License-Identifier: Apache-2.0
// What a build without librdkafka says.
#include "chip/kafka.hpp"
#include "core/error.hpp"

namespace hls::chip {
namespace {

[[noreturn]] void refuse() {
    throw Error(Exit::unavailable, "this build has no Kafka",
                "build where librdkafka-dev is installed, or use --tasks or --queue");
}

}  // namespace

std::unique_ptr<TaskSource> make_kafka_source(const KafkaSettings&, const KafkaWork&) {
    refuse();
}
void publish(const KafkaSettings&, const std::string&, const std::vector<KafkaMessage>&) {
    refuse();
}
void read_topic(const KafkaSettings&, const std::string&, const TopicRead&) {
    refuse();
}
TopicState describe_topic(const KafkaSettings&, const std::string&) {
    refuse();
}
std::vector<std::string> list_topics(const KafkaSettings&) {
    refuse();
}
void create_topic(const KafkaSettings&, const std::string&, int, int) {
    refuse();
}
void delete_topic(const KafkaSettings&, const std::string&) {
    refuse();
}
std::string kafka_version() {
    return {};
}

}  // namespace hls::chip
