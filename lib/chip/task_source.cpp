// SPDX-License-Identifier: Apache-2.0
#include "chip/task_source.hpp"

#include <fmt/format.h>

#include <mutex>

#include "core/parse.hpp"

namespace hls::chip {
namespace {

class StreamSource : public TaskSource {
 public:
    explicit StreamSource(std::istream& lines) : lines_(lines) {}

    std::optional<TaskLine> next() override {
        const std::lock_guard lock(mutex_);
        for (TaskLine line; !stopped_ && std::getline(lines_, line.text);) {
            line.where = fmt::format("line {}", ++number_);
            line.ended = !lines_.eof();
            line.may_be_plan = number_ == 1;
            if (!trim(line.text).empty()) return line;
        }
        return std::nullopt;
    }

    void stop() override {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }

 private:
    std::mutex mutex_;
    std::istream& lines_;
    int number_ = 0;
    bool stopped_ = false;
};

}  // namespace

std::unique_ptr<TaskSource> make_stream_source(std::istream& lines) {
    return std::make_unique<StreamSource>(lines);
}

}  // namespace hls::chip
