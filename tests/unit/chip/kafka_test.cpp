// SPDX-License-Identifier: Apache-2.0
// The consumer of tasks against librdkafka's mock cluster, with work that is only waiting.
#include "chip/kafka.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

#ifdef HLS_KAFKA
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "core/parallel.hpp"

namespace hls::chip {
namespace {

using std::chrono::milliseconds;

class KafkaTest : public testing::Test {
 protected:
    void SetUp() override {
        std::array<char, 256> why{};
        client_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why.data(), why.size());
        cluster_ = rd_kafka_mock_cluster_new(client_, 1);
        for (const char* topic : {"satellite-tasks", "satellite-results"})
            rd_kafka_mock_topic_create(cluster_, topic, 4, 1);
        settings_.brokers = rd_kafka_mock_cluster_bootstraps(cluster_);
        settings_.properties = {"session.timeout.ms=6000", "heartbeat.interval.ms=500"};
    }
    void TearDown() override {
        if (client_ == nullptr) return;
        rd_kafka_mock_cluster_destroy(cluster_);
        rd_kafka_destroy(client_);
    }

    void publish_tasks(int count) const {
        std::vector<KafkaMessage> messages;
        for (int i = 0; i < count; ++i) {
            const std::string name = "t-" + std::to_string(i);
            messages.push_back({name, name});
        }
        publish(settings_, settings_.tasks_topic, messages);
    }

    // A member of the group whose tasks take `pause`; ends when nothing came for a while.
    std::multiset<std::string> work(milliseconds pause) const {
        const auto source = make_kafka_source(settings_, {"", std::chrono::seconds(3)});
        std::multiset<std::string> done;
        std::atomic<bool> working{true};
        parallel_for(2, 2, [&](std::size_t i) {
            if (i == 0) return source->tend([&] { return working.load(); }, [] {});
            while (const auto line = source->next()) {
                std::this_thread::sleep_for(pause);
                source->answer(*line, {line->text, line->text, ""});
                done.insert(line->text);
            }
            working = false;
        });
        return done;
    }

    std::int64_t lag() const {
        std::int64_t sum = 0;
        for (const auto& partition : describe_topic(settings_, settings_.tasks_topic).partitions)
            sum += partition.end - partition.committed.value_or(partition.first);
        return sum;
    }

    std::multiset<std::string> results() const {
        std::multiset<std::string> all;
        read_topic(settings_, settings_.results_topic,
                   {false, [&](const std::string& value) { all.insert(value); }, {}});
        return all;
    }

    rd_kafka_t* client_ = nullptr;
    rd_kafka_mock_cluster_t* cluster_ = nullptr;
    KafkaSettings settings_;
};

// A task may take longer than the session and than the poll interval: the thread that talks to the
// brokers does not work.
TEST_F(KafkaTest, LongTasksKeepTheirPlaceInTheGroup) {
    settings_.properties.emplace_back("max.poll.interval.ms=6000");
    publish_tasks(1);
    EXPECT_EQ(work(milliseconds(7500)), (std::multiset<std::string>{"t-0"}));
    EXPECT_EQ(lag(), 0);
    EXPECT_EQ(results().size(), 1U);
}

class KafkaGroupTest : public KafkaTest, public testing::WithParamInterface<const char*> {};

TEST_P(KafkaGroupTest, MembersThatComeAndGoLoseNothing) {
    settings_.group = GetParam();
    settings_.properties.push_back(std::string("partition.assignment.strategy=") + GetParam());
    publish_tasks(30);
    std::vector<std::multiset<std::string>> done(2);
    parallel_for(2, 2, [&](std::size_t i) {
        std::this_thread::sleep_for(milliseconds(4000 * i));  // the second comes later
        done[i] = work(milliseconds(i == 0 ? 200 : 50));
    });
    std::set<std::string> all(done[0].begin(), done[0].end());
    all.insert(done[1].begin(), done[1].end());
    EXPECT_EQ(all.size(), 30U);
    EXPECT_EQ(lag(), 0);
    const auto said = results();
    EXPECT_EQ(std::set<std::string>(said.begin(), said.end()).size(), 30U);
}
INSTANTIATE_TEST_SUITE_P(Assignors, KafkaGroupTest,
                         testing::Values("roundrobin", "cooperative-sticky"));

TEST_F(KafkaTest, UnansweredTasksAreNotCommitted) {
    publish_tasks(8);
    {
        const auto source = make_kafka_source(settings_, {});
        std::atomic<bool> working{true};
        parallel_for(2, 2, [&](std::size_t i) {
            if (i == 0) return source->tend([&] { return working.load(); }, [] {});
            const auto line = source->next();
            source->answer(*line, {line->text, line->text, ""});
            (void)source->next();  // taken, never answered
            working = false;
        });
    }
    EXPECT_EQ(lag(), 7);
}

TEST_F(KafkaTest, TopicsAreDescribedAndMissingOnesRefused) {
    publish_tasks(5);
    const TopicState state = describe_topic(settings_, settings_.tasks_topic);
    EXPECT_EQ(state.partitions.size(), 4U);
    std::int64_t messages = 0;
    for (const auto& partition : state.partitions) messages += partition.end - partition.first;
    EXPECT_EQ(messages, 5);
    create_topic(settings_, settings_.tasks_topic, 4, 1);  // is there
    try {
        create_topic(settings_, settings_.tasks_topic, 7, 1);
        FAIL() << "has 4 partitions";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::cannot_create);
    }
}

}  // namespace
}  // namespace hls::chip
#else

namespace hls::chip {
namespace {

TEST(BuildWithoutLibrdkafka, RefusesWithTheReason) {
    EXPECT_TRUE(kafka_version().empty());
    const KafkaSettings settings;
    const auto refused = [](const auto& body) {
        try {
            body();
        } catch (const Error& error) {
            return error.code == Exit::unavailable && !error.hint.empty();
        }
        return false;
    };
    EXPECT_TRUE(refused([&] { make_kafka_source(settings, {}); }));
    EXPECT_TRUE(refused([&] { publish(settings, "topic", {}); }));
    EXPECT_TRUE(refused([&] { read_topic(settings, "topic", {}); }));
    EXPECT_TRUE(refused([&] { describe_topic(settings, "topic"); }));
    EXPECT_TRUE(refused([&] { list_topics(settings); }));
    EXPECT_TRUE(refused([&] { create_topic(settings, "topic", 1, 1); }));
    EXPECT_TRUE(refused([&] { delete_topic(settings, "topic"); }));
}

}  // namespace
}  // namespace hls::chip
#endif
