// SPDX-License-Identifier: Apache-2.0
// A broker on loopback for tests: kafka_broker PARTITIONS [TOPIC...] starts librdkafka's mock
// cluster, prints its address and serves until standard input ends.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: kafka_broker PARTITIONS [TOPIC...]\n";
        return 2;
    }
    std::array<char, 256> why{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    if (rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", why.data(), why.size()) !=
        RD_KAFKA_CONF_OK) {
        std::cerr << "kafka_broker: " << why.data() << '\n';
        return 1;
    }
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size());
    if (client == nullptr) {
        std::cerr << "kafka_broker: " << why.data() << '\n';
        return 1;
    }
    rd_kafka_mock_cluster_t* cluster = rd_kafka_handle_mock_cluster(client);
    for (int i = 2; i < argc; ++i)
        rd_kafka_mock_topic_create(cluster, argv[i], std::atoi(argv[1]), 1);
    std::cout << rd_kafka_mock_cluster_bootstraps(cluster) << std::endl;
    for (std::array<char, 256> rest{}; ::read(STDIN_FILENO, rest.data(), rest.size()) > 0;) {
    }
    return 0;  // ends the cluster's threads with the process
}
