// SPDX-License-Identifier: Apache-2.0
// A queue of tasks in a folder that machines share: pending/ holds a file per task, a worker claims
// one by renaming it into claimed/, and its result ends in done/. Renaming is atomic on NFS too.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "chip/task_source.hpp"

namespace hls::chip {

// Adds the tasks of a plan that the queue has not seen, whatever became of them, and keeps the
// plan's summary. Returns how many are new. Several may do so at once. Throws Error{bad_input} for
// a line that is neither, or a queue that holds another plan, {cannot_create, io_error}.
std::int64_t fill_folder_queue(const std::filesystem::path& queue, std::string_view plan);

struct QueueWork {
    std::filesystem::path queue;
    std::string worker;  // for people who look into claimed/
    // A claim that was not renewed for so long goes back: its worker is dead. Told by the clock of
    // the file server alone.
    std::chrono::seconds lease{60};
};
// Ends when nothing is pending and nobody holds a claim: a worker that waits takes over what a dead
// one leaves. Throws Error{missing_input} where there is no queue.
std::unique_ptr<TaskSource> make_folder_queue(const QueueWork& work);

}  // namespace hls::chip
