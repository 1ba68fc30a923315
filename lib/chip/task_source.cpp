// SPDX-License-Identifier: Apache-2.0
#include "chip/task_source.hpp"

#include <fmt/format.h>

#include <fstream>
#include <mutex>
#include <sstream>
#include <utility>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::chip {
namespace {

class StreamSource : public TaskSource {
 public:
    explicit StreamSource(std::istream& lines) : lines_(lines) {}
    explicit StreamSource(std::unique_ptr<std::istream> lines)
        : owned_(std::move(lines)), lines_(*owned_) {}

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
    std::unique_ptr<std::istream> owned_;
    std::istream& lines_;
    int number_ = 0;
    bool stopped_ = false;
};

}  // namespace

std::unique_ptr<TaskSource> make_stream_source(std::istream& lines) {
    return std::make_unique<StreamSource>(lines);
}

std::unique_ptr<TaskSource> make_file_source(const std::string& path) {
    auto file = std::make_unique<std::ifstream>(path);
    if (!*file) throw Error{Exit::missing_input, fmt::format("cannot read {}", path)};
    return std::make_unique<StreamSource>(std::move(file));
}

std::unique_ptr<TaskSource> make_text_source(const std::string& text) {
    return std::make_unique<StreamSource>(std::make_unique<std::istringstream>(text));
}

}  // namespace hls::chip
