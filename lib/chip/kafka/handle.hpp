// SPDX-License-Identifier: Apache-2.0
// A client of librdkafka, its configuration and its errors.
#pragma once

#include <librdkafka/rdkafka.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "chip/kafka.hpp"
#include "core/error.hpp"

namespace hls::chip::kafka {

// What librdkafka makes and one function of it destroys.
template <auto destroy>
struct Free {
    template <typename T>
    void operator()(T* owned) const {
        destroy(owned);
    }
};
template <typename T, auto destroy>
using Owned = std::unique_ptr<T, Free<destroy>>;

using Queue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using Event = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using Message = Owned<rd_kafka_message_t, rd_kafka_message_destroy>;
using Metadata = Owned<const rd_kafka_metadata_t, rd_kafka_metadata_destroy>;
using PartitionList = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;

using Property = std::pair<const char*, std::string>;

// Configuration under construction; what the user set wins over `ours`, and what the promises of
// the kit stand on cannot be set.
class Config {
 public:
    Config(const KafkaSettings& settings, std::initializer_list<Property> ours);

    rd_kafka_conf_t* get() { return conf_.get(); }
    rd_kafka_conf_t* release() { return conf_.release(); }

 private:
    Owned<rd_kafka_conf_t, rd_kafka_conf_destroy> conf_;
};

// A member of a group leaves it before this, or the group waits for its session to end: closing
// here could block.
struct FreeHandle {
    void operator()(rd_kafka_t* handle) const {
        rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
};
using Handle = std::unique_ptr<rd_kafka_t, FreeHandle>;

// Takes the configuration over.
Handle make_handle(rd_kafka_type_t type, Config config);

PartitionList make_list(int size);

// Of one topic, or of all. Waits up to 15 s for a broker, checking for signals.
Metadata fetch_metadata(rd_kafka_t* handle, const std::string& topic);
// Ids of the partitions; throws Error{missing_input} for an unknown topic.
std::vector<int> partitions_of(rd_kafka_t* handle, const std::string& topic);

// `what` failed with `code`.
Error to_error(rd_kafka_resp_err_t code, const std::string& what);
// Throws unless `code` is none.
void check(rd_kafka_resp_err_t code, const std::string& what);

}  // namespace hls::chip::kafka
