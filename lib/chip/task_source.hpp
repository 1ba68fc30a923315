// SPDX-License-Identifier: Apache-2.0
// Where tasks come from and where it is kept that they are done: a stream, a folder, Kafka.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>

#include "chip/manifest.hpp"
#include "chip/task.hpp"

namespace hls::chip {

struct TaskLine {
    std::string text;
    std::string where;         // "line 3", for messages
    bool ended = true;         // by a line end; what does not end may have been cut off
    bool may_be_plan = false;  // the plan's summary may come in place of a task
    std::int64_t ticket = 0;   // of the source
};

struct TaskAnswer {
    std::string task_id, result;  // empty where the line was no task but a plan's summary
    std::string next_attempt;     // not empty: the task as it should be tried again later
};

// Workers call next(), and answer() for every line they got, each from its thread; one more thread
// is in tend(), which returns once no worker is working.
class TaskSource {
 public:
    virtual ~TaskSource() = default;

    // Waits for a line; nullopt when there will be none. Throws Error{128 + signal} on a signal.
    virtual std::optional<TaskLine> next() = 0;

    // The line is done, as far as this worker is concerned. On return whoever counts results has
    // it.
    virtual void answer(const TaskLine&, const TaskAnswer&) {}

    // Renews leases, talks to brokers. `idle` is to be called now and then while nothing is done.
    virtual void tend(const std::function<bool()>& /*working*/,
                      const std::function<void()>& /*idle*/) {}

    // next() has no more lines from now on.
    virtual void stop() = 0;

    // Whether others may work off what is not answered here: then a task that cannot be done is
    // answered so, and is no reason to end.
    virtual bool shared() const { return false; }
};

// Lines of a file or of standard input; blank ones are left out.
std::unique_ptr<TaskSource> make_stream_source(std::istream& lines);
// Throws Error{missing_input}.
std::unique_ptr<TaskSource> make_file_source(const std::string& path);
std::unique_ptr<TaskSource> make_text_source(const std::string& text);

}  // namespace hls::chip
