// SPDX-License-Identifier: Apache-2.0
// A member of the group of workers: one thread talks to the brokers, whatever the workers do, so
// that a long task costs the member neither its heartbeat nor its place in the group.
#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "chip/commit_window.hpp"
#include "chip/kafka/handle.hpp"
#include "chip/kafka/producer.hpp"
#include "core/cancel.hpp"
#include "core/log.hpp"

namespace hls::chip {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kPoll_ms = 50;
constexpr milliseconds kWaitSlice{100};
// Tasks in flight may end before their partition goes to somebody else.
constexpr seconds kRevokePatience{10};
// After a signal, what is about to end may end; then the group is left.
constexpr seconds kStopPatience{2};
constexpr seconds kLeavePatience{2};
// Lines that wait here, at most: the partition is ours, so nobody else could take them.
constexpr std::size_t kHighWater = 256, kLowWater = 64;
constexpr seconds kIdlePause{2};
// Joining a group takes the brokers seconds; after this nobody will let us in.
constexpr seconds kJoinPatience{60};

class KafkaTasks : public TaskSource {
 public:
    KafkaTasks(const KafkaSettings& settings, const KafkaWork& work)
        : settings_(settings), work_(work), producer_(settings) {
        kafka::Config config(settings, {{"group.id", settings.group},
                                        {"enable.auto.commit", "false"},
                                        {"enable.auto.offset.store", "false"},
                                        {"auto.offset.reset", "earliest"},
                                        {"partition.assignment.strategy", "roundrobin"},
                                        {"session.timeout.ms", "10000"},
                                        {"heartbeat.interval.ms", "3000"},
                                        {"max.poll.interval.ms", "1800000"},
                                        {"queued.min.messages", "1"},
                                        {"fetch.message.max.bytes", "131072"},
                                        {"enable.partition.eof", "true"},
                                        {"allow.auto.create.topics", "false"}});
        rd_kafka_conf_set_opaque(config.get(), this);
        rd_kafka_conf_set_rebalance_cb(config.get(), &KafkaTasks::rebalance);
        rd_kafka_conf_set_offset_commit_cb(config.get(), &KafkaTasks::committed);
        consumer_ = kafka::make_handle(RD_KAFKA_CONSUMER, std::move(config));
        rd_kafka_poll_set_consumer(consumer_.get());
        partitions_ = kafka::partitions_of(consumer_.get(), settings.tasks_topic).size();
    }

    ~KafkaTasks() override { leave(); }

    bool shared() const override { return true; }

    std::optional<TaskLine> next() override {
        std::unique_lock lock(mutex_);
        while (waiting_.empty()) {
            if (stopped_) return std::nullopt;
            changed_.wait_for(lock, kWaitSlice);
            throw_if_cancelled();
        }
        TaskLine line = std::move(waiting_.front());
        waiting_.pop_front();
        return line;
    }

    void answer(const TaskLine& line, const TaskAnswer& answer) override {
        if (!answer.next_attempt.empty() && !work_.retry_topic.empty())
            producer_.send(work_.retry_topic, {answer.task_id, answer.next_attempt});
        if (!answer.result.empty())
            producer_.send(settings_.results_topic, {answer.task_id, answer.result});
        const std::lock_guard lock(mutex_);
        const auto message = handed_out_.find(line.ticket);
        if (message == handed_out_.end()) return;  // of a partition that is somebody else's now
        windows_[message->second.partition].finished(message->second.offset);
        handed_out_.erase(message);
        changed_.notify_all();
    }

    void stop() override {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        waiting_.clear();
        changed_.notify_all();
    }

    void tend(const std::function<bool()>& working, const std::function<void()>& idle) override {
        subscribe();
        idle_since_ = Clock::now() + kJoinPatience;
        std::optional<Clock::time_point> end;
        while (working()) {
            poll_once();
            commit();
            hold_back();
            look_idle(idle);
            if (cancel_signal() != 0 && !end) end = Clock::now() + kStopPatience;
            if (end && Clock::now() > *end) break;
        }
        leave();
    }

 private:
    struct Place {
        int partition = 0;
        std::int64_t offset = 0;
    };

    void subscribe() {
        const auto topics = kafka::make_list(2);
        rd_kafka_topic_partition_list_add(topics.get(), settings_.tasks_topic.c_str(),
                                          RD_KAFKA_PARTITION_UA);
        kafka::check(rd_kafka_subscribe(consumer_.get(), topics.get()), "subscribe");
        joined_ = true;
    }

    void poll_once() {
        const kafka::Message message(rd_kafka_consumer_poll(consumer_.get(), kPoll_ms));
        if (!message) return;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return take(*message);
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            at_end_.insert(message->partition);
            return;
        }
        if (message->err == RD_KAFKA_RESP_ERR__FATAL)
            throw Error(Exit::unavailable,
                        fmt::format("kafka: {}", rd_kafka_message_errstr(message.get())));
        const Error error = kafka::to_error(message->err, settings_.tasks_topic);
        if (error.code == Exit::permission) throw error;
        log_warning("{}", error.message);
    }

    void take(const rd_kafka_message_t& message) {
        at_end_.erase(message.partition);
        const std::lock_guard lock(mutex_);
        windows_[message.partition].given(message.offset);
        TaskLine line;
        line.text.assign(static_cast<const char*>(message.payload), message.len);
        line.where =
            fmt::format("{}[{}]@{}", settings_.tasks_topic, message.partition, message.offset);
        line.may_be_plan = true;
        line.ticket = ++tickets_;
        handed_out_[line.ticket] = {message.partition, message.offset};
        if (message.len == 0 || stopped_) {  // a tombstone is done; what comes too late is not
            if (message.len == 0) windows_[message.partition].finished(message.offset);
            handed_out_.erase(line.ticket);
            return;
        }
        waiting_.push_back(std::move(line));
        idle_since_ = Clock::now();
        changed_.notify_all();
    }

    kafka::PartitionList positions_to_commit() {
        auto list = kafka::make_list(4);
        const std::lock_guard lock(mutex_);
        for (auto& [partition, window] : windows_)
            if (const auto position = window.take_position())
                rd_kafka_topic_partition_list_add(list.get(), settings_.tasks_topic.c_str(),
                                                  partition)
                    ->offset = *position;
        return list;
    }

    // The brokers' answer comes later; a commit that is lost only costs an answer from the part
    // file of a task.
    void commit() {
        const auto list = positions_to_commit();
        if (list->cnt == 0) return;
        const auto code = rd_kafka_commit(consumer_.get(), list.get(), 1);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) log_commit(code);
    }

    // Before partitions go the answer is waited for, though not for ever.
    void commit_and_wait() {
        const auto list = positions_to_commit();
        if (list->cnt == 0) return;
        const kafka::Queue queue(rd_kafka_queue_new(consumer_.get()));
        const auto code =
            rd_kafka_commit_queue(consumer_.get(), list.get(), queue.get(), nullptr, nullptr);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return log_commit(code);
        const auto patience = std::chrono::duration_cast<milliseconds>(kLeavePatience).count();
        const kafka::Event event(rd_kafka_queue_poll(queue.get(), static_cast<int>(patience)));
        if (!event)
            log_commit(RD_KAFKA_RESP_ERR__TIMED_OUT);
        else if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
            log_commit(rd_kafka_event_error(event.get()));
    }

    static void log_commit(rd_kafka_resp_err_t code) {
        log_info("kafka: commit: {}", rd_kafka_err2str(code));
    }

    static void committed(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t*,
                          void*) {
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR__NO_OFFSET)
            log_commit(code);
    }

    void hold_back() {
        std::size_t waiting = 0;
        {
            const std::lock_guard lock(mutex_);
            waiting = waiting_.size();
        }
        const bool full = waiting >= (paused_ ? kLowWater : kHighWater);
        if (full == paused_) return;
        rd_kafka_topic_partition_list_t* assigned = nullptr;
        if (rd_kafka_assignment(consumer_.get(), &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
        const kafka::PartitionList list(assigned);
        if (full)
            rd_kafka_pause_partitions(consumer_.get(), list.get());
        else
            rd_kafka_resume_partitions(consumer_.get(), list.get());
        paused_ = full;
    }

    void look_idle(const std::function<void()>& idle) {
        bool nothing = false;
        {
            const std::lock_guard lock(mutex_);
            nothing = handed_out_.empty();
        }
        if (!nothing) idle_since_ = Clock::now();
        const auto since = Clock::now() - idle_since_;
        if (since > kIdlePause) idle();
        // A slow broker is not an empty topic: all partitions were read to their end.
        const bool all_read = at_end_.size() >= assigned_.size();
        if (work_.idle_exit.count() > 0 && since > work_.idle_exit && all_read) stop();
    }

    static void rebalance(rd_kafka_t*, rd_kafka_resp_err_t code,
                          rd_kafka_topic_partition_list_t* partitions, void* self) {
        auto& tasks = *static_cast<KafkaTasks*>(self);
        if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
            tasks.assign(partitions);
        else
            tasks.revoke(partitions);
    }

    bool is_cooperative() const {
        const char* protocol = rd_kafka_rebalance_protocol(consumer_.get());
        return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
    }

    void assign(rd_kafka_topic_partition_list_t* partitions) {
        idle_since_ = Clock::now();
        for (int i = 0; i < partitions->cnt; ++i) assigned_.insert(partitions->elems[i].partition);
        paused_ = false;  // partitions start running; hold_back() sees to the rest
        log_info("kafka: {} of {} partitions assigned", partitions->cnt, partitions_);
        if (partitions->cnt == 0 && !is_cooperative())
            log_warning("kafka: no partition of {} for this worker: there are {}, and more workers",
                        settings_.tasks_topic, partitions_);
        if (is_cooperative())
            report(rd_kafka_incremental_assign(consumer_.get(), partitions));
        else
            rd_kafka_assign(consumer_.get(), partitions);
    }

    void revoke(rd_kafka_topic_partition_list_t* partitions) {
        idle_since_ = Clock::now();
        std::set<int> gone;
        for (int i = 0; i < partitions->cnt; ++i) gone.insert(partitions->elems[i].partition);
        for (const int partition : gone) {
            assigned_.erase(partition);
            at_end_.erase(partition);
        }
        const bool lost = rd_kafka_assignment_lost(consumer_.get()) != 0;
        log_info("kafka: {} partitions {}", gone.size(), lost ? "lost" : "revoked");
        drop_waiting(gone);
        if (!lost) {
            wait_for_flights(gone);
            commit_and_wait();
        }
        {
            const std::lock_guard lock(mutex_);
            for (const int partition : gone) windows_.erase(partition);
            std::erase_if(handed_out_, [&](const auto& message) {
                return gone.contains(message.second.partition);
            });
        }
        if (is_cooperative())
            report(rd_kafka_incremental_unassign(consumer_.get(), partitions));
        else
            rd_kafka_assign(consumer_.get(), nullptr);
    }

    static void report(rd_kafka_error_t* error) {
        if (error == nullptr) return;
        log_warning("kafka: {}", rd_kafka_error_string(error));
        rd_kafka_error_destroy(error);
    }

    void drop_waiting(const std::set<int>& gone) {
        const std::lock_guard lock(mutex_);
        std::erase_if(waiting_, [&](const TaskLine& line) {
            const auto message = handed_out_.find(line.ticket);
            const bool drop =
                message == handed_out_.end() || gone.contains(message->second.partition);
            if (drop) handed_out_.erase(line.ticket);
            return drop;
        });
    }

    void wait_for_flights(const std::set<int>& gone) {
        const auto deadline = Clock::now() + kRevokePatience;
        std::unique_lock lock(mutex_);
        const auto in_flight = [&] {
            return std::ranges::any_of(handed_out_, [&](const auto& message) {
                return gone.contains(message.second.partition);
            });
        };
        while (in_flight() && !leaving_ && cancel_signal() == 0 && Clock::now() < deadline)
            changed_.wait_for(lock, kWaitSlice);
    }

    // Commits, and tells the group, which then need not wait for the session to end. Brokers that
    // do not answer do not keep us.
    void leave() {
        if (!joined_) return;
        joined_ = false;
        leaving_ = true;
        stop();
        commit_and_wait();
        const auto deadline = Clock::now() + kLeavePatience;
        const kafka::Queue queue(rd_kafka_queue_new(consumer_.get()));
        report(rd_kafka_consumer_close_queue(consumer_.get(), queue.get()));
        // Taken as events: among callbacks a message that was still on its way would have no taker.
        while (rd_kafka_consumer_closed(consumer_.get()) == 0 && Clock::now() < deadline) {
            const kafka::Event event(rd_kafka_queue_poll(queue.get(), kPoll_ms));
            if (event != nullptr && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE)
                rebalance(consumer_.get(), rd_kafka_event_error(event.get()),
                          rd_kafka_event_topic_partition_list(event.get()), this);
        }
    }

    const KafkaSettings settings_;
    const KafkaWork work_;
    std::size_t partitions_ = 0;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<TaskLine> waiting_;
    std::map<std::int64_t, Place> handed_out_;  // by ticket; waiting or in flight
    std::map<int, CommitWindow> windows_;       // by partition
    std::int64_t tickets_ = 0;
    bool stopped_ = false;

    // Of the thread that tends.
    bool joined_ = false, leaving_ = false, paused_ = false;
    std::set<int> assigned_, at_end_;  // partitions
    Clock::time_point idle_since_{};

    kafka::Producer producer_;
    kafka::Handle consumer_;
};

}  // namespace

std::unique_ptr<TaskSource> make_kafka_source(const KafkaSettings& settings,
                                              const KafkaWork& work) {
    return std::make_unique<KafkaTasks>(settings, work);
}

}  // namespace hls::chip
