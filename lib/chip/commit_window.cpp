// SPDX-License-Identifier: Apache-2.0
#include "chip/commit_window.hpp"

namespace hls::chip {

void CommitWindow::given(std::int64_t offset) {
    if (position_ && offset < *position_) return;
    if (done_.emplace(offset, false).second) ++unfinished_;
}

void CommitWindow::finished(std::int64_t offset) {
    const auto found = done_.find(offset);
    if (found == done_.end() || found->second) return;
    found->second = true;
    --unfinished_;
    while (!done_.empty() && done_.begin()->second) {
        position_ = done_.begin()->first + 1;
        moved_ = true;
        done_.erase(done_.begin());
    }
}

std::optional<std::int64_t> CommitWindow::take_position() {
    if (!moved_) return std::nullopt;
    moved_ = false;
    return position_;
}

}  // namespace hls::chip
