// SPDX-License-Identifier: Apache-2.0
#include "chip/kafka/handle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <vector>

#include "core/cancel.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"
#include "fs/read_text.hpp"

namespace hls::chip::kafka {
namespace {

constexpr std::size_t kMaxPropertyFile = 1 << 20;
constexpr std::chrono::seconds kPatience{15};
constexpr int kErrorLine = 256;

// Commit after the work, and every result once in its order, are not for choice.
constexpr std::array<std::string_view, 5> kOurs{"enable.auto.commit", "enable.auto.offset.store",
                                                "enable.idempotence", "bootstrap.servers",
                                                "group.id"};

bool is_secret(std::string_view key) {
    return key.ends_with("password") || key.ends_with("key.pem") || key.ends_with("secret") ||
           key == "sasl.oauthbearer.config";
}

// librdkafka's levels are those of syslog. Its warnings are mostly of broken connections that it
// mends by itself.
void log_of_client(const rd_kafka_t*, int level, const char* facility, const char* message) {
    constexpr int kErrors = 3, kWarnings = 4;
    if (level <= kErrors)
        log_warning("kafka: {}: {}", facility, message);
    else if (level == kWarnings)
        log_info("kafka: {}: {}", facility, message);
    else
        log_debug("kafka: {}: {}", facility, message);
}

void error_of_client(rd_kafka_t*, int code, const char* reason, void*) {
    log_info("kafka: {}: {}", rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)), reason);
}

void set(rd_kafka_conf_t* conf, const std::string& key, const std::string& value) {
    std::array<char, kErrorLine> why{};
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), why.data(), why.size()) ==
        RD_KAFKA_CONF_OK)
        return;
    throw Error(Exit::usage, is_secret(key) ? fmt::format("property {} is refused", key)
                                            : std::string(why.data()));
}

void set_from(rd_kafka_conf_t* conf, std::string_view line, const std::string& source) {
    const auto equals = line.find('=');
    if (equals == line.npos || equals == 0)
        throw Error(Exit::usage, fmt::format("{}: expected <property>=<value>", source));
    const std::string key(trim(line.substr(0, equals)));
    if (std::ranges::find(kOurs, key) != kOurs.end())
        throw Error(Exit::usage, fmt::format("property {} cannot be set", key));
    set(conf, key, std::string(trim(line.substr(equals + 1))));
}

void set_from_file(rd_kafka_conf_t* conf, const std::string& file) {
    const std::string text = fs::read_text(file, kMaxPropertyFile);
    int number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        if (const auto words = trim(line); !words.empty() && words.front() != '#')
            set_from(conf, words, fmt::format("{}:{}", file, number));
    }
}

}  // namespace

Config::Config(const KafkaSettings& settings, std::initializer_list<Property> ours)
    : conf_(rd_kafka_conf_new()) {
    set(conf_.get(), "client.id", "hls-chip");
    for (const auto& [key, value] : ours) set(conf_.get(), key, value);
    if (!settings.properties_file.empty()) set_from_file(conf_.get(), settings.properties_file);
    for (const std::string& property : settings.properties) {
        const std::string key = property.substr(0, property.find('='));
        if (is_secret(key))
            throw Error(Exit::usage, fmt::format("{} does not belong on a command line", key),
                        "put it into the file of --kafka-config");
        set_from(conf_.get(), property, "-X " + key);
    }
    set(conf_.get(), "bootstrap.servers", settings.brokers);
    rd_kafka_conf_set_log_cb(conf_.get(), log_of_client);
    rd_kafka_conf_set_error_cb(conf_.get(), error_of_client);
}

Handle make_handle(rd_kafka_type_t type, Config config) {
    std::array<char, kErrorLine> why{};
    Handle handle(rd_kafka_new(type, config.get(), why.data(), why.size()));
    if (!handle) throw Error(Exit::usage, fmt::format("kafka: {}", why.data()));
    (void)config.release();
    return handle;
}

PartitionList make_list(int size) {
    return PartitionList(rd_kafka_topic_partition_list_new(size));
}

Metadata fetch_metadata(rd_kafka_t* handle, const std::string& topic) {
    constexpr int kOneTry_ms = 1000;
    const Owned<rd_kafka_topic_t, rd_kafka_topic_destroy> wanted(
        topic.empty() ? nullptr : rd_kafka_topic_new(handle, topic.c_str(), nullptr));
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
        throw_if_cancelled();
        const rd_kafka_metadata_t* metadata = nullptr;
        const auto code =
            rd_kafka_metadata(handle, wanted ? 0 : 1, wanted.get(), &metadata, kOneTry_ms);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Metadata(metadata);
        const bool waiting = code == RD_KAFKA_RESP_ERR__TRANSPORT ||
                             code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
                             code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
        if (!waiting || std::chrono::steady_clock::now() > deadline)
            throw to_error(code, "no answer from the brokers");
    }
}

std::vector<int> partitions_of(rd_kafka_t* handle, const std::string& topic) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
        const Metadata metadata = fetch_metadata(handle, topic);
        const auto& found = metadata->topics[0];
        std::vector<int> ids;
        for (int i = 0; i < found.partition_cnt; ++i) ids.push_back(found.partitions[i].id);
        if (found.err == RD_KAFKA_RESP_ERR_NO_ERROR && !ids.empty()) return ids;
        // A topic that was created a moment ago has no leader yet.
        if (found.err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
            std::chrono::steady_clock::now() > deadline)
            throw to_error(found.err == RD_KAFKA_RESP_ERR_NO_ERROR
                               ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
                               : found.err,
                           "topic " + topic);
    }
}

Error to_error(rd_kafka_resp_err_t code, const std::string& what) {
    const std::string message = fmt::format("kafka: {}: {}", what, rd_kafka_err2str(code));
    switch (code) {
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
            return {Exit::missing_input, message, "hls-chip topics --create makes it"};
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            return {Exit::permission, message};
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
        case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
        case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
            return {Exit::bad_input, message};
        default:
            return {Exit::temporary, message};
    }
}

void check(rd_kafka_resp_err_t code, const std::string& what) {
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw to_error(code, what);
}

}  // namespace hls::chip::kafka
